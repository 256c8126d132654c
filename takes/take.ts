/** What a take is: bars that the model wrote, and their notes in beats from the start of the take. */
import type { BarControls } from '../src/lib/music/bars';
import { parseBars } from '../src/lib/music/bars';
import { notesOfBar, type NoteEvent } from '../src/lib/music/notes';
import { BEATS_PER_BAR } from '../src/lib/music/vocabulary';

export interface TakeBar {
	readonly tokens: readonly number[];
	readonly controls: BarControls;
	/** in beats from the start of the take; frames are offsets into the tokens of the take */
	readonly notes: readonly NoteEvent[];
}

/** Bars out of their tokens, one after the other. */
export function takeBars(bars: readonly (readonly number[])[]): TakeBar[] {
	let position = 0;
	return bars.map((tokens, index) => {
		const parsed = parseBars(tokens)[0]!;
		const notes = notesOfBar(parsed, index * BEATS_PER_BAR, position);
		position += tokens.length;
		return { tokens, controls: parsed.bar.controls, notes };
	});
}

/** Between a detached note and the next of its track, and the shortest that a note is made, seconds. */
const DETACHED = { gap: 0.06, shortest: 0.05 };

/**
 * The notes with a gap before the next beginning in their track, so that a beginning can be heard whatever sounded before.
 * A slide stays as it is.
 */
export function detached(notes: readonly NoteEvent[], tempo: number): NoteEvent[] {
	const beats = (seconds: number): number => (seconds * tempo) / 60;
	const starts = new Map<string, number[]>();
	for (const { track, beat } of notes) {
		if (!starts.has(track)) starts.set(track, []);
		starts.get(track)!.push(beat);
	}
	for (const times of starts.values()) times.sort((a, b) => a - b);
	return notes.map((note) => {
		const next = starts.get(note.track)!.find((beat) => beat > note.beat + 1e-6);
		if (note.slide || next === undefined) return note;
		const room = Math.max(beats(DETACHED.shortest), next - note.beat - beats(DETACHED.gap));
		return { ...note, duration: Math.min(note.duration, room) };
	});
}
