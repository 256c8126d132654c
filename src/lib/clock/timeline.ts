/**
 * The timeline of a set: bars in slots of four beats, from slot 0 on. The writer numbers its bars from 0 as well, but a
 * slot whose bar came too late was filled with a repetition, so from there on bars stand in later slots than their number.
 *
 * How a bar finds its slot: bars are taken in the order of their numbers, each into the first slot that is *open* (not
 * yet handed to the scheduler) and free, or whose bar is *stale* (the writer is writing it again). Stale bars stay as
 * stand-ins until the first new one is there; after it, the old ones would be a step back. A bar never enters a slot that has begun to be scheduled, so nothing arrives late in a burst.
 */
import { barOfBeat, type FrameRange, type NoteEvent } from '../music/notes';
import { BEATS_PER_BAR } from '../music/vocabulary';

/** A bar as the writer hands it over: notes in beats from its start, frames as positions in the set. */
export interface BarToPlace {
	/** number of the bar, from 0 */
	bar: number;
	notes: readonly NoteEvent[];
	tokens: readonly number[];
	/** position of its first token */
	firstFrame: number;
}

export interface PlacedBar {
	slot: number;
	/** from the start of the set */
	startBeat: number;
	/** the writer's number */
	bar: number;
	/** in beats from the start of the set, sorted */
	notes: readonly NoteEvent[];
	tokens: readonly number[];
	/** positions of its tokens */
	frames: FrameRange;
	/** stands in for a bar that was not there in time */
	repeated: boolean;
	/** is being written again */
	stale: boolean;
}

/** Slots that are remembered behind the one that is scheduled. */
const SLOTS_KEPT = 64;

export class Timeline {
	readonly #slots = new Map<number, PlacedBar>();
	readonly #noteAtPosition = new Map<number, NoteEvent>();
	/** the first slot that may still change */
	#open = 0;
	/** the slot after the last one that holds a bar */
	#end = 0;
	/** the number of the bar that is placed next */
	#expected = 0;

	/** The number of the bar that is placed next: the writer should go on with it. */
	get expectedBar(): number {
		return this.#expected;
	}

	/** The first slot that is not scheduled yet: what stands in it and behind it can still change. */
	get openSlot(): number {
		return this.#open;
	}

	/** Forgets everything: a new set begins with slot 0 and bar 0. */
	clear(): void {
		this.#slots.clear();
		this.#noteAtPosition.clear();
		this.#open = 0;
		this.#end = 0;
		this.#expected = 0;
	}

	/**
	 * Places a bar and returns how it stands; null for a bar that was overtaken, because bars before it are being
	 * written again. A number that was placed before means that the writer went back: the bars from it on become stale.
	 */
	place(bar: BarToPlace): PlacedBar | null {
		if (bar.bar > this.#expected) return null;
		if (bar.bar < this.#expected) this.replaceFrom(bar.bar);
		let slot = this.#open;
		while (this.#slots.get(slot)?.stale === false) slot++;
		this.#expected = bar.bar + 1;
		for (let old = slot; this.#slots.get(old)?.stale; old++) this.#remove(old);
		const placed = this.#put(slot, {
			bar: bar.bar,
			notes: bar.notes,
			offsetBeats: slot * BEATS_PER_BAR,
			tokens: bar.tokens,
			frames: { first: bar.firstFrame, last: bar.firstFrame + bar.tokens.length - 1 },
			repeated: false
		});
		for (const note of placed.notes) {
			for (let position = note.frames.first; position <= note.frames.last; position++) {
				this.#noteAtPosition.set(position, note);
			}
		}
		return placed;
	}

	/** The bars from number `bar` on will be written again. They stay as stand-ins until the first of them is. */
	replaceFrom(bar: number): void {
		this.#expected = Math.min(this.#expected, bar);
		for (const placed of this.#slots.values()) {
			if (placed.slot >= this.#open && placed.bar >= bar) placed.stale = true;
		}
	}

	/** The number of the first bar that can still be written again and be heard. */
	firstReplaceableBar(): number {
		const next = this.#slots.get(this.#open);
		return next ? Math.min(next.bar, this.#expected) : this.#expected;
	}

	/**
	 * Fills a free slot with the notes of the bar `period` slots before it, moved; frames stay, so that the notes keep
	 * their signals. Returns null where a bar stands already, or where there is nothing to repeat.
	 */
	repeat(slot: number, period = 1): PlacedBar | null {
		const from = this.#slots.get(slot - period);
		if (!from || this.#slots.has(slot)) return null;
		return this.#put(slot, { ...from, offsetBeats: period * BEATS_PER_BAR, repeated: true });
	}

	/** Slots up to and including this one are being scheduled: they no longer change. Forgets what is long past. */
	close(slot: number): void {
		this.#open = Math.max(this.#open, slot + 1);
		for (const old of this.#slots.keys()) {
			if (old >= this.#open - SLOTS_KEPT) break;
			this.#remove(old);
		}
	}

	barAt(slot: number): PlacedBar | undefined {
		return this.#slots.get(slot);
	}

	/** Notes that begin in [fromBeat, toBeat), sorted by beat. */
	notesBetween(fromBeat: number, toBeat: number): NoteEvent[] {
		const notes: NoteEvent[] = [];
		const end = Math.min(this.#end, Math.ceil(toBeat / BEATS_PER_BAR));
		for (let slot = Math.max(0, barOfBeat(fromBeat)); slot < end; slot++) {
			for (const note of this.#slots.get(slot)?.notes ?? []) {
				if (note.beat >= fromBeat && note.beat < toBeat) notes.push(note);
			}
		}
		return notes;
	}

	/** The note that the token at a position wrote, where it was first placed; undefined for other tokens. */
	noteAt(position: number): NoteEvent | undefined {
		return this.#noteAtPosition.get(position);
	}

	/** Whole bars that stand ready after the one at `beat`, in an unbroken row; stale ones do not count. */
	barsAhead(beat: number): number {
		let slot = barOfBeat(beat) + 1;
		const first = slot;
		while (this.#slots.get(slot)?.stale === false) slot++;
		return slot - first;
	}

	#put(
		slot: number,
		from: Omit<PlacedBar, 'slot' | 'startBeat' | 'stale'> & { offsetBeats: number }
	): PlacedBar {
		const placed: PlacedBar = {
			slot,
			startBeat: slot * BEATS_PER_BAR,
			bar: from.bar,
			notes: from.notes
				.map((note) => ({ ...note, beat: note.beat + from.offsetBeats }))
				.sort((a, b) => a.beat - b.beat),
			tokens: from.tokens,
			frames: from.frames,
			repeated: from.repeated,
			stale: false
		};
		this.#slots.set(slot, placed);
		this.#end = Math.max(this.#end, slot + 1);
		return placed;
	}

	/** Frees a slot. Positions that other bars have written again since stay theirs. */
	#remove(slot: number): void {
		for (const note of this.#slots.get(slot)?.notes ?? []) {
			for (let position = note.frames.first; position <= note.frames.last; position++) {
				if (this.#noteAtPosition.get(position) === note) this.#noteAtPosition.delete(position);
			}
		}
		this.#slots.delete(slot);
	}
}
