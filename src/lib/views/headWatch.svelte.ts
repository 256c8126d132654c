/**
 * Watches one attention head while its view is open: asks the model a few times a second, and not at all when it is
 * closed or nobody looks. One question is on its way at a time, so that a slow engine is not flooded.
 */
import type { Answer, Question } from '../generate/protocol';
import { norm, type AttentionWindow, type HeadPlace, type QueryScores } from './headPicture';

/** Rest between two rounds of questions: this long, and so much longer than they took, that writing goes first. */
const REST_MS = 250;
const REST_SHARE = 3;

/** What the watch needs of the page it stands on. */
export interface Watched {
	inspect(question: Question): Promise<Answer | null>;
	/** layers of the model that is in use */
	layers(): number;
	hidden(): boolean;
	rest(milliseconds: number): Promise<void>;
}

export class HeadWatch {
	readonly #watched: Watched;
	place = $state.raw<HeadPlace | null>(null);
	window = $state.raw<AttentionWindow | null>(null);
	/** the query that a person chose; null: the latest */
	chosen = $state<number | null>(null);
	scores = $state.raw<QueryScores | null>(null);
	/** length of the residual at the chosen query, the embedding first; empty where it is not kept any more */
	norms = $state.raw<readonly number[]>([]);
	/** the query of `scores` and `norms` */
	shown = $state<number | null>(null);
	#round = 0;
	/** a person waits for the answer: no rest before the next questions */
	#hurried = false;
	#wake: () => void = () => undefined;

	constructor(watched: Watched) {
		this.#watched = watched;
	}

	/** Opens the view on a head, or turns it to another one. */
	open(place: HeadPlace): void {
		this.place = place;
		this.window = null;
		this.scores = null;
		const round = ++this.#round;
		void this.#watch(round);
	}

	close(): void {
		this.#round++;
		this.place = null;
		this.window = null;
		this.scores = null;
		this.chosen = null;
		this.norms = [];
		this.shown = null;
	}

	/** Chooses a query by its position; null follows the latest. */
	choose(position: number | null): void {
		this.chosen = position;
		this.#hurried = true;
		this.#wake();
	}

	async #watch(round: number): Promise<void> {
		while (round === this.#round) {
			const began = performance.now();
			this.#hurried = false;
			if (!this.#watched.hidden()) await this.#look(round);
			const took = performance.now() - began;
			if (this.#hurried) continue;
			await Promise.race([
				this.#watched.rest(Math.max(REST_MS, REST_SHARE * took)),
				new Promise<void>((resolve) => (this.#wake = resolve))
			]);
		}
	}

	async #look(round: number): Promise<void> {
		const { place } = this;
		if (!place) return;
		const { inspect } = this.#watched;
		const found = await inspect({ about: 'attention', ...place });
		if (round !== this.#round || found?.about !== 'attention') return;
		const { first, count } = found.matrix;
		this.window = found.matrix;
		if (count === 0) return;
		const latest = first + count - 1;
		if (this.chosen !== null && this.chosen < first) this.chosen = null;
		const query = this.chosen ?? latest;
		const met = await inspect({ about: 'products', ...place, position: query });
		const norms = await this.#normsAt(query, round);
		if (round !== this.#round) return;
		this.scores = met?.about === 'products' ? met.products : null;
		this.norms = norms;
		this.shown = query;
	}

	async #normsAt(position: number, round: number): Promise<number[]> {
		const norms: number[] = [];
		for (let layer = 0; layer <= this.#watched.layers(); layer++) {
			const found = await this.#watched.inspect({ about: 'residual', layer, position });
			if (round !== this.#round || found?.about !== 'residual') return [];
			norms.push(norm(found.residual));
		}
		return norms;
	}
}
