/** Starts the tick worker and hands its ticks on. */

/** The part of a Worker that a ticker needs. */
export interface TickWorker {
	onmessage: ((event: MessageEvent) => unknown) | null;
	onerror: ((event: ErrorEvent) => unknown) | null;
	terminate(): void;
}

/** How often the page ticks itself where the worker could not be loaded. */
const FALLBACK_MILLISECONDS = 25;

function tickWorker(): TickWorker {
	return new Worker(new URL('./tick.worker.ts', import.meta.url), { type: 'module' });
}

/**
 * Calls `onTick` every 25 ms, in a hidden page too, until the returned function is called. If the worker fails the page
 * ticks itself: the music goes on, though a hidden page may then slow it down.
 */
export function startTicker(
	onTick: () => void,
	createWorker: () => TickWorker = tickWorker
): () => void {
	const worker = createWorker();
	let interval: ReturnType<typeof setInterval> | undefined;
	worker.onmessage = () => onTick();
	worker.onerror = () => {
		interval ??= setInterval(onTick, FALLBACK_MILLISECONDS);
	};
	return () => {
		worker.onmessage = null;
		worker.onerror = null;
		worker.terminate();
		clearInterval(interval);
	};
}
