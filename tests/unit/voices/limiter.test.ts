import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InterSamplePeak } from '../../../src/lib/voices/worklets/interSamplePeak';
import { Limiter } from '../../../src/lib/voices/worklets/limiter';
import { SAMPLE_RATE } from './machine';
import { peak } from './spectrum';

const CEILING = Math.pow(10, -1 / 20);
const BLOCK = 128;

function limit(left: Float32Array, right = left): [Float32Array, Float32Array] {
	const limiter = new Limiter(SAMPLE_RATE);
	const out: [Float32Array, Float32Array] = [
		new Float32Array(left.length),
		new Float32Array(left.length)
	];
	for (let start = 0; start < left.length; start += BLOCK) {
		const part = (samples: Float32Array): Float32Array => samples.subarray(start, start + BLOCK);
		limiter.process(part(left), part(right), part(out[0]), part(out[1]));
	}
	return out;
}

function sine(hz: number, level: number, seconds: number, phase = 0): Float32Array {
	return Float32Array.from(
		{ length: Math.round(seconds * SAMPLE_RATE) },
		(_, i) => level * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE + phase)
	);
}

describe('the limiter', () => {
	test('passes what is below the ceiling untouched, late by its latency', () => {
		const signal = sine(440, 0.5, 0.2);
		const [out] = limit(signal);
		const { latencyFrames } = new Limiter(SAMPLE_RATE);
		expect(latencyFrames / SAMPLE_RATE).toBeGreaterThan(0.002);
		const expected = signal.subarray(0, signal.length - latencyFrames);
		out.subarray(latencyFrames).forEach((sample, i) => {
			expect(Math.abs(sample - expected[i]!)).toBeLessThan(1e-6);
		});
	});

	test('lets no sample of any signal above the ceiling', () => {
		const sample = fc.oneof(
			fc.double({ min: -4, max: 4, noNaN: true }),
			fc.constantFrom(0, 1, -1, 100, -100, NaN, Infinity, -Infinity, 1e-40)
		);
		fc.assert(
			fc.property(fc.array(sample, { minLength: 3, maxLength: 40 }), (pattern) => {
				const signal = Float32Array.from({ length: 4096 }, (_, i) =>
					i % 700 < 350 ? pattern[i % pattern.length]! : 0
				);
				const [left, right] = limit(signal, signal.slice().reverse());
				for (const out of [left, right])
					for (const value of out) if (!(Math.abs(value) <= CEILING)) return false;
				return true;
			}),
			{ numRuns: 60 }
		);
	});

	test('holds the ceiling between the samples too, within 0.2 dB', () => {
		const torture = sine(SAMPLE_RATE / 4, 1.4, 0.3, Math.PI / 4);
		const [out] = limit(torture);
		const meter = new InterSamplePeak();
		let highest = 0;
		for (const sample of out) highest = Math.max(highest, meter.process(sample));
		expect(20 * Math.log10(highest)).toBeLessThan(-0.8);
	});

	test('turns both sides down together', () => {
		const loud = sine(300, 2, 0.2);
		const soft = sine(300, 0.1, 0.2);
		const [left, right] = limit(loud, soft);
		const ratio = peak(left, 4800) / peak(right, 4800);
		expect(ratio).toBeGreaterThan(19);
		expect(ratio).toBeLessThan(21);
	});

	test('lets go again after a peak', () => {
		const signal = sine(440, 0.5, 1);
		signal.fill(3, 1000, 1010);
		const [out] = limit(signal);
		expect(peak(out, 2000, 3000)).toBeLessThan(0.4);
		expect(peak(out, SAMPLE_RATE - 4800)).toBeGreaterThan(0.495);
	});
});
