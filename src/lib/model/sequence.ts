/**
 * The bookkeeping that every decoder shares: how long the sequence is, its latest tokens, and how much of its end can be
 * taken back exactly from a ring cache. The cache keeps `TRUNCATION_LIMIT` positions more than the window, so that the
 * keys an earlier query saw are still there.
 */

import type { ModelConfig } from './config';
import { LARGEST_REPETITION_WINDOW } from './sampling';

/** The most tokens that truncate() can take back once the window has slid. */
export const TRUNCATION_LIMIT = 512;

/** Positions that a ring cache must hold for a window. */
export function cacheCapacity(window: number): number {
	return window + TRUNCATION_LIMIT;
}

/** Tokens that a sequence can have: as many as there are learned positions, any number with rotary ones. */
export function longestSequence({ learnedPositions }: ModelConfig): number {
	return learnedPositions || Infinity;
}

export class Sequence {
	/** slots of the smallest ring cache of any layer */
	readonly #cached: number;
	readonly #most: number;
	/** token of position p at p mod its length */
	readonly #tokens: Uint32Array;
	#length = 0;
	/** the longest that this sequence has been: what has been overwritten depends on it */
	#longest = 0;

	constructor(config: ModelConfig) {
		this.#cached = cacheCapacity(Math.min(...config.layerWindows));
		this.#most = longestSequence(config);
		this.#tokens = new Uint32Array(this.#cached + LARGEST_REPETITION_WINDOW);
	}

	get length(): number {
		return this.#length;
	}

	/** The last token. Throws a RangeError when there is none. */
	get last(): number {
		this.requireNotEmpty();
		return this.#tokens[(this.#length - 1) % this.#tokens.length]!;
	}

	/** Throws a RangeError when there is no token to continue from. */
	requireNotEmpty(): void {
		if (this.#length > 0) return;
		throw new RangeError(
			'The sequence is empty: the model needs at least one token to continue. Prefill an opening first.'
		);
	}

	/** The latest `count` tokens (at most LARGEST_REPETITION_WINDOW), the latest first; fewer where there are fewer. */
	*recent(count: number): Iterable<number> {
		const remembered = Math.min(count, this.#length, LARGEST_REPETITION_WINDOW);
		for (let back = 1; back <= remembered; back++) {
			yield this.#tokens[(this.#length - back) % this.#tokens.length]!;
		}
	}

	/** Throws a RangeError when `count` more tokens would need positions that the model never learned. */
	requireRoom(count: number): void {
		if (this.#length + count <= this.#most) return;
		throw new RangeError(
			`The sequence has ${this.#length} tokens, and ${count} more are too many: this model knows ${this.#most} positions. Truncate to 0 and prefill the latest tokens.`
		);
	}

	append(token: number): void {
		this.#tokens[this.#length % this.#tokens.length] = token;
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
		const overwritten = this.#longest > this.#cached;
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
