import type { Instrument } from '$lib/instrumentHandle';

declare global {
	interface Window {
		/** The scripting handle: start, stop, set a parameter by id, subscribe to notes and token frames. */
		kqv?: Instrument;
	}
}

export {};
