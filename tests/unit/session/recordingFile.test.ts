import { describe, expect, test } from 'vitest';
import {
	DiskFullError,
	RecordingFile,
	type SyncFile
} from '../../../src/lib/session/recordingFile';
import { BYTES_PER_FRAME, framesIn, WAV_HEADER_BYTES } from '../../../src/lib/session/wavFile';

/** A file in memory; `safe` is what a crash leaves: the state of the last flush. */
class MemoryFile implements SyncFile {
	bytes = new Uint8Array(0);
	safe = new Uint8Array(0);
	closed = false;
	constructor(readonly capacity = Infinity) {}

	write(bytes: Uint8Array, { at }: { at: number }): number {
		const length = Math.max(0, Math.min(bytes.length, this.capacity - at));
		if (at + length > this.bytes.length) {
			const grown = new Uint8Array(at + length);
			grown.set(this.bytes);
			this.bytes = grown;
		}
		this.bytes.set(bytes.subarray(0, length), at);
		return length;
	}
	truncate(bytes: number): void {
		this.bytes = this.bytes.slice(0, bytes);
	}
	flush(): void {
		this.safe = this.bytes.slice();
	}
	close(): void {
		this.closed = true;
	}
}

const RATE = 48_000;

function dataBytes(file: Uint8Array): number {
	return new DataView(file.buffer).getUint32(40, true);
}

describe('a recording on its way to disk', () => {
	test('loses half a second at most when the page dies, and leaves a whole file', () => {
		const sound = new MemoryFile();
		const recording = new RecordingFile(sound, new MemoryFile(), RATE);
		const block = new Float32Array(2048).fill(0.5);
		for (let n = 1; n <= 100; n++) {
			recording.addSound(block, block);
			const lost = recording.frames - framesIn(sound.safe.length);
			expect(lost / RATE).toBeLessThanOrEqual(0.5);
			expect(dataBytes(sound.safe)).toBe(framesIn(sound.safe.length) * BYTES_PER_FRAME);
		}
		expect(recording.frames).toBe(100 * 2048);
	});

	test('says when what it holds is safe', () => {
		const recording = new RecordingFile(new MemoryFile(), new MemoryFile(), RATE);
		const block = new Float32Array(12_000);
		expect([1, 2, 3, 4].map(() => recording.addSound(block, block))).toEqual([
			false,
			true,
			false,
			true
		]);
	});

	test('is whole when it is closed, notes included', () => {
		const [sound, notes] = [new MemoryFile(), new MemoryFile()];
		const recording = new RecordingFile(sound, notes, RATE);
		recording.addSound(new Float32Array(100), new Float32Array(100));
		recording.addNotes('eins\n');
		recording.addNotes('zwei – ü\n');
		recording.close();
		expect(sound.safe).toHaveLength(WAV_HEADER_BYTES + 100 * BYTES_PER_FRAME);
		expect(new TextDecoder().decode(notes.safe)).toBe('eins\nzwei – ü\n');
		expect(sound.closed && notes.closed).toBe(true);
	});

	test('says in words that the disk is full, and keeps what it has', () => {
		const sound = new MemoryFile(WAV_HEADER_BYTES + 150 * BYTES_PER_FRAME);
		const recording = new RecordingFile(sound, new MemoryFile(), RATE);
		const block = new Float32Array(100);
		recording.addSound(block, block);
		expect(() => recording.addSound(block, block)).toThrow(DiskFullError);
		recording.close();
		expect(dataBytes(sound.safe)).toBe(100 * BYTES_PER_FRAME);
	});
});
