/** The page's end of the generation worker: typed messages out, one listener in. */
import type { FromWorker, ToWorker } from './protocol';

export class GenerationClient {
	readonly #worker: Worker;

	/** `onMessage` hears everything that the worker says, its own failure to start included. */
	constructor(onMessage: (message: FromWorker) => void) {
		this.#worker = new Worker(new URL('./generation.worker.ts', import.meta.url), {
			type: 'module',
			name: 'generation'
		});
		this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => onMessage(data);
		this.#worker.onerror = (event) => {
			event.preventDefault();
			onMessage({
				type: 'failed',
				message: `The writing of music stopped because of a fault in the program (${event.message || 'the worker did not start'}). The opening goes on; reload the page to have the model back.`
			});
		};
	}

	send(message: ToWorker): void {
		this.#worker.postMessage(message);
	}
}
