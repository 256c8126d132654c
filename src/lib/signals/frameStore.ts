/** Keeps the latest token frames of a set by position, with the signals that are asked for, and lets old ones go. */
import { residualFrameAt, type ResidualFrame } from '../model/residualFrame';
import { TokenFrame, type FrameSlab } from '../model/tokenFrame';
import { measure, tapName, type Tap, type TokenRecord } from './frameSignals';
import { MEMORY_FRAMES, Normaliser } from './normaliser';

/** 64 bars of the longest usual kind. */
const FRAMES_KEPT = 64 * 128;

/** Taps that are read at a time; beyond it the one that was not asked for longest is let go. */
const TAPS_KEPT = 64;

/** What a tap gave at each position. */
interface Readings {
	tap: Tap;
	normaliser: Normaliser;
	signals: Map<number, number>;
}

export class FrameStore {
	readonly #records = new Map<number, TokenRecord>();
	/** by name of the tap, the one that was asked for last at the end */
	readonly #readings = new Map<string, Readings>();
	readonly #window: number;

	/** @param window keys that a query of the model sees */
	constructor(window: number) {
		this.#window = window;
	}

	/**
	 * Takes in the frames of a bar, with the rows of their residuals where there are any, and returns them. A position that
	 * was written before is overwritten.
	 */
	push(slab: FrameSlab, residuals: Float32Array | null = null): TokenFrame[] {
		const records = Array.from({ length: slab.count }, (_, i) => ({
			frame: new TokenFrame(slab, i),
			residual: residuals && residualFrameAt(residuals, i)
		}));
		for (const record of records) {
			const { index } = record.frame;
			this.#records.delete(index);
			this.#records.set(index, record);
			for (const readings of this.#readings.values()) this.#read(readings, record);
		}
		for (const position of this.#records.keys()) {
			if (this.#records.size <= FRAMES_KEPT) break;
			this.#records.delete(position);
			for (const { signals } of this.#readings.values()) signals.delete(position);
		}
		return records.map(({ frame }) => frame);
	}

	frame(position: number): TokenFrame | undefined {
		return this.#records.get(position)?.frame;
	}

	/** What the residuals had in common at a position; undefined where nothing is known of that. */
	residual(position: number): ResidualFrame | undefined {
		return this.#records.get(position)?.residual ?? undefined;
	}

	/**
	 * The signal at a tap, 0..1, as the mean over the frames first to last (inclusive) that are kept; null where there is
	 * none. A tap that is new takes its statistics from the frames that are there.
	 */
	signal(tap: Tap, first: number, last: number): number | null {
		const { signals } = this.#readingsOf(tap);
		let sum = 0;
		let count = 0;
		for (let position = first; position <= last; position++) {
			const signal = signals.get(position);
			if (signal === undefined) continue;
			sum += signal;
			count++;
		}
		return count > 0 ? sum / count : null;
	}

	#readingsOf(tap: Tap): Readings {
		const name = tapName(tap);
		const readings = this.#readings.get(name) ?? this.#begin(tap);
		this.#readings.delete(name);
		this.#readings.set(name, readings);
		for (const oldest of this.#readings.keys()) {
			if (this.#readings.size <= TAPS_KEPT) break;
			this.#readings.delete(oldest);
		}
		return readings;
	}

	#begin(tap: Tap): Readings {
		const readings = { tap, normaliser: new Normaliser(), signals: new Map<number, number>() };
		for (const record of [...this.#records.values()].slice(-MEMORY_FRAMES)) {
			this.#read(readings, record);
		}
		return readings;
	}

	#read({ tap, normaliser, signals }: Readings, record: TokenRecord): void {
		const values = measure(record, tap, this.#window);
		const { index } = record.frame;
		if (values.length > 0) signals.set(index, normaliser.push(values));
		else signals.delete(index);
	}
}
