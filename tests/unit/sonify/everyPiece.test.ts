/** What all pieces have in common, for models of every family and of one layer to many. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	fromTravel,
	parameterOf,
	type NumberParameter
} from '../../../src/lib/controls/parameters';
import { lookUp } from '../../../src/lib/sonify/readings';
import { COMPOSE } from '../../../src/lib/sonify/pieces';
import { inScale, scaleOn } from '../../../src/lib/sonify/scale';
import { PIECES, lengthInBeats, type Score } from '../../../src/lib/sonify/score';
import type { ModelStatistics } from '../../../src/lib/sonify/statistics';
import { TINY } from '../model/randomModel';
import { FAMILIES, mapSpectra, perturbed, statisticsOf, withLayers } from './models';

const models: Readonly<Record<string, ModelStatistics>> = {
	'GPT-2': await statisticsOf(FAMILIES['GPT-2'], 1),
	Llama: await statisticsOf(FAMILIES.Llama, 2),
	Gemma: await statisticsOf(FAMILIES.Gemma, 3),
	'one layer': await statisticsOf(withLayers(TINY, 1), 4),
	'eighteen layers': await statisticsOf(withLayers(TINY, 18), 5)
};

const scores = Object.entries(models).flatMap(([name, model]) =>
	PIECES.map((piece) => ({ name, piece, model, score: COMPOSE[piece](model) }))
);

describe.each(scores)('$piece of $name', ({ piece, model, score }) => {
	it('has a source for each note, accent, slide and turn of a knob: a number of a tensor that is there', () => {
		const sources = [
			...score.notes.flatMap(({ source, accentSource, slideSource }) => [
				source,
				...(accentSource ? [accentSource] : []),
				...(slideSource ? [slideSource] : [])
			]),
			...score.automation.flatMap(({ points }) => points.map((point) => point.source))
		];
		const wrong = [...new Set(sources)].filter(
			(source) => !Number.isFinite(source.value) || lookUp(model, source) !== source.value
		);
		expect(wrong).toEqual([]);
		expect(
			score.notes.filter(
				(note) => note.accent && note.track === 'bass' && piece === 'acid' && !note.accentSource
			)
		).toEqual([]);
		expect(score.notes.filter((note) => note.slide !== (note.slideSource !== undefined))).toEqual(
			[]
		);
	});

	it('reads many numbers of many tensors', () => {
		const tensors = new Set(score.notes.map(({ source }) => source.tensor + source.role));
		const numbers = new Set(
			score.notes.map(({ source: { tensor, role, statistic, index } }) =>
				[tensor, role, statistic, index].join()
			)
		);
		expect(tensors.size).toBeGreaterThanOrEqual(4);
		expect(numbers.size).toBeGreaterThanOrEqual(40);
	});

	it('is in the scale of its sections', () => {
		const strangers = score.notes.filter(
			(note) => note.track !== 'drums' && !inScale(scaleAt(score, note.beat), note.pitch)
		);
		expect(strangers).toEqual([]);
	});

	it('has no silent bar', () => {
		const sounding = new Set(
			score.notes.flatMap(({ beat, duration }) => {
				const first = Math.floor(beat / 4);
				const last = Math.ceil((beat + duration) / 4 - 1e-9);
				return Array.from({ length: last - first }, (_, i) => first + i);
			})
		);
		const bars = Array.from({ length: score.bars }, (_, bar) => bar);
		const silent = bars.filter((bar) => !sounding.has(bar));
		expect(silent).toEqual([]);
	});

	it('lies on the grid, within its bars, and within what MIDI and ears take', () => {
		const end = lengthInBeats(score);
		const onGrid = (beats: number): boolean => Math.abs(beats * 12 - Math.round(beats * 12)) < 1e-6;
		const misplaced = score.notes.filter(
			({ beat, duration }) =>
				!onGrid(beat) ||
				!onGrid(duration) ||
				duration * 12 < 0.99 ||
				beat < 0 ||
				beat + duration > end + 1e-9
		);
		expect(misplaced).toEqual([]);
		const unplayable = score.notes.filter(
			({ pitch, velocity }) => !(pitch >= 21 && pitch <= 108 && velocity > 0 && velocity <= 1)
		);
		expect(unplayable).toEqual([]);
	});

	it('is in order, its sections follow one another, and all parts are known', () => {
		const beats = score.notes.map(({ beat }) => beat);
		expect(beats).toEqual([...beats].sort((a, b) => a - b));
		const lengths = score.sections.reduce((bar, section) => {
			expect(section.beat).toBe(4 * bar);
			expect(section.bars).toBeGreaterThan(0);
			return bar + section.bars;
		}, 0);
		expect(lengths).toBe(score.bars);
		const known = new Map(score.parts.map(({ id, track }) => [id, track]));
		expect(score.notes.every(({ part, track }) => known.get(part) === track)).toBe(true);
		expect(new Set(score.parts.map(({ channel }) => channel)).size).toBe(score.parts.length);
	});

	it('turns knobs that the instrument has, from its beginning to its end, within their range', () => {
		expect(score.automation.length).toBeGreaterThanOrEqual(2);
		for (const { parameter, points } of score.automation) {
			const knob = parameterOf(parameter) as NumberParameter;
			expect(knob).toMatchObject({ kind: 'number', acts: 'now' });
			/** a knob of a voice belongs to the one that its track has at first */
			expect(knob.voice ?? 0).toBe(0);
			expect(points[0]!.beat).toBe(0);
			points.forEach(({ beat, value }, i) => {
				if (i > 0) expect(beat).toBeGreaterThan(points[i - 1]!.beat);
				expect(beat).toBeLessThan(lengthInBeats(score));
				expect(value).toBeGreaterThanOrEqual(0);
				expect(value).toBeLessThanOrEqual(1);
				const turned = fromTravel(knob, value);
				expect(turned).toBeGreaterThanOrEqual(knob.min);
				expect(turned).toBeLessThanOrEqual(knob.max);
			});
		}
	});

	it('is the same again', () => {
		expect(JSON.stringify(COMPOSE[piece](model)) === JSON.stringify(score)).toBe(true);
	});
});

describe('a piece', () => {
	it.each(PIECES)('%s does not change when singular values are off by a millionth', (piece) => {
		const families = [models['GPT-2']!, models['Llama']!, models['Gemma']!];
		const scored = families.map((model) => ({ model, notes: melody(COMPOSE[piece](model)) }));
		fc.assert(
			fc.property(fc.constantFrom(...scored), fc.nat(), ({ model, notes }, seed) => {
				expect(melody(COMPOSE[piece](perturbed(model, 1e-6, seed))) === notes).toBe(true);
			}),
			{ numRuns: 12, seed: 6 }
		);
	});

	it.each(PIECES)('%s does change when they are off by a tenth', (piece) => {
		const model = models['Llama']!;
		const changed = melody(COMPOSE[piece](perturbed(model, 0.1, 1)));
		expect(changed === melody(COMPOSE[piece](model))).toBe(false);
	});

	it.each(PIECES)('%s of equal layers, equal gains and a flat spectrum is music too', (piece) => {
		const [layer] = models['Llama']!.layers;
		const flat = mapSpectra({ ...models['Llama']!, layers: [layer!] }, (values) =>
			values.map(() => 1)
		);
		const score = COMPOSE[piece](flat);
		expect(score.notes.length).toBeGreaterThan(100);
		expect(score.notes.every(({ pitch }) => Number.isInteger(pitch))).toBe(true);
	});
});

/** All that sounds, without the numbers that sources quote. */
function melody({ notes, key, sections, automation }: Score): string {
	return JSON.stringify({
		sections,
		tonic: key.tonic,
		knobs: automation.map(({ parameter, points }) => [
			parameter,
			points.map(({ beat, value }) => [beat, value])
		]),
		notes: notes.map(({ part, beat, duration, pitch, velocity, accent, slide }) =>
			[part, beat, duration, pitch, velocity, accent, slide].join()
		)
	});
}

function scaleAt(score: Score, beat: number) {
	const section = score.sections.find((one) => beat < one.beat + 4 * one.bars)!;
	return scaleOn(section.tonic, section.scale);
}
