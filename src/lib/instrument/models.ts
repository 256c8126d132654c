/** Which model writes the jam: asks the author for one, and puts what becomes of it into the state that pages see. */
import type { EngineChoice, ModelSource } from '../generate/protocol';
import type { ModelLoading } from '../instrumentHandle';
import type { Author, AuthorEvents } from './author';
import type { StateStore } from './stateStore';

export interface ModelsOptions {
	store: StateStore;
	author(): Author;
	/** the model that comes with the site */
	shipped: ModelSource;
}

export class Models {
	readonly #options: ModelsOptions;
	/** asks once more for the model that was asked for last */
	#askAgain: () => void;

	constructor(options: ModelsOptions) {
		this.#options = options;
		this.#askAgain = () => this.load('shipped');
	}

	/** What the author has to say of models. */
	readonly events: Omit<AuthorEvents, 'onFrames' | 'onBar'> = {
		onLoading: (loading) => this.#announce(loading),
		onModel: (model) => {
			const { store } = this.#options;
			store.dismiss('model');
			store.update({
				nextModel: null,
				model: { phase: 'ready', model, tokensPerSecond: model.tokensPerSecond },
				styles: model.styles
			});
		},
		onKept: (message) => {
			this.#options.store.update({ nextModel: null });
			if (message !== null) this.#complain(`${message} Meanwhile the model in use goes on.`);
		},
		onNotice: (message) =>
			this.#options.store.notify({ id: 'engine', level: 'info', message, action: null }),
		onFailure: (message) => {
			this.#options.store.update({ model: { phase: 'failed', message }, nextModel: null });
			this.#complain(`${message} Meanwhile the music plays on with the bars that are there.`);
		},
		onPace: (tokensPerSecond) => {
			const { store } = this.#options;
			const { model } = store.current;
			if (model.phase === 'ready') store.update({ model: { ...model, tokensPerSecond } });
		}
	};

	/** Loads a model; the one in use goes on until it is ready. */
	load(source: ModelSource | 'shipped'): void {
		const { author, store, shipped } = this.#options;
		this.#ask(() =>
			author().load(source === 'shipped' ? shipped : source, store.current.engineChoice)
		);
	}

	/** Puts the untrained twin of the model in its place, or for null the trained one back. */
	loadTwin(seed: number | null): void {
		const { author } = this.#options;
		this.#ask(() => (seed === null ? author().loadTrained() : author().loadTwin(seed >>> 0)));
	}

	/** Asks again for what was asked for last. */
	retry(): void {
		this.#ask(this.#askAgain);
	}

	setEngine(engineChoice: EngineChoice): void {
		const { author, store } = this.#options;
		store.update({ engineChoice });
		if (store.current.model.phase === 'failed') this.retry();
		else author().setEngine(engineChoice);
	}

	#ask(ask: () => void): void {
		this.#askAgain = ask;
		this.#options.store.dismiss('model');
		ask();
	}

	#announce(loading: ModelLoading): void {
		const { store } = this.#options;
		if (store.current.model.phase === 'ready') store.update({ nextModel: loading });
		else store.update({ model: { phase: 'loading', ...loading } });
	}

	#complain(message: string): void {
		this.#options.store.notify({ id: 'model', level: 'error', message, action: 'retry model' });
	}
}
