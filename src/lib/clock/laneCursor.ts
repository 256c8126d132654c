/**
 * How far one lane of the scheduler has been served. The cursor counts straight beats and only moves forward, so each
 * note is handed over exactly once, whatever ticks, tempo and swing do. What to do with a note whose time has passed is
 * decided here: play it at once, move it to the next sixteenth, or drop it.
 */
import type { NoteEvent } from '../music/notes';

/** A note later than this moves to the next sixteenth; later than the second it is dropped. */
export const PLAY_LATE_SECONDS = 0.02;
export const MOVE_LATE_SECONDS = 0.1;

const SIXTEENTH = 0.25;

/** What became of late notes. */
export interface LateCounts {
	played: number;
	moved: number;
	dropped: number;
}

/** What a lane sees of the clock at a tick. Beats are straight, times are played times. */
export interface LaneClock {
	nowSeconds: number;
	timeAt(beat: number): number;
	beatAt(timeSeconds: number): number;
	/** notes that begin in [fromBeat, toBeat), sorted */
	notesBetween(fromBeat: number, toBeat: number): NoteEvent[];
}

/** A note and the beat on which it is played. */
interface Cue {
	note: NoteEvent;
	beat: number;
}

export class LaneCursor {
	#beat: number;
	/** late notes that wait for their sixteenth */
	#moved: Cue[] = [];
	readonly late: LateCounts = { played: 0, moved: 0, dropped: 0 };

	/** @param fromBeat notes before it are none of this lane's business */
	constructor(fromBeat: number) {
		this.#beat = fromBeat;
	}

	/** Moves on to `untilSeconds` and plays, in order of time and never before now, what begins before it. */
	advance(
		clock: LaneClock,
		untilSeconds: number,
		play: (note: NoteEvent, timeSeconds: number) => void
	): void {
		const until = clock.beatAt(untilSeconds);
		if (until <= this.#beat) return;
		const cues: Cue[] = [];
		for (const note of clock.notesBetween(this.#beat, until)) {
			const lateSeconds = clock.nowSeconds - clock.timeAt(note.beat);
			if (lateSeconds <= 0) cues.push({ note, beat: note.beat });
			else if (lateSeconds < PLAY_LATE_SECONDS) {
				this.late.played++;
				cues.push({ note, beat: note.beat });
			} else if (lateSeconds <= MOVE_LATE_SECONDS) {
				this.#moved.push({ note, beat: nextSixteenth(clock.beatAt(clock.nowSeconds)) });
			} else this.late.dropped++;
		}
		this.#beat = until;
		this.#takeMoved(clock, until, cues);
		cues.sort((a, b) => a.beat - b.beat);
		for (const { note, beat } of cues) play(note, Math.max(clock.nowSeconds, clock.timeAt(beat)));
	}

	/** Adds the moved notes whose sixteenth has come, unless the same note is played there anyway. */
	#takeMoved(clock: LaneClock, until: number, cues: Cue[]): void {
		const waiting = this.#moved;
		this.#moved = [];
		for (const cue of waiting) {
			if (cue.beat >= until) this.#moved.push(cue);
			else if (
				clock.nowSeconds - clock.timeAt(cue.beat) >= PLAY_LATE_SECONDS ||
				cues.some((other) => sameNote(other, cue))
			) {
				this.late.dropped++;
			} else {
				this.late.moved++;
				cues.push(cue);
			}
		}
	}
}

function sameNote(a: Cue, b: Cue): boolean {
	return a.beat === b.beat && a.note.track === b.note.track && a.note.pitch === b.note.pitch;
}

function nextSixteenth(beat: number): number {
	return Math.ceil(beat / SIXTEENTH) * SIXTEENTH;
}
