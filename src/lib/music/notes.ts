/**
 * Notes on the timeline of a set: what the scheduler plays and the views draw. Pure.
 */
import type { ParsedBar } from './bars';
import {
	BEATS_PER_BAR,
	DRUM_PIECES,
	DURATIONS,
	HIT_LEVELS,
	STEPS_PER_BEAT,
	VELOCITY_LEVELS,
	type Track
} from './vocabulary';

/** First and last token frame, both inclusive: positions in the token sequence of the set. */
export interface FrameRange {
	first: number;
	last: number;
}

export interface NoteEvent {
	track: Track;
	/** from the start of the set */
	beat: number;
	/** beats */
	duration: number;
	/** MIDI note number; for drums the General MIDI key of the piece */
	pitch: number;
	/** 0..1 */
	velocity: number;
	accent: boolean;
	/** glides into the next note of its track without a new attack */
	slide: boolean;
	/** the token frames that wrote it: its signals and arcs are looked up by them */
	frames: FrameRange;
}

/** Length of a drum hit, for hardware that wants a note-off: a sixteenth. */
const HIT_DURATION_BEATS = 0.25;

/**
 * The notes of a parsed bar that begins at `startBeat`, sorted by beat then track; `frameBase` is the frame index of
 * the first token of the sequence that the bar was parsed from.
 */
export function notesOfBar(parsed: ParsedBar, startBeat: number, frameBase: number): NoteEvent[] {
	const notes: NoteEvent[] = [];
	parsed.bar.parts.forEach((part, partIndex) => {
		const spans = parsed.spans[partIndex]!;
		const framesOf = (event: number): FrameRange => ({
			first: frameBase + spans[event]!.first,
			last: frameBase + spans[event]!.last
		});
		part.hits.forEach((hit, i) => {
			notes.push({
				track: part.track,
				beat: startBeat + hit.position / STEPS_PER_BEAT,
				duration: HIT_DURATION_BEATS,
				pitch: DRUM_PIECES[hit.piece]!.note,
				velocity: HIT_LEVELS[hit.level]!,
				accent: hit.level === HIT_LEVELS.length - 1,
				slide: false,
				frames: framesOf(i)
			});
		});
		part.notes.forEach((note, i) => {
			notes.push({
				track: part.track,
				beat: startBeat + note.position / STEPS_PER_BEAT,
				duration: DURATIONS[note.duration]! / STEPS_PER_BEAT,
				pitch: note.pitch,
				velocity: VELOCITY_LEVELS[note.velocity]!,
				accent: note.velocity === VELOCITY_LEVELS.length - 1,
				slide: note.slide,
				frames: framesOf(i)
			});
		});
	});
	return notes.sort((a, b) => a.beat - b.beat);
}

/** The bar that a beat falls in, counted from 0. */
export function barOfBeat(beat: number): number {
	return Math.floor(beat / BEATS_PER_BAR);
}
