import { describe, expect, test } from 'vitest';
import { GlueCompressor } from '../../../src/lib/voices/worklets/glueCompressor';
import { HalfbandDecimator } from '../../../src/lib/voices/worklets/halfbandDecimator';
import { RoomReverb } from '../../../src/lib/voices/worklets/roomReverb';
import type { StereoEffect } from '../../../src/lib/voices/worklets/stereoProcessor';
import { SAMPLE_RATE } from './machine';
import { peak, rms } from './spectrum';

const BLOCK = 128;

function run(
	effect: StereoEffect,
	input: Float32Array,
	seconds: number
): { left: Float32Array; right: Float32Array } {
	const length = Math.ceil((seconds * SAMPLE_RATE) / BLOCK) * BLOCK;
	const left = new Float32Array(length);
	const right = new Float32Array(length);
	for (let start = 0; start < length; start += BLOCK) {
		const block = new Float32Array(BLOCK);
		block.set(input.subarray(start, start + BLOCK));
		effect.process(
			block,
			block,
			left.subarray(start, start + BLOCK),
			right.subarray(start, start + BLOCK),
			start
		);
	}
	return { left, right };
}

function tone(hz: number, level: number, seconds: number): Float32Array {
	return Float32Array.from(
		{ length: seconds * SAMPLE_RATE },
		(_, i) => level * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)
	);
}

function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

describe('the reverb', () => {
	const burst = tone(800, 0.5, 0.02);

	test('dies away by 60 dB in 1.4 to 2.2 seconds', () => {
		const { left } = run(new RoomReverb(SAMPLE_RATE), burst, 3);
		const levelAt = (seconds: number): number =>
			20 * Math.log10(rms(left, frames(seconds), frames(seconds + 0.2)));
		const decay = (60 * 1) / (levelAt(0.3) - levelAt(1.3));
		expect(decay).toBeGreaterThan(1.4);
		expect(decay).toBeLessThan(2.2);
	});

	test('sounds different on the two sides', () => {
		const { left, right } = run(new RoomReverb(SAMPLE_RATE), burst, 1);
		let both = 0;
		left.forEach((sample, i) => (both += sample * right[i]!));
		const correlation =
			both / (left.length * rms(left, 0, left.length) * rms(right, 0, left.length));
		expect(Math.abs(correlation)).toBeLessThan(0.4);
	});

	test('ends in exact silence, so that no denormal number slows it down', () => {
		const { left } = run(new RoomReverb(SAMPLE_RATE), burst, 8);
		expect(peak(left, frames(7))).toBe(0);
	});

	test('is empty from the frame at which it is cleared', () => {
		const reverb = new RoomReverb(SAMPLE_RATE);
		reverb.receive({ clearAt: frames(0.5) });
		const { left } = run(reverb, burst, 1);
		expect(peak(left, frames(0.4), frames(0.5))).toBeGreaterThan(1e-4);
		expect(peak(left, frames(0.5) + 1)).toBe(0);
	});

	test('recovers from input that is not a number', () => {
		const reverb = new RoomReverb(SAMPLE_RATE);
		run(reverb, Float32Array.of(NaN, Infinity), 0.1);
		const { left } = run(reverb, burst, 0.5);
		expect(Number.isFinite(rms(left, 0, left.length))).toBe(true);
		expect(peak(left)).toBeGreaterThan(0.001);
	});
});

describe('the glue compressor', () => {
	const gainOf = (level: number): number => {
		const { left } = run(new GlueCompressor(SAMPLE_RATE), tone(1000, level, 1), 1);
		return 20 * Math.log10(peak(left, frames(0.8)) / level);
	};

	test('leaves quiet music alone but for its make-up gain', () => {
		expect(Math.abs(gainOf(0.02) - gainOf(0.05))).toBeLessThan(0.1);
	});

	test('takes half of what lies above the threshold', () => {
		expect(gainOf(0.5) - gainOf(1)).toBeGreaterThan(2.5);
		expect(gainOf(0.5) - gainOf(1)).toBeLessThan(3.5);
	});

	test('does not pump on the sub-bass of the kick', () => {
		const { left } = run(new GlueCompressor(SAMPLE_RATE), tone(45, 0.5, 1), 1);
		const bass = 20 * Math.log10(peak(left, frames(0.8)) / 0.5);
		expect(bass - gainOf(0.5)).toBeGreaterThan(1.5);
	});
});

describe('the halfband decimator', () => {
	const gainAt = (hz: number): number => {
		const decimator = new HalfbandDecimator();
		let highest = 0;
		for (let i = 0; i < 4000; i += 2) {
			const at = (n: number): number => Math.sin((2 * Math.PI * hz * n) / (2 * SAMPLE_RATE));
			const out = Math.abs(decimator.process(at(i), at(i + 1)));
			if (i > 200) highest = Math.max(highest, out);
		}
		return 20 * Math.log10(highest);
	};

	test('passes the audible band', () => {
		for (const hz of [100, 1000, 10_000, 17_000]) expect(Math.abs(gainAt(hz))).toBeLessThan(0.1);
	});

	test('holds back what would fold into it', () => {
		for (const hz of [30_500, 35_000, 45_000]) expect(gainAt(hz)).toBeLessThan(-60);
	});
});
