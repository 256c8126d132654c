/** How long work will still take, from how far it came in how long; and the same in words. Pure: time is given. */

/** Nothing is said before so many seconds have passed, and so much is done: the first pieces tell little. */
const LEAST_SECONDS = 2;
const LEAST_SHARE = 0.01;

export class TimeLeft {
	#first: { share: number; seconds: number } | null = null;
	#share = 0;

	/**
	 * Seconds until all is done, or null while nobody can tell: `share` 0..1 of it is done at a moment, in seconds. A share that
	 * falls begins other work.
	 */
	after(share: number, seconds: number): number | null {
		if (!this.#first || share < this.#share) this.#first = { share, seconds };
		this.#share = share;
		const done = share - this.#first.share;
		const took = seconds - this.#first.seconds;
		if (took < LEAST_SECONDS || done < LEAST_SHARE) return null;
		return (took * (1 - share)) / done;
	}
}

/** "about 40 s left", in steps that don't flicker. */
export function timeLeftWords(seconds: number): string {
	if (seconds < 5) return 'a few seconds left';
	if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s left`;
	return `about ${Math.round(seconds / 60)} min left`;
}
