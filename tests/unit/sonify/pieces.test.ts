/** What makes each piece what it is: form, registers, slides, chords, the canon, the modes. */
import { describe, expect, it } from 'vitest';
import { acid } from '../../../src/lib/sonify/acid';
import { dna } from '../../../src/lib/sonify/dna/dna';
import { house } from '../../../src/lib/sonify/house';
import { opera } from '../../../src/lib/sonify/opera/opera';
import type { Automation, Score, ScoreNote, Section } from '../../../src/lib/sonify/score';
import { gateOf, tensionOf, type ModelStatistics } from '../../../src/lib/sonify/statistics';
import { FAMILIES, onlyLayers, statisticsOf, withLayers } from './models';

const models: Readonly<Record<string, ModelStatistics>> = {
	'GPT-2': await statisticsOf(FAMILIES['GPT-2'], 11),
	Llama: await statisticsOf(FAMILIES.Llama, 12),
	Gemma: await statisticsOf(FAMILIES.Gemma, 13),
	'seven layers': await statisticsOf(withLayers(FAMILIES.Llama, 7), 14)
};
const named = Object.entries(models);

describe.each(named)('acid of %s', (_name, model) => {
	const score = acid(model);
	const bass = notesOf(score, 'bass');
	const perLayer = score.bars / model.layers.length;

	it('goes at 138 BPM, a pattern a layer, each for four bars or a power of two of them', () => {
		expect(score.tempos).toEqual([{ beat: 0, bpm: 138 }]);
		expect([4, 8, 16, 32]).toContain(perLayer);
		for (const note of bass) {
			const layer = Math.floor(note.beat / 4 / perLayer);
			expect(note.source).toMatchObject({ role: 'down', statistic: 'row norm', layer });
		}
	});

	it('has its bass where a bass is, in every bar, most often on the root', () => {
		expect(Math.min(...pitches(bass))).toBeGreaterThanOrEqual(28);
		expect(Math.max(...pitches(bass))).toBeLessThanOrEqual(52);
		const bars = new Set(bass.map(({ beat }) => Math.floor(beat / 4)));
		expect(bars.size).toBe(score.bars);
		const { tonic } = score.sections[0]!;
		const roots = bass.filter(({ pitch }) => pitch % 12 === tonic);
		expect(roots.length / bass.length).toBeGreaterThan(0.3);
		expect(roots.length / bass.length).toBeLessThan(0.85);
	});

	it('has nine to fourteen steps in its drops, accents and slides as the idiom has them', () => {
		const drops = bass.filter(({ beat }) => sectionAt(score, beat).name === 'drop');
		const steps = [...byBar(drops).values()].map((notes) => notes.length);
		expect(Math.min(...steps)).toBeGreaterThanOrEqual(7);
		expect(Math.max(...steps)).toBeLessThanOrEqual(14);
		expect(share(drops, ({ accent }) => accent)).toBeGreaterThan(0.1);
		expect(share(drops, ({ accent }) => accent)).toBeLessThan(0.4);
		expect(share(drops, ({ slide }) => slide)).toBeGreaterThan(0.02);
		expect(share(drops, ({ slide }) => slide)).toBeLessThan(0.35);
	});

	it('slides into another pitch on the next step, where the spectrum has changed', () => {
		const slid = bass.filter(({ slide }) => slide);
		expect(slid.length).toBeGreaterThan(0);
		for (const note of slid) {
			const next = bass.find(({ beat }) => Math.abs(beat - note.beat - 0.25) < 1e-9);
			expect(next && next.pitch !== note.pitch).toBe(true);
			expect(note.slideSource).toMatchObject({ statistic: 'spectral change' });
			expect(note.slideSource!.value).toBeGreaterThan(0);
		}
	});

	it('opens the filter as the gates ask and makes it ring as the values ask', () => {
		const [cutoff, resonance] = score.automation;
		expect(cutoff).toMatchObject({ parameter: 'bass.cutoff' });
		expect(resonance).toMatchObject({ parameter: 'bass.resonance' });
		const atLayer = model.layers.map((_, layer) => resonance!.points[layer * perLayer]!.value);
		const kurtosis = model.layers.map(({ matrices }) => matrices.value.kurtosis);
		expect(order(atLayer)).toEqual(order(kurtosis));
		const deviations = cutoff!.points.map(({ source }) => source.value);
		expect(deviations[0]).toBe(gateOf(model.layers[0]!).deviation);
		const values = cutoff!.points.map(({ value }) => value);
		expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.4);
	});

	it('has an intro, a build, two drops with a break between, and an outro', () => {
		const names = score.sections.map(({ name }) => name);
		expect(names).toEqual(['intro', 'build', 'drop', 'break', 'drop', 'outro']);
		expect(score.sections.every(({ bars }) => bars % 4 === 0)).toBe(true);
		expect(density(score, 'drop')).toBeGreaterThan(1.3 * density(score, 'intro'));
	});
});

it('acid without a change of spectrum does not slide', () => {
	const still = onlyLayers(models['Llama']!, [1, 1, 1]);
	expect(acid(still).notes.filter(({ slide }) => slide)).toEqual([]);
});

describe.each(named)('house of %s', (_name, model) => {
	const score = house(model);

	it('has 128 bars at 128 BPM: intro, build, drop, break, drop and outro', () => {
		expect(score.bars).toBe(128);
		expect(score.tempos).toEqual([{ beat: 0, bpm: 128 }]);
		expect(score.sections.map(({ name, bars }) => `${name} ${bars}`)).toEqual([
			'intro 16',
			'build 16',
			'drop 32',
			'break 16',
			'drop 32',
			'outro 16'
		]);
	});

	it('has a kick on every beat of its drops, but for the last one of a fill', () => {
		const kicks = new Set(
			notesOf(score, 'drums').flatMap(({ pitch, beat }) => (pitch === 36 ? [beat] : []))
		);
		for (const { beat, bars } of score.sections.filter(({ name }) => name === 'drop')) {
			for (let at = 0; at < 4 * bars; at++) {
				const fill = at % 32 === 31;
				expect(kicks.has(beat + at)).toBe(!fill);
			}
		}
	});

	it('has chords that really change: four in a row, no two neighbours alike, and led by short ways', () => {
		for (const section of score.sections) {
			const own = within(notesOf(score, 'chords'), section);
			const length = section.name === 'drop' || section.name === 'build' ? 8 : 16;
			const chords = Array.from({ length: (4 * section.bars) / length }, (_, i) =>
				[
					...new Set(
						own
							.filter(({ beat }) => Math.floor((beat - section.beat) / length) === i)
							.map(({ pitch }) => pitch)
					)
				].sort((a, b) => a - b)
			);
			chords.slice(1).forEach((chord, i) => {
				const before = chords[i]!;
				expect(chord.map((pitch) => pitch % 12).sort()).not.toEqual(
					before.map((pitch) => pitch % 12).sort()
				);
				const ways = chord.map((pitch) => Math.min(...before.map((old) => Math.abs(pitch - old))));
				expect(Math.max(...ways)).toBeLessThanOrEqual(5);
			});
			expect(new Set(chords.map(String)).size).toBeGreaterThanOrEqual(3);
		}
	});

	it('has another mode than the section before, and the drop comes back in its own', () => {
		const scales = score.sections.map(({ scale }) => scale);
		scales.slice(1).forEach((scale, i) => expect(scale).not.toBe(scales[i]));
		expect(scales[4]).toBe(scales[2]);
	});

	it('keeps its registers, and rises and falls in energy', () => {
		const range = (part: string): [number, number] => {
			const all = pitches(notesOf(score, part));
			return [Math.min(...all), Math.max(...all)];
		};
		const [bassLow, bassHigh] = range('bass');
		const [chordsLow, chordsHigh] = range('chords');
		const [hookLow, hookHigh] = range('hook');
		expect(bassLow).toBeGreaterThanOrEqual(28);
		expect(bassHigh).toBeLessThan(chordsLow);
		expect(chordsHigh).toBeLessThanOrEqual(73);
		expect(hookLow).toBeGreaterThanOrEqual(60);
		expect(hookHigh).toBeLessThanOrEqual(81);
		expect(density(score, 'drop')).toBeGreaterThan(2 * density(score, 'intro'));
		expect(density(score, 'break')).toBeLessThan(density(score, 'drop') / 2);
	});

	it('repeats its hook: the rhythm of the first drop is that of the second', () => {
		const [first, second] = score.sections.filter(({ name }) => name === 'drop');
		const rhythm = (beat: number): number[] =>
			notesOf(score, 'hook')
				.filter((note) => note.beat >= beat && note.beat < beat + 16)
				.map((note) => note.beat - beat);
		expect(rhythm(first!.beat + 64).length).toBeGreaterThan(8);
		expect(rhythm(second!.beat)).toEqual(rhythm(first!.beat + 64));
	});
});

describe.each(named)('the opera of %s', (_name, model) => {
	const score = opera(model);
	const [, second, third, fourth] = score.sections as [Section, Section, Section, Section];

	it('has four acts at 66 BPM', () => {
		expect(score.tempos).toEqual([{ beat: 0, bpm: 66 }]);
		expect(score.sections.map(({ name }) => name)).toEqual([
			'Overture',
			'Canon',
			'Climax',
			'Dénouement'
		]);
	});

	it('has a canon: four voices sing the same, each a phrase later, in their octaves', () => {
		const shifts = { violins: 12, cellos: -12, violas: 0, basses: -24 };
		const voices = Object.entries(shifts).map(([part, shift], entry) =>
			within(notesOf(score, part), second)
				.map(({ beat, pitch, duration }) =>
					[beat - second.beat - 16 * entry, pitch - shift, duration].join()
				)
				.slice(0, 40)
		);
		expect(voices[0]!.length).toBe(40);
		voices.slice(1).forEach((voice) => expect(voice).toEqual(voices[0]));
		const roles = new Set(
			within(notesOf(score, 'violins'), second).map(({ source }) => source.role)
		);
		expect([...roles].sort()).toEqual(['key', 'output', 'query', 'value']);
	});

	it('has no parallel fifths or octaves between the voices of the canon from bar to bar', () => {
		const parts = ['violins', 'cellos', 'violas', 'basses'];
		const bars = Array.from({ length: 8 }, (_, i) => second.beat + 48 + 4 * i);
		const downbeats = parts.map((part) =>
			bars.map((beat) => notesOf(score, part).find((note) => note.beat === beat)!.pitch)
		);
		let parallels = 0;
		for (let a = 0; a < 4; a++)
			for (let b = 0; b < a; b++)
				for (let bar = 1; bar < bars.length; bar++) {
					const before = Math.abs(downbeats[a]![bar - 1]! - downbeats[b]![bar - 1]!) % 12;
					const now = Math.abs(downbeats[a]![bar]! - downbeats[b]![bar]!) % 12;
					const moves = downbeats[a]![bar] !== downbeats[a]![bar - 1];
					/** where a phrase passes into the next, what is before was not written beside it */
					if (bar % 4 !== 0 && moves && before === now && (now === 0 || now === 7)) parallels++;
				}
		/** three voices leave a fourth little choice */
		expect(parallels).toBeLessThanOrEqual(3);
	});

	it('moves in its third act, most where attention outweighs the MLP most', () => {
		const violins = within(notesOf(score, 'violins'), third);
		expect(new Set(pitches(violins)).size).toBeGreaterThanOrEqual(8);
		const perLayer = third.bars / model.layers.length;
		const loudness = model.layers.map((_, layer) => {
			const from = third.beat + 4 * perLayer * layer;
			return Math.max(
				...violins.flatMap(({ beat, velocity }) =>
					beat >= from && beat < from + 4 ? [velocity] : []
				)
			);
		});
		const tension = model.layers.map(({ matrices }) => {
			const { query, key, value, output, gate, up, down } = matrices;
			const mlp = [gate, up, down].filter((matrix) => matrix !== null);
			return (
				(query.frobenius + key.frobenius + value.frobenius + output.frobenius) /
				4 /
				(mlp.reduce((sum, { frobenius }) => sum + frobenius, 0) / mlp.length)
			);
		});
		expect(order(loudness)).toEqual(order(tension));
	});

	it('makes the strings brighter and the hall smaller where attention outweighs the MLP more', () => {
		const brightness = knobIn(score, 'chords.brightness', third);
		const reverb = knobIn(score, 'chords.reverb', third);
		const perLayer = third.bars / model.layers.length;
		const [brightest, driest] = [brightness, reverb].map((points) =>
			model.layers.map((_, layer) => points[layer * perLayer]!)
		) as [KnobPoint[], KnobPoint[]];
		const tension = model.layers.map(tensionOf);
		expect(brightest.map(({ source }) => source)).toMatchObject(
			model.layers.map((_, layer) => ({
				role: 'output',
				layer,
				statistic: 'tension',
				value: tension[layer]
			}))
		);
		expect(order(brightest.map(({ value }) => value))).toEqual(order(tension));
		expect(order(driest.map(({ value }) => -value))).toEqual(order(tension));
		expect(reach(brightness)).toBeGreaterThan(0.3);
	});

	it('opens in its first act and closes in its last, by the numbers that these are about', () => {
		const [first] = score.sections as [Section];
		for (const parameter of ['chords.brightness', 'lead.brightness']) {
			const opening = knobIn(score, parameter, first);
			const closing = knobIn(score, parameter, fourth);
			expect(opening.at(-1)!.value).toBeGreaterThan(opening[0]!.value + 0.1);
			expect(closing.at(-1)!.value).toBeLessThan(closing[0]!.value - 0.2);
			expect(opening.every(({ source }) => source.role === 'embedding')).toBe(true);
		}
		const norms = knobIn(score, 'chords.brightness', fourth).map(({ source }) => source.value);
		expect(norms).toEqual([...norms].sort((a, b) => b - a));
	});

	it('comes down in its fourth act: norms fall, players leave, and it ends softly on the tonic', () => {
		const own = within(score.notes, fourth);
		const norms = own.flatMap(({ source }) =>
			source.statistic === 'Frobenius norm' ? [source.value] : []
		);
		expect(norms).toEqual([...norms].sort((a, b) => b - a));
		const players = (from: number, to: number): number =>
			new Set(
				own
					.filter(({ beat }) => beat >= fourth.beat + from && beat < fourth.beat + to)
					.map(({ part }) => part)
			).size;
		expect(players(4 * fourth.bars - 8, 4 * fourth.bars)).toBeLessThan(players(0, 16));
		const last = own.filter(({ part }) => part === 'basses').at(-1)!;
		expect(last.pitch % 12).toBe(fourth.tonic);
		expect(last.velocity).toBeLessThan(0.3);
	});
});

describe.each(named)('the weight DNA of %s', (_name, model) => {
	const score = dna(model);

	it('has five movements in their modes, and ends at home', () => {
		expect(score.sections.map(({ name, scale }) => `${name}: ${scale}`)).toEqual([
			'I Prologue: lydian',
			'II Anatomy: dorian',
			'III Memory: phrygian',
			'IV Balance: major pentatonic',
			'V Epilogue: mixolydian'
		]);
		const { tonic } = score.key;
		expect(score.sections.map((section) => (section.tonic - tonic + 12) % 12)).toEqual([
			0, 9, 4, 0, 0
		]);
		expect(score.tempos).toHaveLength(5);
		const last = score.notes.filter(({ part }) => part === 'bass').at(-1)!;
		expect(last.pitch % 12).toBe(tonic);
	});

	it('reads in each movement the tensors that it is about', () => {
		const roles = score.sections.map((section) => [
			...new Set(within(score.notes, section).map(({ source }) => source.role))
		]);
		expect(roles[0]).toEqual(['embedding']);
		expect(roles[1]!.sort()).toEqual(['key', 'output', 'query', 'value']);
		const gate = model.layers[0]!.matrices.gate ? ['gate'] : [];
		expect(roles[2]!.sort()).toEqual(['down', ...gate, 'up']);
		expect(roles[3]!.every((role) => role.endsWith('Norm'))).toBe(true);
		expect(roles[3]!.length).toBeGreaterThanOrEqual(3);
	});

	it('turns a knob in each movement, by the numbers of that movement, and holds it in the others', () => {
		const knobs = score.automation.map(({ parameter, points }, movement) => {
			const section = score.sections[movement]!;
			const own = knobIn(score, parameter, section);
			expect(own).toHaveLength(section.bars);
			expect(points.filter((point) => !own.includes(point)).map(({ beat }) => beat)).toEqual(
				movement === 0 ? [] : [0]
			);
			expect(reach(own)).toBeGreaterThan(0.15);
			return { parameter, roles: [...new Set(own.map(({ source }) => source.role))], own };
		});
		expect(knobs.map(({ parameter }) => parameter)).toEqual([
			'lead.brightness',
			'chords.brightness',
			'arp.decay',
			'arp.brightness',
			'lead.reverb'
		]);
		const gate = model.layers[0]!.matrices.gate ? 'gate' : 'up';
		expect(knobs.slice(0, 3).map(({ roles }) => roles)).toEqual([['embedding'], ['value'], [gate]]);
		expect(knobs[3]!.roles.every((role) => role.endsWith('Norm'))).toBe(true);
		const [bells, , , , hall] = knobs.map(({ own }) => own.map(({ value }) => value));
		expect(bells![0]).toBeGreaterThan(bells!.at(-1)! + 0.3);
		expect(hall!.at(-1)).toBeGreaterThan(hall![0]! + 0.15);
	});

	it('rings a bell for each singular value of the words, from high to low', () => {
		const bells = within(notesOf(score, 'bells'), score.sections[0]!);
		expect(bells).toHaveLength(48);
		const upper = bells.filter((_, i) => i % 2 === 0).map(({ pitch }) => pitch);
		expect(upper).toEqual([...upper].sort((a, b) => b - a));
		expect(new Set(upper).size).toBeGreaterThan(8);
	});
});

function notesOf(score: Score, part: string): ScoreNote[] {
	return score.notes.filter((note) => note.part === part);
}

function within(notes: readonly ScoreNote[], { beat, bars }: Section): ScoreNote[] {
	return notes.filter((note) => note.beat >= beat && note.beat < beat + 4 * bars);
}

type KnobPoint = Automation['points'][number];

/** The points of a knob's line within a section. */
function knobIn(score: Score, parameter: string, { beat, bars }: Section): KnobPoint[] {
	const line = score.automation.find((one) => one.parameter === parameter)!;
	return line.points.filter((point) => point.beat >= beat && point.beat < beat + 4 * bars);
}

/** How much of its way a knob goes. */
function reach(points: readonly KnobPoint[]): number {
	const values = points.map(({ value }) => value);
	return Math.max(...values) - Math.min(...values);
}

function sectionAt(score: Score, beat: number): Section {
	return score.sections.find((section) => beat < section.beat + 4 * section.bars)!;
}

function byBar(notes: readonly ScoreNote[]): Map<number, ScoreNote[]> {
	const bars = new Map<number, ScoreNote[]>();
	for (const note of notes) {
		const bar = Math.floor(note.beat / 4);
		bars.set(bar, [...(bars.get(bar) ?? []), note]);
	}
	return bars;
}

function pitches(notes: readonly ScoreNote[]): number[] {
	return notes.map(({ pitch }) => pitch);
}

function share(notes: readonly ScoreNote[], has: (note: ScoreNote) => boolean): number {
	return notes.filter(has).length / notes.length;
}

/** Notes a bar in the sections of a name. */
function density(score: Score, name: string): number {
	const sections = score.sections.filter((section) => section.name === name);
	const notes = sections.reduce((sum, section) => sum + within(score.notes, section).length, 0);
	return notes / sections.reduce((sum, { bars }) => sum + bars, 0);
}

/** Indices from the least to the greatest. */
function order(values: readonly number[]): number[] {
	return values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
}
