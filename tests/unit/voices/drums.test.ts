import { describe, expect, test } from 'vitest';
import { DRUM_PIECES } from '../../../src/lib/music/vocabulary';
import { PIECES } from '../../../src/lib/voices/drums/pieces';
import type { DrumSettings } from '../../../src/lib/voices/drums/sound';
import { SAMPLE_RATE } from './machine';
import { frequencyNear, peak, rms, spectralCentroid } from './spectrum';

const SETTINGS: DrumSettings = {
	sampleRate: SAMPLE_RATE,
	velocity: 1,
	tune: 0,
	decaySeconds: 0.28,
	snap: 0.5,
	hatDecay: 1
};

function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

/** Seconds in which 90 % of the energy has passed. */
function duration(samples: Float32Array): number {
	const total = samples.reduce((sum, sample) => sum + sample * sample, 0);
	let energy = 0;
	return samples.findIndex((sample) => (energy += sample * sample) > 0.9 * total) / SAMPLE_RATE;
}

describe.each(DRUM_PIECES)('the $name', ({ name }) => {
	const { render } = PIECES[name];
	const loud = render(SETTINGS);

	test('sounds, stays below full scale and ends at zero', () => {
		expect(peak(loud)).toBeGreaterThan(0.5);
		expect(peak(loud)).toBeLessThan(1);
		expect(loud.at(-1)).toBeCloseTo(0, 6);
		expect(rms(loud, 0, Math.min(loud.length, 4800))).toBeGreaterThan(0.01);
	});

	test('is the same on every render', () => {
		const again = render(SETTINGS);
		expect(again.every((sample, i) => sample === loud[i])).toBe(true);
	});

	test('is brighter when it is hit harder', () => {
		const soft = render({ ...SETTINGS, velocity: 0.25 });
		const centroid = (samples: Float32Array): number =>
			spectralCentroid(samples, 0, 16_384, SAMPLE_RATE, false);
		expect(centroid(loud)).toBeGreaterThan(1.02 * centroid(soft));
	});
});

describe('the kick', () => {
	const kick = PIECES.kick.render(SETTINGS);

	test('has its fundamental between 45 and 60 Hz', () => {
		const measured = frequencyNear(kick, frames(0.15), 8192, 52, SAMPLE_RATE);
		expect(measured).toBeGreaterThan(45);
		expect(measured).toBeLessThan(60);
	});

	test('moves up by an octave when it is tuned 12 semitones higher', () => {
		const high = PIECES.kick.render({ ...SETTINGS, tune: 12 });
		const measured = frequencyNear(high, frames(0.2), 8192, 104, SAMPLE_RATE);
		expect(Math.abs(measured / 104 - 1)).toBeLessThan(0.03);
	});

	test('lasts longer with a longer decay', () => {
		const long = PIECES.kick.render({ ...SETTINGS, decaySeconds: 0.8 });
		expect(duration(long)).toBeGreaterThan(1.8 * duration(kick));
	});

	test('clicks with snap', () => {
		const soft = PIECES.kick.render({ ...SETTINGS, snap: 0 });
		expect(spectralCentroid(kick, 0, 8192, SAMPLE_RATE, false)).toBeGreaterThan(
			1.2 * spectralCentroid(soft, 0, 8192, SAMPLE_RATE, false)
		);
	});

	test('starts within a millisecond', () => {
		expect(kick.findIndex((sample) => Math.abs(sample) > 0.1) / SAMPLE_RATE).toBeLessThan(0.001);
	});
});

describe('the hats', () => {
	test('differ in length: closed, pedal, open', () => {
		const lengths = (['closed hat', 'pedal hat', 'open hat'] as const).map((name) =>
			duration(PIECES[name].render(SETTINGS))
		);
		expect(lengths[1]).toBeGreaterThan(1.2 * lengths[0]!);
		expect(lengths[2]).toBeGreaterThan(3 * lengths[0]!);
	});

	test('follow the hat decay', () => {
		const long = PIECES['open hat'].render({ ...SETTINGS, hatDecay: 2 });
		expect(duration(long)).toBeGreaterThan(1.6 * duration(PIECES['open hat'].render(SETTINGS)));
	});
});
