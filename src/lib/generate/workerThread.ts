/** What every worker with a model needs of its thread: the cache of weights, and a turn for messages that wait. */
import { ModelCache, storageOf } from '../model/sources/modelCache';

/** Where weights are kept; null where the browser keeps nothing for this page. */
export async function cacheOfThread(): Promise<ModelCache | null> {
	const storage = await storageOf(navigator);
	return storage && new ModelCache(storage);
}

/**
 * A function that resolves after waiting messages were received. A message to ourselves goes to the end of the queue:
 * what waits before it is handled first. No timer is clamped.
 */
export function breathing(): () => Promise<void> {
	const { port1, port2 } = new MessageChannel();
	const waiting: (() => void)[] = [];
	port1.onmessage = () => waiting.shift()?.();
	return () =>
		new Promise((resolve) => {
			waiting.push(resolve);
			port2.postMessage(null);
		});
}
