/** Ranks, keys, scales and chords: what stands between numbers and notes. */
import fc from 'fast-check';
import { Chord as TonalChord, Note } from 'tonal';
import { describe, expect, it } from 'vitest';
import { chordOn, isStable, progression, voice } from '../../../src/lib/sonify/chords';
import { keyOf, minorTonic } from '../../../src/lib/sonify/key';
import { knobLine } from '../../../src/lib/sonify/knobLine';
import type { Source } from '../../../src/lib/sonify/readings';
import { greatest, pick, ranks } from '../../../src/lib/sonify/ranks';
import {
	inScale,
	nearestDegree,
	pitchOfDegree,
	pitchesOf,
	scaleOn,
	type ScaleName
} from '../../../src/lib/sonify/scale';
import { FAMILIES, mapSpectra, statisticsOf } from './models';

const SEVEN: ScaleName[] = ['major', 'minor', 'dorian', 'phrygian', 'lydian', 'mixolydian'];

describe('ranks', () => {
	it('go from 0 to 1 in the order of the numbers', () => {
		expect(ranks([30, -1, 7, 2])).toEqual([1, 0, 2 / 3, 1 / 3]);
		expect(ranks([5])).toEqual([0.5]);
	});

	it('are shared by numbers that differ by rounding', () => {
		expect(ranks([1, 2, 1 + 1e-7, 3])).toEqual([1 / 6, 2 / 3, 1 / 6, 1]);
		expect(ranks([4, 4, 4])).toEqual([0.5, 0.5, 0.5]);
	});

	it('keep order, and their mean is a half', () => {
		fc.assert(
			fc.property(
				fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 }),
				(values) => {
					const found = ranks(values);
					expect(found.reduce((sum, rank) => sum + rank, 0) / found.length).toBeCloseTo(0.5, 9);
					values.forEach((value, i) =>
						values.forEach((other, j) => {
							if (value < other) expect(found[i]).toBeLessThanOrEqual(found[j]!);
						})
					);
				}
			)
		);
	});

	it('point at members of a list and find the greatest', () => {
		expect([0, 0.34, 0.67, 1].map((at) => pick(['a', 'b', 'c'], at))).toEqual(['a', 'b', 'c', 'c']);
		expect(greatest([3, 9, 1, 9], 2)).toEqual([1, 3]);
	});
});

describe('the key of a model', () => {
	/** notes of a scale, the tonic and its triad more often than the others */
	const weights = {
		major: { 0: 7, 4: 5, 7: 5, 2: 3, 5: 3, 9: 3, 11: 2 },
		minor: { 0: 7, 3: 5, 7: 5, 2: 3, 5: 3, 8: 3, 10: 2 }
	};

	it.each([
		['major', 0],
		['major', 1],
		['major', 10],
		['minor', 0],
		['minor', 6]
	] as const)('whose spectra are notes of C %s, %i semitones up, is found', async (mode, up) => {
		/** a value counts by its square, so the higher ones come less often */
		const notes = Object.entries(weights[mode]).flatMap(([pitch, weight]) => {
			const times = Math.round((8 * weight) / 4 ** (Number(pitch) / 12));
			return Array.from({ length: times }, () => 2 ** ((Number(pitch) + up) / 12));
		});
		const model = mapSpectra(await statisticsOf(FAMILIES.Llama, 1), () =>
			Float32Array.from(notes).sort((a, b) => b - a)
		);
		const key = keyOf(model);
		expect(key).toMatchObject({ tonic: up % 12, mode });
		expect(key.confidence).toBeGreaterThan(0.05);
		expect(key.chroma.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
		expect(minorTonic(key)).toBe((up + (mode === 'major' ? 9 : 0)) % 12);
	});

	it('moves with the scale of the weights: twice as large is an octave, and no change', async () => {
		const model = await statisticsOf(FAMILIES['GPT-2'], 3);
		const scaled = (factor: number) => keyOf(mapSpectra(model, (s) => s.map((v) => v * factor)));
		const { tonic, mode } = keyOf(model);
		expect(scaled(2)).toMatchObject({ tonic, mode });
		expect(scaled(2 ** (3 / 12))).toMatchObject({ tonic: (tonic + 3) % 12, mode });
	});
});

describe('scales', () => {
	it('go below their tonic as well as above', () => {
		const scale = scaleOn(9, 'phrygian');
		expect(pitchesOf(scale, 28, 45)).toEqual([28, 29, 31, 33, 34, 36, 38, 40, 41, 43, 45]);
		expect(pitchOfDegree(scale, -1)).toBe(7);
	});

	it('find the nearest degree to any pitch', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 11 }),
				fc.constantFrom(...SEVEN, 'major pentatonic' as const),
				fc.integer({ min: 21, max: 108 }),
				(tonic, name, pitch) => {
					const scale = scaleOn(tonic, name);
					const found = pitchOfDegree(scale, nearestDegree(scale, pitch));
					expect(inScale(scale, found)).toBe(true);
					const others = pitchesOf(scale, pitch - 6, pitch + 6);
					const nearest = Math.min(...others.map((other) => Math.abs(other - pitch)));
					expect(Math.abs(found - pitch)).toBe(nearest);
				}
			)
		);
	});
});

describe('chords', () => {
	it('are those that Tonal knows', () => {
		const scale = scaleOn(2, 'dorian');
		const { classes } = chordOn(scale, 0, 4);
		expect(classes).toEqual(TonalChord.get('Dm7').notes.map((note) => Note.chroma(note)));
		expect(isStable(scale, 5)).toBe(false);
	});

	it('change at every step, rest on perfect fifths, and lead back home', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...SEVEN),
				fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 24 }),
				(name, quantities) => {
					const scale = scaleOn(0, name);
					const degrees = progression(scale, quantities);
					expect(degrees).toHaveLength(quantities.length);
					expect(degrees[0]).toBe(0);
					degrees.forEach((degree, i) => {
						if (i === 0) return;
						expect(degree).not.toBe(degrees[i - 1]);
						expect(isStable(scale, degree)).toBe(true);
					});
				}
			)
		);
	});

	it('are voiced in their range, whole, and go a short way', () => {
		const range = { low: 50, high: 76 };
		fc.assert(
			fc.property(
				fc.constantFrom(...SEVEN),
				fc.integer({ min: 0, max: 6 }),
				fc.integer({ min: 0, max: 6 }),
				(name, first, second) => {
					const scale = scaleOn(4, name);
					const one = chordOn(scale, first, 4).classes;
					const other = chordOn(scale, second, 4).classes;
					const before = voice(one, range, null);
					const after = voice(other, range, before);
					expect([...after].sort((a, b) => a - b)).toEqual(after);
					expect(new Set(after.map((pitch) => pitch % 12))).toEqual(new Set(other));
					expect(after[0]).toBeGreaterThanOrEqual(50);
					expect(after.at(-1)).toBeLessThanOrEqual(76);
					const ways = after.map((pitch) =>
						Math.min(...before.map((old) => Math.abs(old - pitch)))
					);
					expect(Math.max(...ways)).toBeLessThanOrEqual(7);
				}
			)
		);
	});
});

describe('a knob’s line', () => {
	const reading = (value: number): Source => ({
		tensor: 'embedding',
		role: 'embedding',
		layer: null,
		statistic: 'row norm',
		index: 0,
		value
	});
	const move = { bar: 4, bars: 4, from: 0.2, to: 0.6, bend: 0.1 };

	it('goes where its moves want it, bent by numbers, and waits for the first of them', () => {
		const readings = [reading(3), reading(5)];
		const { points } = knobLine('lead.brightness', [{ ...move, readings }]);
		expect(points.map(({ beat }) => beat)).toEqual([0, 16, 20, 24, 28]);
		expect(points.map(({ value }) => value)).toEqual([0.1, 0.1, 0.2, 0.5, 0.6]);
		expect(points.map(({ source }) => source.value)).toEqual([3, 3, 3, 5, 5]);
	});

	it('is not bent by one number alone, nor by equal ones, and stays within the knob’s way', () => {
		const straight = knobLine('lead.brightness', [{ ...move, readings: [reading(3)] }]);
		expect(straight.points.map(({ value }) => value)).toEqual([0.2, 0.2, 0.3, 0.4, 0.5]);
		const wide = { ...move, bend: 1, readings: [reading(3), reading(4)] };
		expect(knobLine('lead.brightness', [wide]).points.map(({ value }) => value)).toEqual([
			0, 0, 0, 1, 1
		]);
	});
});
