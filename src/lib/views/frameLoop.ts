/**
 * One animation loop for the page: at most 60 pictures a second, 30 when the machine is busy, none when nobody looks.
 * Subscribers say how often they want to be called at most.
 */

interface Subscriber {
	draw(time: number): void;
	intervalMs: number;
	last: number;
}

const FULL_MS = 1000 / 60;
const BUSY_MS = 1000 / 30;
/** Busy when a picture takes more than this on average, */
const COSTLY_MS = 8;
/** or when the browser itself ticks more slowly than this, because something else keeps it from painting; */
const SLOW_TICK_MS = 20.5;
/** and then for this long at least, so that the pace does not flutter. */
const BUSY_FOR_MS = 5000;
/** Screens do not tick exactly; a picture may come this much early. */
const TOLERANCE_MS = 3;

export class FrameLoop {
	readonly #subscribers = new Set<Subscriber>();
	#request = 0;
	#last = 0;
	#lastTick = 0;
	#costMs = 0;
	#tickMs = FULL_MS;
	#busyUntil = 0;

	/** Calls `draw` with the time of the picture, at most `hertz` times a second, until the returned function is called. */
	subscribe(draw: (time: number) => void, hertz = 60): () => void {
		const subscriber = { draw, intervalMs: 1000 / hertz, last: 0 };
		this.#subscribers.add(subscriber);
		this.#request ||= requestAnimationFrame(this.#tick);
		return () => {
			this.#subscribers.delete(subscriber);
			if (this.#subscribers.size > 0) return;
			cancelAnimationFrame(this.#request);
			this.#request = 0;
		};
	}

	readonly #tick = (time: number): void => {
		this.#request = requestAnimationFrame(this.#tick);
		this.#tickMs += 0.05 * (Math.min(100, time - this.#lastTick) - this.#tickMs);
		this.#lastTick = time;
		const interval = time < this.#busyUntil ? BUSY_MS : FULL_MS;
		if (time - this.#last < interval - TOLERANCE_MS) return;
		this.#last = time;
		const started = performance.now();
		for (const subscriber of this.#subscribers) {
			if (time - subscriber.last < subscriber.intervalMs - TOLERANCE_MS) continue;
			subscriber.last = time;
			subscriber.draw(time);
		}
		this.#costMs += 0.05 * (performance.now() - started - this.#costMs);
		const busy = this.#costMs > COSTLY_MS || this.#tickMs > SLOW_TICK_MS;
		if (busy) this.#busyUntil = time + BUSY_FOR_MS;
	};
}
