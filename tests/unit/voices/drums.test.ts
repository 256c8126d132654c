import { describe, expect, test } from 'vitest';
import { DRUM_PIECES } from '../../../src/lib/music/vocabulary';
import { KITS } from '../../../src/lib/voices/drums/pieces';
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

const [NINE, EIGHT] = [KITS[0]!, KITS[1]!];
const EVERY_PIECE = [NINE, EIGHT].flatMap((kit, i) =>
	DRUM_PIECES.map(({ name }) => ({ machine: i === 0 ? '909' : '808', name, kit }))
);

describe.each(EVERY_PIECE)('the $name of the $machine', ({ name, kit }) => {
	const { render } = kit[name];
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

describe.each([
	{ machine: '909', kit: NINE, lowest: 45, highest: 60 },
	{ machine: '808', kit: EIGHT, lowest: 44, highest: 56 }
])('the kick of the $machine', ({ kit, lowest, highest }) => {
	const kick = kit.kick.render(SETTINGS);
	const tuned = (lowest + highest) / 2;

	test('has its fundamental where the machine has it', () => {
		const measured = frequencyNear(kick, frames(0.15), 8192, tuned, SAMPLE_RATE);
		expect(measured).toBeGreaterThan(lowest);
		expect(measured).toBeLessThan(highest);
	});

	test('moves up by an octave when it is tuned 12 semitones higher', () => {
		const at = (tune: number, expected: number): number =>
			frequencyNear(
				kit.kick.render({ ...SETTINGS, tune }),
				frames(0.2),
				8192,
				expected,
				SAMPLE_RATE
			);
		expect(Math.abs(at(12, 2 * tuned) / at(0, tuned) / 2 - 1)).toBeLessThan(0.03);
	});

	test('lasts longer with a longer decay', () => {
		const long = kit.kick.render({ ...SETTINGS, decaySeconds: 0.8 });
		expect(duration(long)).toBeGreaterThan(1.8 * duration(kick));
	});

	test('clicks with snap', () => {
		const soft = kit.kick.render({ ...SETTINGS, snap: 0 });
		expect(spectralCentroid(kick, 0, 65_536, SAMPLE_RATE, false)).toBeGreaterThan(
			1.2 * spectralCentroid(soft, 0, 65_536, SAMPLE_RATE, false)
		);
	});

	test('starts within a millisecond', () => {
		expect(kick.findIndex((sample) => Math.abs(sample) > 0.1) / SAMPLE_RATE).toBeLessThan(0.001);
	});
});

test('the kick of the 808 rings longer than that of the 909', () => {
	expect(duration(EIGHT.kick.render(SETTINGS))).toBeGreaterThan(
		1.4 * duration(NINE.kick.render(SETTINGS))
	);
});

describe.each([
	{ machine: '909', kit: NINE },
	{ machine: '808', kit: EIGHT }
])('the hats of the $machine', ({ kit }) => {
	test('differ in length: closed, pedal, open', () => {
		const lengths = (['closed hat', 'pedal hat', 'open hat'] as const).map((name) =>
			duration(kit[name].render(SETTINGS))
		);
		expect(lengths[1]).toBeGreaterThan(1.2 * lengths[0]!);
		expect(lengths[2]).toBeGreaterThan(3 * lengths[0]!);
	});

	test('follow the hat decay', () => {
		const long = kit['open hat'].render({ ...SETTINGS, hatDecay: 2 });
		expect(duration(long)).toBeGreaterThan(1.6 * duration(kit['open hat'].render(SETTINGS)));
	});
});
