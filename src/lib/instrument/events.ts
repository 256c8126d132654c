/** A typed event emitter for the handle. A listener that throws is reported and does not silence the others. */
export class Events<Payloads> {
	readonly #listeners = new Map<keyof Payloads, Set<(payload: never) => void>>();

	/** Subscribes; returns the function that unsubscribes. */
	on<K extends keyof Payloads>(event: K, listener: (payload: Payloads[K]) => void): () => void {
		const listeners = this.#listeners.get(event) ?? new Set();
		this.#listeners.set(event, listeners);
		listeners.add(listener);
		return () => listeners.delete(listener);
	}

	emit<K extends keyof Payloads>(event: K, payload: Payloads[K]): void {
		for (const listener of this.#listeners.get(event) ?? []) {
			try {
				(listener as (payload: Payloads[K]) => void)(payload);
			} catch (error) {
				reportError(error);
			}
		}
	}

	/** Whether anybody listens. */
	has(event: keyof Payloads): boolean {
		return (this.#listeners.get(event)?.size ?? 0) > 0;
	}
}
