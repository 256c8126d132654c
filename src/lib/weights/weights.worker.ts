/** The worker that measures weights: a WeightsSession on the worker's own message port. */
import { cacheOfThread } from '../generate/workerThread';
import { keptResults } from '../model/keptResults';
import { browserSvd } from './browserSvd';
import type { FromWeights, ToWeights } from './protocol';
import { WeightsSession } from './weightsSession';

const session = new WeightsSession({
	fetch: (input, init) => fetch(input, init),
	cache: cacheOfThread,
	results: keptResults(),
	svd: (onNotice) => browserSvd((navigator as Partial<Navigator>).gpu, onNotice),
	send: (message: FromWeights) => postMessage(message)
});

onmessage = ({ data }: MessageEvent<ToWeights>) => session.receive(data);
