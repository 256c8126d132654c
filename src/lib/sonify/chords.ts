/**
 * Chords on the degrees of a scale, how one leads to another, and how they are voiced: each voice goes the least way it can.
 */
import { nearestDegree, pitchOfDegree, type Scale } from './scale';
import { levelOf } from './ranks';

export interface Chord {
	/** degree of its root, 0 .. degrees of the scale - 1 */
	readonly degree: number;
	/** pitch classes: root, third, fifth, seventh, ninth as far as it goes */
	readonly classes: readonly number[];
}

/** The chord of `size` thirds on a degree. */
export function chordOn(scale: Scale, degree: number, size: number): Chord {
	const classes = Array.from(
		{ length: size },
		(_, third) => pitchOfDegree(scale, degree + 2 * third) % 12
	);
	return { degree, classes };
}

/** Whether a degree bears a chord with a perfect fifth, on which music can rest. */
export function isStable(scale: Scale, degree: number): boolean {
	return pitchOfDegree(scale, degree + 4) - pitchOfDegree(scale, degree) === 7;
}

/**
 * Degrees to which a chord may go on, in steps of the scale, from the smoothest to the boldest: a third down (two notes stay),
 * a fourth up, a step up, a fifth up, a third up, a step down.
 */
const MOTIONS = [-2, 3, 1, 4, 2, -1];

/**
 * A way through the degrees of a scale with seven, a chord for each quantity 0..1: from the tonic, never twice the same
 * in a row, over stable chords alone, and at the end on a chord that leads back. The quantity decides how bold a step is.
 */
export function progression(scale: Scale, quantities: readonly number[]): number[] {
	const degrees = [0];
	const last = quantities.length - 1;
	for (let i = 1; i <= last; i++) {
		const from = degrees[i - 1]!;
		const open = MOTIONS.map((motion) => (((from + motion) % 7) + 7) % 7).filter(
			(degree) =>
				isStable(scale, degree) &&
				/** the tonic only half-way, so that it comes as an arrival */
				(degree !== 0 || (i === quantities.length / 2 && i < last)) &&
				(degrees[i - 2] !== degree || quantities.length < 4)
		);
		const home = i === last ? open.filter((degree) => LEADS_HOME.includes(degree)) : [];
		const candidates = home.length > 0 ? home : open;
		degrees.push(candidates[levelOf(quantities[i]!, candidates.length)] ?? (from + 3) % 7);
	}
	return degrees;
}

/** Fourth, fifth and seventh degree, and the second in Phrygian. */
const LEADS_HOME = [3, 4, 6, 1];

/** A voicing and the range it has to stay in. */
export interface VoicingRange {
	readonly low: number;
	readonly high: number;
}

/**
 * The pitches of a chord in close position within a range, ascending, a voice for each class: of all such voicings the
 * one that moves least from `before` (by the sum of all ways); at first the one in the middle of the range.
 */
export function voice(
	classes: readonly number[],
	{ low, high }: VoicingRange,
	before: readonly number[] | null
): number[] {
	const distinct = [...new Set(classes)];
	let best: number[] = [];
	let least = Infinity;
	for (let bottom = low; bottom <= high; bottom++) {
		if (!distinct.includes(bottom % 12)) continue;
		const pitches: number[] = [];
		for (let pitch = bottom; pitch <= high && pitches.length < distinct.length; pitch++) {
			if (distinct.includes(pitch % 12)) pitches.push(pitch);
		}
		if (pitches.length < distinct.length) break;
		const centre = Math.abs(mean(pitches) - (low + high) / 2);
		/** the pull to the centre keeps a long piece from drifting to an edge */
		const cost = before ? movement(before, pitches) + centre / 2 : centre;
		if (cost < least - 1e-9) {
			least = cost;
			best = pitches;
		}
	}
	return best;
}

/** The chord tone nearest to `pitch` within a range. */
export function nearestChordTone(chord: Chord, pitch: number, { low, high }: VoicingRange): number {
	for (let distance = 0; distance <= 12; distance++) {
		for (const candidate of [pitch - distance, pitch + distance]) {
			if (candidate < low || candidate > high) continue;
			if (chord.classes.includes(((candidate % 12) + 12) % 12)) return candidate;
		}
	}
	return pitch;
}

/** The pitch of the scale `degrees` above (or below) a pitch. */
export function transposed(scale: Scale, pitch: number, degrees: number): number {
	return pitchOfDegree(scale, nearestDegree(scale, pitch) + degrees);
}

function movement(before: readonly number[], after: readonly number[]): number {
	return after.reduce(
		(sum, pitch) => sum + Math.min(...before.map((old) => Math.abs(old - pitch))),
		0
	);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
