/**
 * Long computations that leave room for others: they report how far they are, end when asked to, and let waiting messages
 * through every few milliseconds. Nothing here computes.
 */

export interface PaceOptions {
	/** Called now and then with the share that is done, 0..1, never falling; an estimate, since sweeps aren't known ahead. */
	readonly onProgress?: ((share: number) => void) | undefined;
	/** Ends the computation: the promise rejects with the signal's reason. */
	readonly signal?: AbortSignal | undefined;
}

/** How long a computation on the processor holds its thread. */
const TURN_MILLISECONDS = 12;

export class Pace {
	readonly #options: PaceOptions;
	readonly #channel = new MessageChannel();
	readonly #waiting: (() => void)[] = [];
	#turnEnds = performance.now() + TURN_MILLISECONDS;
	#share = 0;

	constructor(options: PaceOptions) {
		this.#options = options;
		this.#channel.port1.onmessage = () => this.#waiting.shift()?.();
		this.check();
	}

	/** Throws the signal's reason once it was aborted. */
	check(): void {
		this.#options.signal?.throwIfAborted();
	}

	/** Reports the share that is done; a smaller one than before counts as the one before. */
	progress(share: number): void {
		if (share <= this.#share) return;
		this.#share = Math.min(1, share);
		this.#options.onProgress?.(this.#share);
	}

	/** Whether the thread was held long enough, so that `breathe` is due. */
	get due(): boolean {
		return performance.now() >= this.#turnEnds;
	}

	/** Lets waiting messages through. Throws the signal's reason once it was aborted. */
	async breathe(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.#waiting.push(resolve);
			this.#channel.port2.postMessage(null);
		});
		this.check();
		this.#turnEnds = performance.now() + TURN_MILLISECONDS;
	}

	/** Must be called at the end, or Node waits for messages for ever. */
	close(): void {
		this.#channel.port1.close();
	}
}

/** Runs `compute` at a pace and closes it, whatever comes. */
export async function paced<T>(
	options: PaceOptions,
	compute: (pace: Pace) => Promise<T>
): Promise<T> {
	const pace = new Pace(options);
	try {
		const result = await compute(pace);
		pace.progress(1);
		return result;
	} finally {
		pace.close();
	}
}
