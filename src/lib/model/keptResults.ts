/**
 * Results that took long to compute, kept in the browser's database (IndexedDB) under a key that tells what they are of. Where
 * the browser keeps nothing, as in private windows and on full disks, they are computed again.
 */
import { get, set } from 'idb-keyval';

export interface KeptResults {
	/** What was kept under `key`, or null. */
	get(key: string): Promise<unknown>;
	/** Keeps what can be cloned. */
	keep(key: string, result: unknown): Promise<void>;
}

export function keptResults(): KeptResults {
	return {
		get: async (key) => (await get<unknown>(key).catch(() => null)) ?? null,
		keep: (key, result) => set(key, result).catch(() => undefined)
	};
}
