/** The page's end of the worker that looks inside a model: typed messages out, one listener in, questions as promises. */
import type { Answer, Question } from '../model/questions';
import type { FromInside, ToInside } from './protocol';

/** What the worker says of its own accord. */
export type InsideNews = Exclude<FromInside, { type: 'answer' | 'unanswered' }>;

export class InsideClient {
	readonly #worker: Worker;
	readonly #asked = new Map<number, PromiseWithResolvers<Answer>>();
	#questions = 0;

	constructor(onNews: (news: InsideNews) => void) {
		this.#worker = new Worker(new URL('./inside.worker.ts', import.meta.url), {
			type: 'module',
			name: 'inside'
		});
		this.#worker.onmessage = ({ data }: MessageEvent<FromInside>) => {
			switch (data.type) {
				case 'answer':
					this.#settle(data.id)?.resolve(data.answer);
					break;
				case 'unanswered':
					this.#settle(data.id)?.reject(new Error(data.message));
					break;
				default:
					onNews(data);
			}
		};
		this.#worker.onerror = (event) => {
			event.preventDefault();
			onNews({
				type: 'failed',
				message: `The model stopped because of a fault in the program (${event.message || 'the worker did not start'}). Reload the page to begin again.`
			});
		};
	}

	send(message: Exclude<ToInside, { type: 'ask' }>): void {
		this.#worker.postMessage(message);
	}

	/** Rejects with a sentence when there is no answer. */
	ask(question: Question): Promise<Answer> {
		const id = this.#questions++;
		const asked = Promise.withResolvers<Answer>();
		this.#asked.set(id, asked);
		this.#worker.postMessage({ type: 'ask', id, question } satisfies ToInside);
		return asked.promise;
	}

	dispose(): void {
		this.#worker.terminate();
	}

	#settle(id: number): PromiseWithResolvers<Answer> | undefined {
		const asked = this.#asked.get(id);
		this.#asked.delete(id);
		return asked;
	}
}
