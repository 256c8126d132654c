import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	BYTES_PER_FRAME,
	encodeFrames,
	framesIn,
	MOST_FRAMES,
	WAV_HEADER_BYTES,
	wavHeader
} from '../../../src/lib/session/wavFile';

/** Reads 24-bit frames back as samples, left and right in turn. */
function decode(bytes: Uint8Array): number[] {
	return Array.from({ length: bytes.length / 3 }, (_, i) => {
		const raw = bytes[3 * i]! | (bytes[3 * i + 1]! << 8) | (bytes[3 * i + 2]! << 16);
		return ((raw << 8) >> 8) / 0x7fffff;
	});
}

describe('a WAV file of 24 bits', () => {
	test('says in its header what follows', () => {
		const view = new DataView(wavHeader(48_000, 48_000).buffer);
		const text = (at: number): string =>
			String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
		expect([text(0), text(8), text(12), text(36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data']);
		expect(view.getUint32(4, true)).toBe(36 + 48_000 * 6);
		expect(view.getUint16(20, true)).toBe(1);
		expect(view.getUint16(22, true)).toBe(2);
		expect(view.getUint32(24, true)).toBe(48_000);
		expect(view.getUint32(28, true)).toBe(48_000 * 6);
		expect(view.getUint16(32, true)).toBe(6);
		expect(view.getUint16(34, true)).toBe(24);
		expect(view.getUint32(40, true)).toBe(48_000 * 6);
	});

	test('keeps every sample to half a step of 24 bits', () => {
		const sample = fc.float({ min: -1, max: 1, noNaN: true });
		fc.assert(
			fc.property(fc.array(fc.tuple(sample, sample), { maxLength: 50 }), (frames) => {
				const left = Float32Array.from(frames, ([l]) => l);
				const right = Float32Array.from(frames, ([, r]) => r);
				const read = decode(encodeFrames(left, right));
				frames.forEach((_, i) => {
					expect(Math.abs(read[2 * i]! - left[i]!)).toBeLessThan(0.51 / 0x7fffff);
					expect(Math.abs(read[2 * i + 1]! - right[i]!)).toBeLessThan(0.51 / 0x7fffff);
				});
			})
		);
	});

	test('clips what is too loud, and is silent where there is no number', () => {
		const samples = Float32Array.of(2, -3, NaN, Infinity);
		expect(decode(encodeFrames(samples, samples))).toEqual([1, 1, -1, -1, 0, 0, 1, 1]);
	});

	test('tells its frames from its size, cut off or not', () => {
		expect(framesIn(WAV_HEADER_BYTES + 7 * BYTES_PER_FRAME)).toBe(7);
		expect(framesIn(WAV_HEADER_BYTES + 7 * BYTES_PER_FRAME + 5)).toBe(7);
		expect(framesIn(10)).toBe(0);
	});

	test('ends where its sizes end', () => {
		const view = new DataView(wavHeader(MOST_FRAMES + 100, 48_000).buffer);
		expect(view.getUint32(40, true)).toBe(MOST_FRAMES * BYTES_PER_FRAME);
		expect(view.getUint32(4, true)).toBeGreaterThan(view.getUint32(40, true));
	});
});
