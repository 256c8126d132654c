/**
 * A score: notes in beats that name the tensor and the number that made them, and knobs over time. A note is a `NoteEvent`
 * without frames, so what plays and draws the notes of the model plays and draws these. Everything lies on the grid
 * of the music language, twelve steps a beat.
 */
import type { NoteEvent } from '../music/notes';
import { BEATS_PER_BAR, DRUM_PIECES, STEPS_PER_BEAT } from '../music/vocabulary';
import type { Character } from './character';
import type { Key } from './key';
import type { Source } from './readings';
import type { ScaleName } from './scale';

export const PIECES = ['acid', 'house', 'opera', 'dna'] as const;
export type PieceName = (typeof PIECES)[number];

/** The tracks of the instrument that can play a part. */
export type PartTrack = 'drums' | 'bass' | 'chords' | 'lead' | 'arp';

/** A player: on which track of the instrument it sounds, and as what on another one. */
export interface Part {
	readonly id: string;
	readonly name: string;
	readonly track: PartTrack;
	/** General MIDI, from 0; of drums the kit */
	readonly program: number;
	/** MIDI, from 0; drums have 9 */
	readonly channel: number;
}

export interface ScoreNote extends Omit<NoteEvent, 'frames' | 'track'> {
	readonly track: PartTrack;
	/** id of its part */
	readonly part: string;
	/** what chose its pitch, or of a drum its loudness */
	readonly source: Source;
	/** what accented it */
	readonly accentSource?: Source;
	/** what made it glide */
	readonly slideSource?: Source;
}

export interface Section {
	readonly name: string;
	readonly beat: number;
	readonly bars: number;
	/** the scale of its pitched notes */
	readonly scale: ScaleName;
	/** pitch class, C is 0 */
	readonly tonic: number;
}

/** A knob over time: straight lines from point to point, held after the last. */
export interface Automation {
	/** id of a parameter of the instrument: `bass.cutoff` */
	readonly parameter: string;
	readonly points: readonly {
		readonly beat: number;
		/** 0..1 over the knob's way */
		readonly value: number;
		readonly source: Source;
	}[];
}

export interface Score {
	readonly piece: PieceName;
	/** of the model */
	readonly model: string;
	readonly key: Key;
	readonly character: Character;
	readonly bars: number;
	/** the first at beat 0 */
	readonly tempos: readonly { readonly beat: number; readonly bpm: number }[];
	readonly parts: readonly Part[];
	/** one after the other, without gaps */
	readonly sections: readonly Section[];
	/** by beat, then in the order of parts, then by pitch */
	readonly notes: readonly ScoreNote[];
	readonly automation: readonly Automation[];
}

/** The end of the last bar. */
export function lengthInBeats({ bars }: Score): number {
	return bars * BEATS_PER_BAR;
}

export function lengthInSeconds(score: Score): number {
	const end = lengthInBeats(score);
	return score.tempos.reduce((seconds, { beat, bpm }, i) => {
		const until = score.tempos[i + 1]?.beat ?? end;
		return seconds + ((until - beat) * 60) / bpm;
	}, 0);
}

/** What is particular to a note. */
export interface NoteOptions {
	readonly accent?: boolean;
	readonly slide?: boolean;
	readonly accentSource?: Source;
	readonly slideSource?: Source;
}

/**
 * A note of `part`, `step` twelfths of a beat after the beginning of `bar`, `steps` long; loudness is kept within 0.05..1.
 */
export function noteAt(
	part: Part,
	bar: number,
	[step, steps]: readonly [step: number, steps: number],
	pitch: number,
	velocity: number,
	source: Source,
	{ accent = false, slide = false, ...sources }: NoteOptions = {}
): ScoreNote {
	return {
		part: part.id,
		track: part.track,
		beat: bar * BEATS_PER_BAR + step / STEPS_PER_BEAT,
		duration: steps / STEPS_PER_BEAT,
		pitch,
		velocity: Math.round(1000 * Math.max(0.05, Math.min(1, velocity))) / 1000,
		accent,
		slide,
		source,
		...sources
	};
}

export type DrumName = (typeof DRUM_PIECES)[number]['name'];

/** General MIDI key of a piece of the kit. */
export function drumPitch(name: DrumName): number {
	return DRUM_PIECES.find((piece) => piece.name === name)!.note;
}

/** Notes in the order of a score. */
export function inOrder(parts: readonly Part[], notes: readonly ScoreNote[]): ScoreNote[] {
	const place = new Map(parts.map(({ id }, index) => [id, index]));
	return [...notes].sort(
		(a, b) => a.beat - b.beat || place.get(a.part)! - place.get(b.part)! || a.pitch - b.pitch
	);
}
