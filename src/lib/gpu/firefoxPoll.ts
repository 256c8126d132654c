/**
 * A quirk of Firefox, alone in its file. Firefox finds out that the GPU has finished from a timer of 100 ms (Mozilla bug
 * 1870699), so a read-back takes as long, however short the work was. It also looks whenever something is submitted: so
 * while somebody waits, submit nothing, again and again. Other browsers need none of this.
 */

/** Whether the browser that calls itself `userAgent` has the quirk. */
export function needsPolling(userAgent: string): boolean {
	return /\bfirefox\/\d/i.test(userAgent);
}

/** What polling needs from a GPUQueue. */
export type PolledQueue = Pick<GPUQueue, 'submit'>;

/**
 * Returns a function that settles as its promise does, and nudges the queue until then, or until `gone` says that the
 * device is lost. `later` runs a function after a moment: by default a timer, which browsers hold to 4 ms when it repeats.
 */
export function createFirefoxPoll(
	queue: PolledQueue,
	gone: Promise<unknown>,
	later: (run: () => void) => void = (run) => setTimeout(run, 0)
): <T>(waiting: Promise<T>) => Promise<T> {
	/** promises that somebody waits for now; one loop serves them all */
	let waits = 0;
	let nudging = false;
	let lost = false;
	void gone.then(() => (lost = true));

	function nudge(): void {
		nudging = waits > 0 && !lost;
		if (!nudging) return;
		queue.submit([]);
		later(nudge);
	}

	return async (waiting) => {
		waits++;
		if (!nudging) {
			nudging = true;
			later(nudge);
		}
		try {
			return await waiting;
		} finally {
			waits--;
		}
	};
}
