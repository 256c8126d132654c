/** What the page for looking inside a model shows: the text and its frames, what is chosen, and the answers to that. */
import type { EngineChoice, ModelSource } from '../../generate/protocol';
import type { InsideClient, InsideNews } from '../../inside/insideClient';
import type { InsideModel, Writing } from '../../inside/protocol';
import type { AttentionMatrix, QueryKeyProducts } from '../../model/inspector';
import { TokenFrame } from '../../model/tokenFrame';

/** A token of the sequence, as the page shows it. */
export interface ShownToken {
	readonly position: number;
	readonly text: string;
	/** typed by the person */
	readonly given: boolean;
	readonly frame: TokenFrame;
	readonly alternatives: readonly string[];
}

/** Bytes on their way, of all files of a model. */
export interface Progress {
	readonly file: string;
	readonly receivedBytes: number;
	readonly totalBytes: number;
}

/** Between two questions about the same head while the model writes. */
const ASK_MILLISECONDS = 250;

export class InsideState {
	model = $state.raw<InsideModel | null>(null);
	progress = $state.raw<Progress | null>(null);
	opening = $state(false);
	writing = $state(false);
	tokensPerSecond = $state(0);
	tokens = $state.raw<readonly ShownToken[]>([]);
	/** position of the token that is looked at; null follows the last */
	chosen = $state<number | null>(null);
	layer = $state(0);
	head = $state(0);
	matrix = $state.raw<AttentionMatrix | null>(null);
	products = $state.raw<QueryKeyProducts | null>(null);
	message = $state('');
	problem = $state('');

	/** the token that is looked at */
	readonly token = $derived(
		this.chosen === null ? this.tokens.at(-1) : (this.tokens[this.chosen] ?? this.tokens.at(-1))
	);
	readonly #client: InsideClient;
	#asking = false;
	#askedAt = 0;
	#again = false;

	constructor(openClient: (onNews: (news: InsideNews) => void) => InsideClient) {
		this.#client = openClient((news) => {
			this.#hear(news);
		});
	}

	open(source: ModelSource, engine: EngineChoice): void {
		this.#expectModel();
		this.#client.send({ type: 'open', source, engine });
	}

	/** Asks for the untrained twin of the model in use, its weights drawn with `seed`, or for null for the trained one. */
	openTwin(seed: number | null, engine: EngineChoice): void {
		this.#expectModel();
		this.#client.send({ type: 'twin', seed, engine });
	}

	cancel(): void {
		this.opening = false;
		this.progress = null;
		this.#client.send({ type: 'cancel' });
	}

	write(writing: Writing): void {
		this.problem = '';
		this.writing = true;
		this.chosen = null;
		this.#client.send({ type: 'write', writing });
	}

	stop(): void {
		this.#client.send({ type: 'stop' });
	}

	choose(position: number | null): void {
		this.chosen = position;
		this.look();
	}

	chooseHead(layer: number, head: number): void {
		this.layer = layer;
		this.head = head;
		this.look();
	}

	/**
	 * Asks for the chosen head's attention and the chosen token's products. One question is under way at a time; what
	 * was chosen meanwhile is asked next.
	 */
	look(): void {
		this.#again = true;
		if (!this.#asking) void this.#ask();
	}

	dispose(): void {
		this.#client.dispose();
	}

	async #ask(): Promise<void> {
		this.#asking = true;
		while (this.#again) {
			const wait = this.writing ? this.#askedAt + ASK_MILLISECONDS - performance.now() : 0;
			if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
			this.#again = false;
			this.#askedAt = performance.now();
			const { layer, head, token } = this;
			if (!token || this.tokens.length < 2) break;
			try {
				const answer = await this.#client.ask({ about: 'attention', layer, head });
				if (answer.about === 'attention') this.matrix = answer.matrix;
				this.products = await this.#productsOf(layer, head, token.position - 1);
			} catch (error) {
				/** the text moved on meanwhile; what is shown stays until the next question */
				this.message = error instanceof Error ? error.message : String(error);
			}
		}
		this.#asking = false;
	}

	async #productsOf(
		layer: number,
		head: number,
		position: number
	): Promise<QueryKeyProducts | null> {
		if (position < 0) return null;
		const answer = await this.#client.ask({ about: 'products', layer, head, position });
		return answer.about === 'products' ? answer.products : null;
	}

	#hear(news: InsideNews): void {
		switch (news.type) {
			case 'progress':
				if (this.opening) this.progress = news;
				break;
			case 'opened':
				this.opening = false;
				this.progress = null;
				this.model = news.model;
				this.#forget();
				this.layer = Math.min(this.layer, news.model.layers - 1);
				this.head = Math.min(this.head, news.model.heads - 1);
				this.tokensPerSecond = news.model.tokensPerSecond;
				break;
			case 'tokens':
				this.#append(news);
				break;
			case 'rest':
				this.writing = false;
				if (news.tokensPerSecond > 0) this.tokensPerSecond = news.tokensPerSecond;
				this.look();
				break;
			case 'notice':
				this.message = news.message;
				break;
			case 'failed':
				this.opening = false;
				this.writing = false;
				this.progress = null;
				this.problem = news.message;
				break;
		}
	}

	#expectModel(): void {
		this.opening = true;
		this.problem = '';
		this.message = '';
		this.progress = null;
	}

	#append(news: Extract<InsideNews, { type: 'tokens' }>): void {
		const { first, texts, alternatives, frames, given } = news;
		const added = texts.map((text, i): ShownToken => ({
			position: first + i,
			text,
			given,
			frame: new TokenFrame(frames, i),
			alternatives: alternatives[i] ?? []
		}));
		this.tokens = [...this.tokens.slice(0, first), ...added];
		if (first === 0) this.matrix = null;
		this.look();
	}

	#forget(): void {
		this.tokens = [];
		this.chosen = null;
		this.matrix = null;
		this.products = null;
		this.writing = false;
	}
}
