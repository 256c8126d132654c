/** WAV files of 24-bit stereo, written while the sound goes on: the header is renewed as the file grows. Pure. */

export const WAV_HEADER_BYTES = 44;
export const BYTES_PER_FRAME = 6;

/** The sizes in a header have 32 bits: four hours at 48 kHz. */
export const MOST_FRAMES = Math.floor((0xffffffff - WAV_HEADER_BYTES) / BYTES_PER_FRAME);

const PCM = 1;
const CHANNELS = 2;
const BITS = 24;
const FULL_SCALE = 0x7fffff;

/** The header of a file that holds `frames` frames by now. */
export function wavHeader(frames: number, sampleRate: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(WAV_HEADER_BYTES);
	const view = new DataView(bytes.buffer);
	const text = (at: number, word: string): void => {
		for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i));
	};
	const dataBytes = Math.min(frames, MOST_FRAMES) * BYTES_PER_FRAME;
	text(0, 'RIFF');
	view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
	text(8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, PCM, true);
	view.setUint16(22, CHANNELS, true);
	view.setUint32(24, sampleRate, true);
	view.setUint32(28, sampleRate * BYTES_PER_FRAME, true);
	view.setUint16(32, BYTES_PER_FRAME, true);
	view.setUint16(34, BITS, true);
	text(36, 'data');
	view.setUint32(40, dataBytes, true);
	return bytes;
}

/** Samples -1..1 of both sides as 24-bit little-endian frames; louder ones are clipped, what is no number is 0. */
export function encodeFrames(left: Float32Array, right: Float32Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(left.length * BYTES_PER_FRAME);
	let at = 0;
	const put = (sample: number): void => {
		const value = Math.round(Math.max(-1, Math.min(1, sample || 0)) * FULL_SCALE);
		bytes[at++] = value & 0xff;
		bytes[at++] = (value >> 8) & 0xff;
		bytes[at++] = (value >> 16) & 0xff;
	};
	for (let i = 0; i < left.length; i++) {
		put(left[i]!);
		put(right[i]!);
	}
	return bytes;
}

/** Frames in a WAV file of `bytes`, whatever its header says: a file that was cut off has an older one. */
export function framesIn(bytes: number): number {
	return Math.max(0, Math.floor((bytes - WAV_HEADER_BYTES) / BYTES_PER_FRAME));
}
