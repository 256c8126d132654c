/** Bars as a writer hands them over, for the tests of the clock. */
import type { BarToPlace } from '../../../src/lib/clock/timeline';
import type { NoteEvent } from '../../../src/lib/music/notes';

/** A note of the lead, a sixteenth long. */
export function leadNote(changes: Partial<NoteEvent> = {}): NoteEvent {
	return {
		track: 'lead',
		beat: 0,
		duration: 0.25,
		pitch: 60,
		velocity: 0.75,
		accent: false,
		slide: false,
		frames: { first: 0, last: 0 },
		...changes
	};
}

/** Bar number `bar` with notes in beats from its start. */
export function writtenBar(bar: number, notes: Partial<NoteEvent>[]): BarToPlace {
	return {
		bar,
		notes: notes.map(leadNote).sort((a, b) => a.beat - b.beat),
		tokens: [0],
		firstFrame: bar
	};
}
