import { describe, expect, test } from 'vitest';
import type { Loudness } from '../../../src/lib/instrumentHandle';
import { LoudnessMeter } from '../../../src/lib/voices/worklets/loudnessMeter';
import { SAMPLE_RATE } from './machine';

/** Feeds stretches of a stereo sine of 1 kHz, each [level in dBFS, seconds]. */
function measure(stretches: readonly (readonly [number, number])[], meter = newMeter()): Loudness {
	const block = new Float32Array(128);
	let phase = 0;
	for (const [decibels, seconds] of stretches) {
		const amplitude = Math.pow(10, decibels / 20);
		for (let n = 0; n < (seconds * SAMPLE_RATE) / 128; n++) {
			for (let i = 0; i < 128; i++) {
				block[i] = amplitude * Math.sin(phase);
				phase += (2 * Math.PI * 1000) / SAMPLE_RATE;
			}
			meter.process(block, block);
		}
	}
	return meter.read();
}

function newMeter(sampleRate = SAMPLE_RATE): LoudnessMeter {
	return new LoudnessMeter(sampleRate);
}

/** The signals of EBU Tech 3341, tolerance 0.1 LU. */
describe('loudness by the signals of EBU Tech 3341', () => {
	test('1: a sine of -23 dBFS is -23 LUFS in all three readings', () => {
		const { momentary, shortTerm, integrated } = measure([[-23, 20]]);
		for (const reading of [momentary, shortTerm, integrated])
			expect(Math.abs(reading + 23)).toBeLessThan(0.1);
	});

	test('2: a sine of -33 dBFS is -33 LUFS', () => {
		expect(Math.abs(measure([[-33, 20]]).integrated + 33)).toBeLessThan(0.1);
	});

	test('3: quiet beginnings and ends are gated out', () => {
		const { integrated } = measure([
			[-36, 10],
			[-23, 60],
			[-36, 10]
		]);
		expect(Math.abs(integrated + 23)).toBeLessThan(0.1);
	});

	test('4: near silence is gated out as well', () => {
		const { integrated } = measure([
			[-72, 10],
			[-36, 10],
			[-23, 60],
			[-36, 10],
			[-72, 10]
		]);
		expect(Math.abs(integrated + 23)).toBeLessThan(0.1);
	});

	test('5: levels within the gate are averaged by their power', () => {
		const { integrated } = measure([
			[-26, 20],
			[-20, 20.1],
			[-26, 20]
		]);
		expect(Math.abs(integrated + 23)).toBeLessThan(0.1);
	});
});

test('the true peak lies between the samples', () => {
	const meter = newMeter();
	const block = new Float32Array(128);
	// a quarter of the sample rate, 45 degrees off: its samples never exceed 0.707 of its amplitude
	for (let n = 0; n < 100; n++) {
		for (let i = 0; i < 128; i++) block[i] = Math.sin((Math.PI / 2) * i + Math.PI / 4) * 0.5;
		meter.process(block, block);
	}
	expect(Math.abs(meter.read().truePeak - 20 * Math.log10(0.5))).toBeLessThan(0.4);
});

test('silence has no loudness, and a broken sample does not break the meter', () => {
	const meter = newMeter();
	expect(measure([[-Infinity, 5]], meter)).toEqual({
		momentary: -Infinity,
		shortTerm: -Infinity,
		integrated: -Infinity,
		truePeak: -Infinity
	});
	meter.process(new Float32Array(128).fill(NaN), new Float32Array(128));
	expect(Math.abs(measure([[-23, 8]], meter).shortTerm + 23)).toBeLessThan(0.1);
});

test('a reset begins a new set', () => {
	const meter = newMeter();
	measure([[-10, 5]], meter);
	meter.reset();
	const { integrated, truePeak } = measure([[-30, 5]], meter);
	expect(Math.abs(integrated + 30)).toBeLessThan(0.1);
	expect(Math.abs(truePeak + 30)).toBeLessThan(0.1);
});
