/** The worker that looks inside a model: an InsideSession on the worker's own message port. */
import { browserEngines } from '../generate/browserEngines';
import { ModelCache, storageOf } from '../model/sources/modelCache';
import { InsideSession } from './insideSession';
import type { FromInside, ToInside } from './protocol';

/** A message to ourselves goes to the end of the queue: what waits before it is handled first. No timer is clamped. */
const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

const session = new InsideSession({
	engines: browserEngines((navigator as Partial<Navigator>).gpu),
	fetch: (input, init) => fetch(input, init),
	cache: async () => {
		const storage = await storageOf(navigator);
		return storage && new ModelCache(storage);
	},
	send: (message: FromInside, transfer = []) => postMessage(message, { transfer }),
	breathe: () =>
		new Promise((resolve) => {
			waiting.push(resolve);
			port2.postMessage(null);
		})
});

onmessage = ({ data }: MessageEvent<ToInside>) => session.receive(data);
