/** The orchestra of the opera, and what its acts have in common: four-part strings, and what an act is. */
import type { Character, LayerCurves } from '../character';
import { voice, type Chord } from '../chords';
import type { Key } from '../key';
import type { Source } from '../readings';
import { inOctaveFrom, type Scale } from '../scale';
import { noteAt, type Part, type ScoreNote } from '../score';
import type { ModelStatistics } from '../statistics';

export const VIOLINS: Part = {
	id: 'violins',
	name: 'Violins',
	track: 'lead',
	program: 40,
	channel: 0
};
export const VIOLAS: Part = {
	id: 'violas',
	name: 'Violas',
	track: 'chords',
	program: 41,
	channel: 1
};
export const CELLOS: Part = {
	id: 'cellos',
	name: 'Cellos',
	track: 'chords',
	program: 42,
	channel: 2
};
export const BASSES: Part = {
	id: 'basses',
	name: 'Double basses',
	track: 'bass',
	program: 43,
	channel: 3
};
export const HORNS: Part = { id: 'horns', name: 'Horns', track: 'chords', program: 60, channel: 4 };
export const OBOE: Part = { id: 'oboe', name: 'Oboe', track: 'lead', program: 68, channel: 5 };
export const HARP: Part = { id: 'harp', name: 'Harp', track: 'arp', program: 46, channel: 6 };
export const TIMPANI: Part = {
	id: 'timpani',
	name: 'Timpani',
	track: 'bass',
	program: 47,
	channel: 7
};
export const ORCHESTRA = [OBOE, HORNS, TIMPANI, HARP, VIOLINS, VIOLAS, CELLOS, BASSES];

/** MIDI pitches that the players of a part are written for here. */
export const RANGES: Readonly<Record<string, { low: number; high: number }>> = {
	violins: { low: 59, high: 91 },
	violas: { low: 50, high: 76 },
	cellos: { low: 38, high: 67 },
	basses: { low: 28, high: 50 },
	horns: { low: 48, high: 70 },
	oboe: { low: 60, high: 86 },
	harp: { low: 40, high: 95 },
	timpani: { low: 38, high: 50 }
};

/** What an act is made from. */
export interface ActContext {
	readonly model: ModelStatistics;
	readonly key: Key;
	readonly curves: LayerCurves;
	readonly character: Character;
	/** where it begins */
	readonly bar: number;
}

export interface Act {
	readonly name: string;
	readonly bars: number;
	readonly scale: Scale;
	readonly notes: readonly ScoreNote[];
}

/** Three upper strings, low to high, and the basses. */
export interface FourParts {
	readonly upper: readonly number[];
	readonly bass: number;
}

/** The triad of a chord in four parts, its root in the bass; the upper three go the least way from `before`. */
export function inFourParts({ classes }: Chord, before: FourParts | null): FourParts {
	const upper = voice(classes.slice(0, 3), { low: 50, high: 76 }, before?.upper ?? null);
	return { upper, bass: inOctaveFrom(31, classes[0]! + 120) };
}

/** A chord held by the strings; `sources` are those of the violins, violas, cellos and basses. */
export function heldStrings(
	bar: number,
	[step, steps]: readonly [number, number],
	{ upper, bass }: FourParts,
	velocity: number,
	sources: readonly Source[],
	players: readonly Part[] = [VIOLINS, VIOLAS, CELLOS, BASSES]
): ScoreNote[] {
	const [low = 0, middle = low, high = middle] = upper;
	const pitches = new Map([
		[VIOLINS, high],
		[VIOLAS, middle],
		[CELLOS, low],
		[BASSES, bass]
	]);
	return players.map((part, i) =>
		noteAt(part, bar, [step, steps], pitches.get(part)!, velocity, sources[i]!)
	);
}

/** An upward arpeggio of the harp in eighths from `low`, over half a bar or a whole one. */
export function harpArpeggio(
	bar: number,
	chord: Chord,
	low: number,
	velocity: number,
	sources: readonly Source[]
): ScoreNote[] {
	const triad = chord.classes.slice(0, 3);
	const pitches: number[] = [];
	for (let pitch = low; pitches.length < sources.length; pitch++) {
		if (triad.includes(pitch % 12)) pitches.push(pitch);
	}
	return pitches.map((pitch, i) => {
		const steps = Math.min(18, 48 - 6 * i);
		return noteAt(HARP, bar, [6 * i, steps], pitch, velocity * (0.8 + 0.03 * i), sources[i]!);
	});
}
