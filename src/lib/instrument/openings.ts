/**
 * What a set begins with: the opening of its style, or in its place bars of a piece that were handed over. Those bring their
 * style, key, mode and tempo along, once: hands may turn them on.
 */
import type { Prompt } from '../sonify/prompt';
import { forgetPrompt, keepPrompt, keptPrompt } from './promptStore';
import type { StateStore } from './stateStore';

export interface OpeningsOptions {
	store: StateStore;
	get(id: string): number;
	/** Sets a parameter as a hand would. */
	set(id: string, value: number): void;
	/** Sets the tempo of the transport; styles may still bring theirs. */
	setTempo(bpm: number): void;
	/** Lets the style bring its tempo again. */
	followStyleTempo(): void;
}

/** Choices that may be left to the model have "auto" in the first place. */
const AUTO = 0;

export class Openings {
	readonly #options: OpeningsOptions;

	constructor(options: OpeningsOptions) {
		this.#options = options;
	}

	/** The bars that were handed over, or null: sets begin with the opening of their style. */
	get handed(): Prompt | null {
		return this.#options.store.current.opening;
	}

	/** Takes up what was handed over on another page of this tab. */
	restore(): void {
		const prompt = keptPrompt();
		if (prompt) this.#adopt(prompt);
	}

	/** Sets begin with this prompt from now on, or for null with the opening of their style. */
	take(prompt: Prompt | null): void {
		if (prompt) {
			keepPrompt(prompt);
			this.#adopt(prompt);
		} else this.#dismiss();
	}

	#adopt(prompt: Prompt): void {
		const { store, set, setTempo } = this.#options;
		store.update({ opening: prompt });
		set('model.style', prompt.style);
		set('model.key', 1 + prompt.key);
		set('model.mode', 1 + prompt.mode);
		setTempo(prompt.tempo);
	}

	/** Key and mode go back to the model where they still stand as the prompt has set them. */
	#dismiss(): void {
		const { store, get, set, followStyleTempo } = this.#options;
		const prompt = this.handed;
		if (!prompt) return;
		forgetPrompt();
		store.update({ opening: null });
		if (get('model.key') === 1 + prompt.key) set('model.key', AUTO);
		if (get('model.mode') === 1 + prompt.mode) set('model.mode', AUTO);
		followStyleTempo();
	}
}
