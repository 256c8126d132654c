/** The generation worker: a GenerationSession on the worker's own message port. */
import { browserEngines } from './browserEngines';
import { GenerationSession } from './generationSession';
import type { FromWorker, ToWorker } from './protocol';
import { breathing, cacheOfThread } from './workerThread';

const session = new GenerationSession({
	engines: browserEngines((navigator as Partial<Navigator>).gpu),
	fetch: (input, init) => fetch(input, init),
	cache: cacheOfThread,
	send: (message: FromWorker, transfer = []) => postMessage(message, { transfer }),
	breathe: breathing()
});

onmessage = ({ data }: MessageEvent<ToWorker>) => session.receive(data);
