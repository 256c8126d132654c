/**
 * Brings the residuals of every bar to the window that watches them, in one read-back a bar, and takes the window back
 * with the bars.
 */
import type { Decoder } from '../model/decoder';
import { RESIDUAL_POSITIONS } from '../model/inspector';
import { RESIDUAL_FRAME } from '../model/residualFrame';
import { ROWS_TO_BEGIN, ResidualWindow } from './residualWindow';

/** Bars that can be taken back without a trace; beyond them the window begins anew. */
const BARS_KEPT = 8;

export class ResidualWatch {
	#window: ResidualWindow | null = null;
	/** bar number → the window as it was before that bar */
	readonly #before = new Map<number, ResidualWindow>();
	/** the bar that comes next */
	#next = 0;

	/** Forgets everything: a set begins. */
	begin(): void {
		this.#window = null;
		this.#before.clear();
		this.#next = 0;
	}

	/**
	 * Reads what `decoder` wrote a bar with, whose `count` tokens begin at position `first` of its sequence, and returns
	 * their rows as residualFrame.ts lays them out: NaN for those that are no longer kept. Null where the decoder records
	 * nothing. Throws a DeviceLostError, and is then as it was before.
	 */
	async read(
		bar: number,
		decoder: Decoder,
		first: number,
		count: number
	): Promise<Float32Array<ArrayBuffer> | null> {
		const { inspector, config, length } = decoder;
		if (!inspector) return null;
		/** the query that chose a token stood one before it; the first of a sequence was chosen by none */
		const oldest = Math.max(first - 1, 0, length - 1 - RESIDUAL_POSITIONS);
		const missing = oldest - (first - 1);
		const rows = new Float32Array(count * RESIDUAL_FRAME.stride).fill(NaN);
		const residuals =
			missing < count ? await inspector.residuals(config.layers, oldest, count - missing) : null;
		const window = (this.#window ??= new ResidualWindow(config.hiddenSize));
		this.#before.set(bar, window.copy());
		this.#before.delete(bar - BARS_KEPT);
		this.#next = bar + 1;
		if (missing > 0) window.clear();
		if (residuals) rows.set(window.push(residuals), missing * RESIDUAL_FRAME.stride);
		return rows;
	}

	/** Takes back every bar from `bar` on. */
	rewind(bar: number): void {
		if (bar >= this.#next) return;
		this.#window = this.#before.get(bar) ?? null;
		for (const later of [...this.#before.keys()]) if (later >= bar) this.#before.delete(later);
		this.#next = bar;
	}

	/** Goes on from bar `next` with another decoder, whose residuals are its own: begins anew with the last that it has read. */
	async adopt(decoder: Decoder, next: number): Promise<void> {
		this.begin();
		this.#next = next;
		const { inspector, config, length } = decoder;
		const count = Math.min(length - 1, ROWS_TO_BEGIN);
		if (!inspector || count < 1) return;
		const residuals = await inspector.residuals(config.layers, length - 1 - count, count);
		this.#window = new ResidualWindow(config.hiddenSize);
		this.#window.push(residuals);
	}
}
