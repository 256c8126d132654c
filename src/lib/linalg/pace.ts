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
	#turnEnds = performance.now() + TURN_MILLISECONDS;
	#share = 0;

	constructor(options: PaceOptions) {
		this.#options = options;
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
		await breath();
		this.check();
		this.#turnEnds = performance.now() + TURN_MILLISECONDS;
	}
}

/**
 * Resolves after waiting messages were received: a message to ourselves goes to the end of the queue, and no timer is
 * clamped. A channel for each: Node would go on with what comes over the same one before it looks at its timers.
 */
function breath(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}

/** Runs `compute` at a pace, and reports its end. */
export async function paced<T>(
	options: PaceOptions,
	compute: (pace: Pace) => Promise<T>
): Promise<T> {
	const pace = new Pace(options);
	const result = await compute(pace);
	pace.progress(1);
	return result;
}
