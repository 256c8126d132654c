/**
 * Bass, chords, hook and arpeggio of a house track, a bar at a time over the chord of the moment. Rhythms are those of the
 * idiom; row norms choose among them, and choose the notes within the chord and the scale.
 */
import { nearestChordTone, transposed, type Chord } from './chords';
import type { Character } from './character';
import { between, greatest, levelOf, pick, ranksOf } from './ranks';
import { rowNorms, type Source } from './readings';
import { inOctaveFrom, nearestDegree, pitchOfDegree, type Scale } from './scale';
import { noteAt, type Part, type ScoreNote } from './score';
import { gateOf, type LayerStatistics } from './statistics';

/** A bar as its parts see it. */
export interface Moment {
	readonly bar: number;
	/** whose numbers are heard */
	readonly layer: LayerStatistics;
	readonly scale: Scale;
	readonly chord: Chord;
	/** that of the next bar, in its own scale */
	readonly next: Chord;
	readonly nextScale: Scale;
	/** 0-7 */
	readonly energy: number;
	readonly character: Character;
}

/** Every fourth bar reads the rows beside: the same, but for something small. */
function variation(bar: number): number {
	return bar % 4 === 3 ? 1 : 0;
}

const BASS_RHYTHMS = [
	[6, 18, 30, 42],
	[0, 9, 15, 24, 33],
	[6, 9, 18, 30, 33, 42],
	[0, 9, 18, 30, 42],
	[6, 15, 18, 30, 39, 42]
];
const BASS_LOW = 29;
const BASS_HIGH = 48;

/** The rhythm of a section's bass: that of its first layer. */
export function bassRhythm(layer: LayerStatistics): readonly number[] {
	return pick(BASS_RHYTHMS, ranksOf(rowNorms(layer.matrices.down, 7))[3]!);
}

/** Root, octave, fifth or seventh by the rows of `down`; the last note before another chord leads to its root by a step. */
export function bassOf(part: Part, rhythm: readonly number[], moment: Moment): ScoreNote[] {
	const { bar, layer, scale, chord, next, nextScale, energy, character } = moment;
	const readings = rowNorms(layer.matrices.down, 16, variation(bar));
	const ranks = ranksOf(readings);
	const root = inOctaveFrom(BASS_LOW, pitchOfDegree(scale, chord.degree) + 120);
	const above = (classIndex: number): number =>
		inOctaveFrom(root, chord.classes[classIndex]! + 120);
	const changes = next.classes[0] !== chord.classes[0];
	const octave = root + 12 <= BASS_HIGH ? root + 12 : above(2);
	/** the more evenly norms treat their channels, the more the bass stays at home */
	const home = 0.75 - 0.7 * character.imbalance;
	const longest = 3 + levelOf(character.tails, 3);
	return rhythm.map((step, i) => {
		const at = Math.floor(step / 3);
		const rank = ranks[at]!;
		const last = i === rhythm.length - 1;
		let pitch =
			rank < home || i === 0 ? root : rank < 0.8 ? octave : rank < 0.9 ? above(2) : above(3);
		if (last && changes) {
			const target = inOctaveFrom(BASS_LOW, pitchOfDegree(nextScale, next.degree) + 120);
			pitch = transposed(scale, target, rank < 0.5 && target > BASS_LOW + 1 ? -1 : 1);
		}
		const until = (rhythm[i + 1] ?? 48) - step;
		const velocity = 0.68 + 0.02 * energy + (step % 12 === 6 ? 0.06 : 0);
		return noteAt(
			part,
			bar,
			[step, Math.min(until, rank > 0.6 ? longest : longest + 1)],
			pitch > BASS_HIGH ? pitch - 12 : pitch,
			velocity,
			readings[at]!
		);
	});
}

const STAB_RHYTHMS = [
	[9, 27],
	[6, 18, 30, 42],
	[0, 9, 18],
	[0, 9, 18, 27, 36],
	[6, 15, 30, 39],
	[9, 18, 33, 42]
];

/** Short chords. Rows of the key matrix choose the rhythm, each bar of two its own, and how hard a chord is struck. */
export function stabsOf(
	part: Part,
	pitches: readonly number[],
	{ bar, layer, energy, character }: Moment,
	section: LayerStatistics
): ScoreNote[] {
	const choice = ranksOf(rowNorms(section.matrices.key, 7));
	const rhythm = pick(STAB_RHYTHMS, choice[bar % 2 ? 5 : 2]!);
	const readings = rowNorms(layer.matrices.key, 16);
	const ranks = ranksOf(readings);
	/** heavy tails hold a stab longer */
	const longest = 3 + levelOf(character.tails, 3);
	return rhythm.flatMap((step) => {
		const at = Math.floor(step / 3);
		const velocity = 0.42 + 0.03 * energy + 0.14 * ranks[at]!;
		return pitches.map((pitch) =>
			noteAt(part, bar, [step, longest], pitch, velocity, readings[at]!)
		);
	});
}

/** A chord over `bars`, the top voice in front. */
export function padOf(
	part: Part,
	pitches: readonly number[],
	bars: number,
	{ bar, layer, energy }: Moment
): ScoreNote[] {
	const readings = rowNorms(layer.matrices.query, pitches.length, bar);
	return pitches.map((pitch, i) =>
		noteAt(part, bar, [0, 48 * bars], pitch, 0.34 + 0.02 * energy + 0.03 * i, readings[i]!)
	);
}

const HOOK = { low: 60, high: 81 };

/** A note of a hook before it meets a chord. */
interface HookNote {
	readonly step: number;
	/** 0..1 in the range of the hook */
	readonly height: number;
	readonly source: Source;
}

/**
 * The hook of a piece: two bars of question, from the rows of `up` (when) and of the gate (how high). The answer has the
 * same rhythm; `hookOf` bends both to the chords.
 */
export function hookOfLayer(
	layer: LayerStatistics,
	{ imbalance }: Character
): readonly (readonly HookNote[])[] {
	const perBar = 4 + levelOf(2 * imbalance, 4);
	let before = 0.5;
	return [0, 1].map((half) => {
		const presence = ranksOf(rowNorms(layer.matrices.up, 16, half)).map((rank, i) => {
			/** syncopes and beats before plain off-beats, and little in the last beat: it is there to breathe */
			const place =
				i >= 13 ? -0.6 : i % 4 === 0 ? 0.25 : i % 4 === 3 ? 0.35 : i % 4 === 2 ? 0.15 : -0.4;
			return rank + place;
		});
		const readings = rowNorms(gateOf(layer), 16, half);
		const heights = ranksOf(readings);
		return greatest(presence, perBar).map((i) => {
			/** half of the way that the numbers ask for: a melody goes by steps more than by leaps */
			before = (before + heights[i]!) / 2;
			return { step: 3 * i, height: (before - 0.5) * 1.6 + 0.5, source: readings[i]! };
		});
	});
}

/** Bar 0-3 of the hook over the chord of the moment. */
export function hookOf(
	part: Part,
	hook: readonly (readonly HookNote[])[],
	phraseBar: number,
	{ bar, scale, chord, energy }: Moment
): ScoreNote[] {
	const notes = hook[phraseBar % 2]!;
	const answering = phraseBar >= 2;
	return notes.map(({ step, height, source }, i) => {
		const last = i === notes.length - 1;
		const ending = last && phraseBar % 2 === 1;
		/** the question ends up in the air, the answer comes down */
		const wanted = ending ? (answering ? 0.25 : 0.75) : height;
		const target = Math.round(between(HOOK.low + 2, HOOK.high - 3, wanted));
		const strong = step % 12 === 0 || ending;
		const pitch = strong
			? nearestChordTone(chord, target, HOOK)
			: pitchOfDegree(scale, nearestDegree(scale, target));
		const until = (notes[i + 1]?.step ?? 48) - step;
		const steps = ending ? Math.min(until, 18) : Math.max(3, Math.min(until, 9) - 1);
		const velocity = 0.52 + 0.025 * energy + (strong ? 0.08 : 0);
		return noteAt(part, bar, [step, steps], pitch, velocity, source);
	});
}

const ARP_LOW = 67;
/** Which chord tone follows which. */
const ARP_ORDERS = [
	[0, 1, 2, 3],
	[3, 2, 1, 0],
	[0, 2, 1, 3],
	[0, 3, 1, 2],
	[0, 1, 2, 3, 2, 1]
];

/** Chord tones in sixteenths, or every third sixteenth where it is thin; rows of the value matrix give the order and the swell. */
export function arpOf(
	part: Part,
	amount: 'thin' | 'full',
	{ bar, layer, chord, energy, character }: Moment
): ScoreNote[] {
	const readings = rowNorms(layer.matrices.value, 16, variation(bar));
	const ranks = ranksOf(readings);
	const order = pick(ARP_ORDERS, ranks[5]!);
	const low = ARP_LOW + (energy > 5 ? 5 : 0);
	const tones = chord.classes.slice(0, 4).map((member) => inOctaveFrom(low, member + 120));
	tones.sort((a, b) => a - b);
	const every = amount === 'full' ? 1 : 3;
	const notes: ScoreNote[] = [];
	for (let at = 0; at < 16; at += every) {
		/** counted through both bars of two, so that nines cross the bar line */
		const count = Math.floor(((bar % 2) * 16 + at) / every);
		const rank = ranks[at]!;
		/** the least rows leave holes, more where few directions hold the weights */
		if (amount === 'full' && rank < 1.2 * character.order && at % 4 !== 0) continue;
		const pitch = tones[order[count % order.length]!]!;
		const velocity = 0.3 + 0.02 * energy + 0.16 * rank;
		notes.push(noteAt(part, bar, [3 * at, 2], pitch, velocity, readings[at]!));
	}
	return notes;
}
