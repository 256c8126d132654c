/**
 * The bookkeeping that every decoder shares: how long the sequence is, its latest tokens, and how much of its end can be
 * taken back exactly from a ring cache. The cache keeps `TRUNCATION_LIMIT` positions more than the window, so that the
 * keys an earlier query saw are still there.
 */

/** The most tokens that truncate() can take back once the window has slid. */
export const TRUNCATION_LIMIT = 512;

/** Positions that a ring cache must hold for a window. */
export function cacheCapacity(window: number): number {
	return window + TRUNCATION_LIMIT;
}

export class Sequence {
	readonly #capacity: number;
	/** token of position p at p mod capacity */
	readonly #tokens: Uint32Array;
	#length = 0;
	/** the longest that this sequence has been: what has been overwritten depends on it */
	#longest = 0;

	constructor(window: number) {
		this.#capacity = cacheCapacity(window);
		this.#tokens = new Uint32Array(this.#capacity);
	}

	get length(): number {
		return this.#length;
	}

	/** The last token. Throws a RangeError when there is none. */
	get last(): number {
		this.requireNotEmpty();
		return this.#tokens[(this.#length - 1) % this.#capacity]!;
	}

	/** Throws a RangeError when there is no token to continue from. */
	requireNotEmpty(): void {
		if (this.#length > 0) return;
		throw new RangeError(
			'The sequence is empty: the model needs at least one token to continue. Prefill an opening first.'
		);
	}

	append(token: number): void {
		this.#tokens[this.#length % this.#capacity] = token;
		this.#length++;
		this.#longest = Math.max(this.#longest, this.#length);
	}

	/**
	 * Takes back the end. Throws a RangeError for a length that is longer than the sequence or further back than the
	 * cache reaches: count from the longest the sequence has been, since that is what was overwritten.
	 */
	truncate(length: number): void {
		if (!Number.isInteger(length) || length < 0 || length > this.#length) {
			throw new RangeError(
				`A sequence of ${this.#length} tokens can't be truncated to ${length}. Pass a length from 0 to ${this.#length}.`
			);
		}
		const overwritten = this.#longest > this.#capacity;
		if (length > 0 && overwritten && this.#longest - length > TRUNCATION_LIMIT) {
			throw new RangeError(
				`The sequence reached ${this.#longest} tokens, and going back to ${length} is further than ${TRUNCATION_LIMIT}, the most that the cache remembers. Truncate to 0 and prefill the tokens again.`
			);
		}
		this.#length = length;
		if (length === 0) this.#longest = 0;
	}
}

/** Throws a RangeError when an id is no token. */
export function requireTokens(tokens: readonly number[], vocabularySize: number): void {
	for (const token of tokens) {
		if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) {
			throw new RangeError(
				`${token} is no token: the model's vocabulary has the ids 0 to ${vocabularySize - 1}.`
			);
		}
	}
}
