/** Notes of a score as those play and draw them that know notes of the model: as frames they have their place in the score. */
import type { NoteEvent } from '../music/notes';
import type { Score } from './score';

/** Note `index` of a score, its beat counted from `origin`. */
export function noteEvent({ notes }: Score, index: number, origin = 0): NoteEvent {
	const { track, beat, duration, pitch, velocity, accent, slide } = notes[index]!;
	const frames = { first: index, last: index };
	return { track, beat: beat - origin, duration, pitch, velocity, accent, slide, frames };
}
