/**
 * Act II, a canon in four voices. Its subject has four phrases of four bars, from the spectra of query, key, value and
 * output at four depths of the model. All voices sing all of it, each a phrase after the one before and in its own octave, so
 * that once all have entered the four phrases always sound together: they are written over the same four chords, each note
 * against the phrases before it, with no two moving in parallel fifths or octaves from bar to bar.
 */
import { chordOn, progression, type Chord } from '../chords';
import { between, ranksOf } from '../ranks';
import { gaps, wholeOf, type Source } from '../readings';
import { nearestDegree, pitchOfDegree, scaleOn, type Scale } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import type { ModelStatistics } from '../statistics';
import { BASSES, CELLOS, VIOLAS, VIOLINS, type Act, type ActContext } from './orchestra';

const PHRASE_BARS = 4;
/** From the first entry to the end: three phrases until all are in, and eight together. */
const BARS = 11 * PHRASE_BARS;

/** The voices in the order in which they enter, and by how much they sing below or above the subject. */
const VOICES = [
	{ part: VIOLINS, shift: 12 },
	{ part: CELLOS, shift: -12 },
	{ part: VIOLAS, shift: 0 },
	{ part: BASSES, shift: -24 }
];

/** Where the subject is written: an octave and a fifth. */
const LOW = 56;
const HIGH = 72;

/** Lengths of the notes of a bar in steps, by phrase: together they fill the bar, and no two phrases move alike. */
const RHYTHMS: readonly (readonly (readonly number[])[])[] = [
	[
		[12, 6, 6, 12, 12],
		[12, 12, 12, 12],
		[12, 6, 6, 12, 12],
		[24, 24]
	],
	[
		[24, 12, 12],
		[24, 24],
		[24, 12, 12],
		[12, 12, 24]
	],
	[[18, 6, 24], [18, 6, 12, 12], [18, 6, 24], [48]],
	[
		[24, 24],
		[36, 12],
		[24, 24],
		[24, 12, 12]
	]
];

interface SubjectNote {
	/** bar of its phrase */
	readonly bar: number;
	readonly step: number;
	readonly steps: number;
	readonly pitch: number;
	readonly source: Source;
}

export function canon({ model, key, character, bar: start }: ActContext): Act {
	const scale = scaleOn(key.tonic, key.mode);
	const middle = model.layers[Math.floor(model.layers.length / 2)]!.matrices;
	const boldness = [middle.query, middle.key, middle.value, middle.output];
	const degrees = progression(
		scale,
		ranksOf(boldness.map((matrix) => wholeOf(matrix, 'kurtosis')))
	);
	const chords = degrees.map((degree) => chordOn(scale, degree, 3));
	const subject: SubjectNote[][] = [];
	for (const [index, role] of (['query', 'key', 'value', 'output'] as const).entries()) {
		subject.push(phrase(model, role, RHYTHMS[index]!, chords, scale, subject));
	}
	const notes: ScoreNote[] = [];
	VOICES.forEach(({ part, shift }, entry) => {
		for (let at = entry; at < BARS / PHRASE_BARS; at++) {
			const sung = subject[(at - entry) % subject.length]!;
			const loud = between(0.36, 0.74, (at * PHRASE_BARS) / BARS);
			for (const { bar, step, steps, pitch, source } of sung) {
				const velocity = loud + (step === 0 ? 0.06 : 0);
				/** light tails detach the notes */
				const length = character.tails < 0.35 ? Math.ceil((2 * steps) / 3) : steps;
				const place = start + at * PHRASE_BARS + bar;
				notes.push(noteAt(part, place, [step, length], pitch + shift, velocity, source));
			}
		}
	});
	return { name: 'Canon', bars: BARS, scale, notes };
}

/** One phrase of the subject against those that are written. */
function phrase(
	model: ModelStatistics,
	role: 'query' | 'key' | 'value' | 'output',
	rhythm: readonly (readonly number[])[],
	chords: readonly Chord[],
	scale: Scale,
	others: readonly (readonly SubjectNote[])[]
): SubjectNote[] {
	const perBar = Math.max(...rhythm.map((bar) => bar.length));
	const readings = chords.map((_, bar) => {
		const layer = Math.floor((bar * model.layers.length) / chords.length);
		const matrix = model.layers[layer]!.matrices[role];
		return gaps(matrix, (bar + 1) * perBar).slice(bar * perBar);
	});
	const ranks = ranksOf(readings.flat());
	const notes: SubjectNote[] = [];
	chords.forEach((chord, bar) => {
		let step = 0;
		rhythm[bar]!.forEach((steps, i) => {
			const wanted = between(LOW, HIGH, ranks[bar * perBar + i]!);
			const pitch =
				step % 24 === 0
					? chordTone(chord, wanted, bar, step, notes, others)
					: neighbour(scale, notes.at(-1)!.pitch, wanted);
			notes.push({ bar, step, steps, pitch, source: readings[bar]![i]! });
			step += steps;
		});
	});
	return notes;
}

/** The chord tone that costs least: near to what the numbers want and to the note before, and good beside the others. */
function chordTone(
	{ classes }: Chord,
	wanted: number,
	bar: number,
	step: number,
	own: readonly SubjectNote[],
	others: readonly (readonly SubjectNote[])[]
): number {
	const before = own.at(-1)?.pitch;
	const downbeatBefore = own.find((note) => note.bar === bar - 1 && note.step === 0)?.pitch;
	let best = LOW;
	let least = Infinity;
	for (let pitch = LOW; pitch <= HIGH; pitch++) {
		if (!classes.includes(pitch % 12)) continue;
		const leap = before === undefined ? 0 : Math.abs(pitch - before);
		let cost = Math.abs(pitch - wanted) + (leap > 9 ? 20 : leap === 0 ? 3 : leap / 2);
		for (const other of others) {
			const beside = sounding(other, bar, step);
			if (beside === undefined) continue;
			/** a chord should be whole: who sings what is sung already adds little */
			if ((beside - pitch) % 12 === 0) cost += 5;
			const besideBefore = sounding(other, bar - 1, 0);
			if (step > 0 || downbeatBefore === undefined || besideBefore === undefined) continue;
			if (inParallel(downbeatBefore - besideBefore, pitch - beside) && downbeatBefore !== pitch) {
				cost += 40;
			}
		}
		if (cost < least) {
			least = cost;
			best = pitch;
		}
	}
	return best;
}

/** Whether two intervals are the same perfect one; a fifth is a fourth where voices change places. */
function inParallel(before: number, after: number): boolean {
	const first = Math.abs(before) % 12;
	const second = Math.abs(after) % 12;
	return first === second && (first === 0 || first === 7 || first === 5);
}

/** The pitch of a phrase at a place. */
function sounding(notes: readonly SubjectNote[], bar: number, step: number): number | undefined {
	return notes.find(
		(note) => note.bar === bar && note.step <= step && step < note.step + note.steps
	)?.pitch;
}

/** A step of the scale towards what the numbers want, and back again at the edge of the range. */
function neighbour(scale: Scale, from: number, wanted: number): number {
	const up = wanted >= from ? from < HIGH - 1 : from <= LOW + 1;
	return pitchOfDegree(scale, nearestDegree(scale, from) + (up ? 1 : -1));
}
