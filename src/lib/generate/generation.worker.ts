/** The generation worker: a GenerationSession on the worker's own message port. */
import { ModelCache, storageOf } from '../model/sources/modelCache';
import { browserEngines } from './browserEngines';
import { GenerationSession } from './generationSession';
import type { FromWorker, ToWorker } from './protocol';

/** A message to ourselves goes to the end of the queue: what waits before it is handled first. No timer is clamped. */
const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

const session = new GenerationSession({
	engines: browserEngines((navigator as Partial<Navigator>).gpu),
	fetch: (input, init) => fetch(input, init),
	cache: async () => {
		const storage = await storageOf(navigator);
		return storage && new ModelCache(storage);
	},
	send: (message: FromWorker, transfer = []) => postMessage(message, { transfer }),
	breathe: () =>
		new Promise((resolve) => {
			waiting.push(resolve);
			port2.postMessage(null);
		})
});

onmessage = ({ data }: MessageEvent<ToWorker>) => session.receive(data);
