/** The page's end of the worker that measures weights: typed messages out, one listener in. */
import type { FromWeights, ToWeights } from './protocol';

export class WeightsClient {
	readonly #worker: Worker;

	constructor(onMessage: (message: FromWeights) => void) {
		this.#worker = new Worker(new URL('./weights.worker.ts', import.meta.url), {
			type: 'module',
			name: 'weights'
		});
		this.#worker.onmessage = ({ data }: MessageEvent<FromWeights>) => onMessage(data);
		this.#worker.onerror = (event) => {
			event.preventDefault();
			onMessage({
				type: 'failed',
				message: `Measuring stopped because of a fault in the program (${event.message || 'the worker did not start'}). Reload the page to begin again.`
			});
		};
	}

	send(message: ToWeights): void {
		this.#worker.postMessage(message);
	}

	dispose(): void {
		this.#worker.terminate();
	}
}
