/**
 * Polyphony: which of a fixed number of always-running sound sources plays the next note. The same key is struck again
 * where it still sounds; else the slot that has been free the longest is taken; else the one that ends first.
 */
import type { PlayedNote } from '../clock/voice';

/** One sound source that plays one note at a time. All times are audio-context seconds. */
export interface Slot {
	/** Starts a note at `time` and lets it go at `end`. */
	attack(frequencyHz: number, velocity: number, time: number, end: number): void;
	/** Glides to another note without a new attack. */
	glide(frequencyHz: number, velocity: number, time: number, end: number): void;
	silence(time: number): void;
	dispose(): void;
}

/** A note that slides waits this long past its end for the one that it slides into. */
const SLIDE_HOLD_SECONDS = 0.08;
/** Shorter notes than this would be clicks. */
const SHORTEST_SECONDS = 0.03;

interface Held {
	slot: Slot;
	pitch: number;
	/** when its release has died away */
	free: number;
}

export class SlotPool {
	private readonly held: Held[];
	private sliding: { held: Held; until: number } | null = null;

	constructor(slots: readonly Slot[]) {
		this.held = slots.map((slot) => ({ slot, pitch: -1, free: 0 }));
	}

	/** Plays a note; its sound is gone `releaseSeconds` after its end. */
	play(note: PlayedNote, time: number, releaseSeconds: number): void {
		const frequencyHz = 440 * Math.pow(2, (note.pitch - 69) / 12);
		const length = Math.max(SHORTEST_SECONDS, note.durationSeconds);
		const end = time + length + (note.slide ? SLIDE_HOLD_SECONDS : 0);
		const from = this.sliding;
		const tied = from !== null && time <= from.until && note.pitch !== from.held.pitch;
		const held = tied ? from.held : this.choose(note.pitch, time);
		if (tied) held.slot.glide(frequencyHz, note.velocity, time, end);
		else held.slot.attack(frequencyHz, note.velocity, time, end);
		held.pitch = note.pitch;
		held.free = end + releaseSeconds;
		this.sliding = note.slide ? { held, until: end } : null;
	}

	silence(time: number): void {
		for (const held of this.held) {
			held.slot.silence(time);
			held.free = Math.min(held.free, time);
		}
		this.sliding = null;
	}

	dispose(): void {
		for (const { slot } of this.held) slot.dispose();
	}

	private choose(pitch: number, time: number): Held {
		const same = this.held.find((held) => held.pitch === pitch && held.free > time);
		if (same) return same;
		return this.held.reduce((best, held) => (held.free < best.free ? held : best));
	}
}
