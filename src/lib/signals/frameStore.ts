/** Keeps the latest token frames of a set by position, with their signals, and lets old ones go. */
import { TokenFrame, type FrameSlab } from '../model/tokenFrame';
import { frameSignals } from './frameSignals';
import { Normaliser, type Signals } from './normaliser';

interface Kept {
	frame: TokenFrame;
	signals: Signals;
}

/** 64 bars of the longest usual kind. */
const FRAMES_KEPT = 64 * 128;

export class FrameStore {
	readonly #kept = new Map<number, Kept>();
	readonly #normaliser = new Normaliser();
	readonly #window: number;

	/** @param window keys that a query of the model sees */
	constructor(window: number) {
		this.#window = window;
	}

	/** Takes in the frames of a bar and returns them. A position that was written before is overwritten. */
	push(slab: FrameSlab): TokenFrame[] {
		const frames = Array.from({ length: slab.count }, (_, i) => new TokenFrame(slab, i));
		for (const frame of frames) {
			const signals = this.#normaliser.push(frameSignals(frame, this.#window));
			this.#kept.delete(frame.index);
			this.#kept.set(frame.index, { frame, signals });
		}
		for (const position of this.#kept.keys()) {
			if (this.#kept.size <= FRAMES_KEPT) break;
			this.#kept.delete(position);
		}
		return frames;
	}

	frame(position: number): TokenFrame | undefined {
		return this.#kept.get(position)?.frame;
	}

	/** The signals of the frames first to last (inclusive) that are kept. */
	signals(first: number, last: number): Signals[] {
		const list: Signals[] = [];
		for (let position = first; position <= last; position++) {
			const kept = this.#kept.get(position);
			if (kept) list.push(kept.signals);
		}
		return list;
	}
}
