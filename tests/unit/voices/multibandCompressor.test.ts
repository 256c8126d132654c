import { describe, expect, test } from 'vitest';
import { BandSplit } from '../../../src/lib/voices/worklets/bandSplit';
import {
	CURVES,
	MultibandCompressor,
	SPLITS_HZ
} from '../../../src/lib/voices/worklets/multibandCompressor';
import { SAMPLE_RATE } from './machine';
import { rms } from './spectrum';

/** Soft enough to lie below every knee, dB. */
const SOFT_DB = -40;
const SECONDS = 0.6;

function decibels(ratio: number): number {
	return 20 * Math.log10(ratio);
}

function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

function tones(...parts: { hz: number; db: number }[]): Float32Array {
	return Float32Array.from({ length: frames(SECONDS) }, (_, i) =>
		parts.reduce(
			(sum, { hz, db }) => sum + 10 ** (db / 20) * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE),
			0
		)
	);
}

function compressed(left: Float32Array, right = left): { left: Float32Array; right: Float32Array } {
	const out = { left: new Float32Array(left.length), right: new Float32Array(left.length) };
	new MultibandCompressor(SAMPLE_RATE).process(left, right, out.left, out.right);
	return out;
}

/** Level of the component at `hz` in the last third, where everything has settled, dB. */
function levelAt(samples: Float32Array, hz: number): number {
	const start = Math.round((samples.length * 2) / 3);
	const periods = Math.floor(((samples.length - start) * hz) / SAMPLE_RATE);
	const end = start + Math.round((periods * SAMPLE_RATE) / hz);
	let re = 0;
	let im = 0;
	for (let i = start; i < end; i++) {
		re += samples[i]! * Math.cos((2 * Math.PI * hz * i) / SAMPLE_RATE);
		im += samples[i]! * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE);
	}
	return decibels((2 * Math.hypot(re, im)) / (end - start));
}

describe('the split into bands', () => {
	test.each([20, 60, 120, 200, 500, 1200, 2500, 5000, 12_000, 18_000])(
		'gives %d Hz back at its level when the bands are added',
		(hz) => {
			const split = new BandSplit(SPLITS_HZ, SAMPLE_RATE);
			const sum = tones({ hz, db: 0 }).map((sample) => {
				split.run(sample);
				return split.low + split.mid + split.high;
			});
			expect(Math.abs(levelAt(sum, hz))).toBeLessThan(0.05);
		}
	);

	test.each([
		{ band: 'low', inside: 40, outside: 480 },
		{ band: 'mid', inside: 550, outside: 30 },
		{ band: 'mid', inside: 550, outside: 10_000 },
		{ band: 'high', inside: 9000, outside: 625 }
	] as const)('keeps $outside Hz out of the $band band, two octaves away', (row) => {
		const level = (hz: number): number => {
			const split = new BandSplit(SPLITS_HZ, SAMPLE_RATE);
			const samples = tones({ hz, db: 0 }).map((sample) => {
				split.run(sample);
				return split[row.band];
			});
			return levelAt(samples, hz);
		};
		expect(level(row.inside)).toBeGreaterThan(-0.5);
		expect(level(row.outside)).toBeLessThan(-45);
	});

	test('sounds again after a sample that is not a number', () => {
		const split = new BandSplit(SPLITS_HZ, SAMPLE_RATE);
		split.run(NaN);
		split.run(Infinity);
		const samples = tones({ hz: 550, db: 0 }).map((sample) => {
			split.run(sample);
			return split.mid;
		});
		expect(levelAt(samples, 550)).toBeGreaterThan(-0.5);
	});
});

describe('the multiband compressor', () => {
	test.each([50, 500, 8000])('passes a soft tone of %d Hz unchanged', (hz) => {
		const { left } = compressed(tones({ hz, db: SOFT_DB }));
		expect(Math.abs(levelAt(left, hz) - SOFT_DB)).toBeLessThan(0.1);
	});

	test.each([
		{ hz: 50, curve: CURVES[0] },
		{ hz: 550, curve: CURVES[1] },
		{ hz: 9000, curve: CURVES[2] }
	])('presses a loud tone of $hz Hz by the ratio of its band', ({ hz, curve }) => {
		const loud = -4;
		const { left } = compressed(tones({ hz, db: loud }));
		const expected = curve.thresholdDb + (loud - curve.thresholdDb) / curve.ratio + curve.makeupDb;
		expect(Math.abs(levelAt(left, hz) - expected)).toBeLessThan(0.8);
	});

	test('takes nothing from the hats when a bass is loud', () => {
		const { left } = compressed(tones({ hz: 50, db: -3 }, { hz: 9000, db: SOFT_DB }));
		expect(levelAt(left, 50)).toBeLessThan(-8);
		expect(Math.abs(levelAt(left, 9000) - SOFT_DB)).toBeLessThan(0.2);
	});

	test('presses both sides alike, so that the picture stays where it is', () => {
		const { left, right } = compressed(tones({ hz: 550, db: -4 }), tones({ hz: 550, db: -16 }));
		expect(Math.abs(levelAt(left, 550) - levelAt(right, 550) - 12)).toBeLessThan(0.05);
	});

	test('gives the level back after a loud moment within half a second', () => {
		const input = tones({ hz: 550, db: -30 });
		for (let i = 0; i < frames(0.1); i++) input[i]! *= 20;
		const { left } = compressed(input);
		const early = rms(left, frames(0.11), frames(0.13));
		const late = rms(left, frames(0.55), frames(0.6));
		expect(decibels(late / early)).toBeGreaterThan(1);
		expect(Math.abs(levelAt(left, 550) + 30)).toBeLessThan(0.3);
	});

	test('stays finite whatever comes in', () => {
		const input = tones({ hz: 550, db: 40 });
		input[500] = NaN;
		input[900] = Infinity;
		const { left, right } = compressed(input);
		expect(left.every(Number.isFinite) && right.every(Number.isFinite)).toBe(true);
	});
});
