/** The worker that looks inside a model: an InsideSession on the worker's own message port. */
import { browserEngines } from '../generate/browserEngines';
import { breathing, cacheOfThread } from '../generate/workerThread';
import { InsideSession } from './insideSession';
import type { FromInside, ToInside } from './protocol';

const session = new InsideSession({
	engines: browserEngines((navigator as Partial<Navigator>).gpu),
	fetch: (input, init) => fetch(input, init),
	cache: cacheOfThread,
	send: (message: FromInside, transfer = []) => postMessage(message, { transfer }),
	breathe: breathing()
});

onmessage = ({ data }: MessageEvent<ToInside>) => session.receive(data);
