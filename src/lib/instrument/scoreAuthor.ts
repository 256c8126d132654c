/**
 * Writes a score onto the timeline, bar by bar and ahead of what sounds, in the place of the model: from any bar on, round
 * a loop where one is set, and an empty bar after the last. Where a seek or a new loop comes, bars that are not scheduled
 * yet are written again. It makes no sound and knows no clock.
 */
import type { PlacedBar, Timeline } from '../clock/timeline';
import type { NoteEvent } from '../music/notes';
import { BEATS_PER_BAR } from '../music/vocabulary';
import { noteEvent } from '../sonify/noteEvent';
import type { BarRange } from '../sonify/promptBars';
import { lengthInBeats, type Score } from '../sonify/score';

/** Bars kept written beyond the one that sounds. */
const BARS_AHEAD = 2;

export class ScoreAuthor {
	readonly score: Score;
	readonly #timeline: Timeline;
	/** [bars] notes in beats from the start of their bar; as frames they have their place in the score */
	readonly #bars: readonly (readonly NoteEvent[])[];
	/** bars of the score by the numbers under which they were written; null behind the end */
	readonly #written: (number | null)[] = [];
	#next: number | null = 0;
	#loop: BarRange | null = null;

	constructor(score: Score, timeline: Timeline) {
		this.score = score;
		this.#timeline = timeline;
		this.#bars = notesByBar(score);
	}

	/** Begins a set with bar `from` of the score, going round `loop` if there is one. */
	begin(from: number, loop: BarRange | null): PlacedBar[] {
		this.#timeline.clear();
		this.#written.length = 0;
		this.#loop = loop;
		this.#next = this.#within(from);
		return this.keepAhead(0);
	}

	/** Writes what is missing; call it at every tick with the beat that is scheduled. Returns the bars that were placed. */
	keepAhead(beat: number): PlacedBar[] {
		const placed: PlacedBar[] = [];
		while (this.#timeline.barsAhead(beat) < BARS_AHEAD) {
			const bar = this.#write();
			if (!bar) break;
			placed.push(bar);
		}
		return placed;
	}

	/** Goes on with `bar` from the first bar that is not scheduled yet, and returns the beat of the set where that is. */
	seek(bar: number): number {
		const number = this.#timeline.firstReplaceableBar();
		this.#timeline.replaceFrom(number);
		this.#next = this.#within(bar);
		return this.#timeline.openSlot * BEATS_PER_BAR;
	}

	/**
	 * Goes round `range` from now on, or for null no longer. A set that plays elsewhere goes there. Returns the beat of the
	 * set from which on it is so.
	 */
	goRound(range: BarRange | null): number {
		this.#loop = range;
		const before = this.#written[this.#timeline.firstReplaceableBar() - 1];
		if (before === undefined) return this.seek(range?.from ?? this.#next ?? 0);
		const isInside = range && before !== null && before >= range.from && before < range.to;
		if (range && !isInside) return this.seek(range.from);
		const next = before === null ? null : this.#after(before);
		if (next !== null) return this.seek(next);
		this.#timeline.replaceFrom(this.#timeline.firstReplaceableBar());
		this.#next = null;
		return this.#timeline.openSlot * BEATS_PER_BAR;
	}

	/** The bar of the score in a slot of the timeline; null behind its end, and where nothing is written. */
	barAt(slot: number): number | null {
		const placed = this.#timeline.barAt(slot);
		return placed ? (this.#written[placed.bar] ?? null) : null;
	}

	/** The beat of the score at a beat of the set; null behind its end. */
	beatAt(beat: number): number | null {
		const slot = Math.floor(beat / BEATS_PER_BAR);
		const bar = this.barAt(slot);
		return bar === null ? null : bar * BEATS_PER_BAR + (beat - slot * BEATS_PER_BAR);
	}

	/** Whether at a beat of the set the score is over. */
	isOver(beat: number): boolean {
		const placed = this.#timeline.barAt(Math.floor(beat / BEATS_PER_BAR));
		return placed !== undefined && this.#written[placed.bar] === null;
	}

	#write(): PlacedBar | null {
		const number = this.#timeline.expectedBar;
		const bar = this.#next;
		this.#written[number] = bar;
		this.#written.length = number + 1;
		if (bar !== null) this.#next = this.#after(bar);
		const notes = bar === null ? [] : this.#bars[bar]!;
		return this.#timeline.place({ bar: number, notes, tokens: [], firstFrame: 0 });
	}

	#after(bar: number): number | null {
		if (this.#loop && bar === this.#loop.to - 1) return this.#loop.from;
		return bar + 1 < this.score.bars ? bar + 1 : null;
	}

	#within(bar: number): number {
		return Math.max(0, Math.min(this.score.bars - 1, Math.floor(bar)));
	}
}

/** The notes of a score as the scheduler takes them; those that begin behind its end are left out. */
function notesByBar(score: Score): NoteEvent[][] {
	const bars = Array.from({ length: score.bars }, (): NoteEvent[] => []);
	const end = lengthInBeats(score);
	score.notes.forEach((note, index) => {
		if (note.beat >= end) return;
		const bar = Math.floor(note.beat / BEATS_PER_BAR);
		bars[bar]!.push(noteEvent(score, index, bar * BEATS_PER_BAR));
	});
	return bars;
}
