/**
 * The Voice contract: the only thing that the clock knows of what makes sound. Synths and MIDI outputs both implement it.
 */
import type { NoteEvent } from '../music/notes';

/** A note as it is played: with the length that its beats have at the tempo of the moment. */
export interface PlayedNote extends NoteEvent {
	durationSeconds: number;
}

export interface Voice {
	/** Plays a note at `time`, in audio-context seconds, always given and never "now". Calls arrive in order of time. */
	play(note: PlayedNote, time: number): void;
	/** Sets a parameter by the last part of its id (`cutoff` of `bass.cutoff`) from `time` on, smoothed. Unknown ids are ignored. */
	set(parameter: string, value: number, time: number): void;
	/**
	 * Told at every tick: all notes that begin before `time` have been handed over. A voice that holds messages back
	 * until nothing can contradict them sends those that are due by then.
	 */
	advance?(time: number): void;
	/** Ends everything that sounds or is scheduled at or after `time`. */
	silence(time: number): void;
	dispose(): void;
}
