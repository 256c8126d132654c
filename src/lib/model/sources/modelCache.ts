/**
 * Keeps the weights of models in the browser's own storage (Origin Private File System), so that they are fetched once.
 * One lock for each file lets one tab at a time look at it, fetch it or throw it away.
 */
import { CacheEntry } from './cacheEntry';
import { entryName, readRecords } from './cacheRecord';

/** The parts of the browser that the cache stands on, or of a test. */
export interface CacheStorage {
	readonly folder: FileSystemDirectoryHandle;
	/** null: no other tab can be there */
	readonly locks: LockManager | null;
	estimate(): Promise<StorageEstimate>;
}

/** What of `navigator` is needed; browsers that are old or not on a secure page lack some of it. */
interface Browser {
	readonly storage?: StorageManager;
	readonly locks?: LockManager;
}

/** The storage of this page, or null where the browser keeps nothing for it: private windows, old ones, plain http. */
export async function storageOf({ storage, locks }: Browser): Promise<CacheStorage | null> {
	if (!storage || !('getDirectory' in storage)) return null;
	try {
		const root = await storage.getDirectory();
		const folder = await root.getDirectoryHandle('models', { create: true });
		return { folder, locks: locks ?? null, estimate: () => storage.estimate() };
	} catch (error) {
		if (error instanceof DOMException || error instanceof TypeError) return null;
		throw error;
	}
}

export class ModelCache {
	readonly #storage: CacheStorage;

	constructor(storage: CacheStorage) {
		this.#storage = storage;
	}

	/**
	 * Runs `work` on the file of `url` while no other tab does. `onWait` is told when one has to be waited for.
	 * Throws the signal's reason when it is aborted meanwhile.
	 */
	async alone<T>(
		url: string,
		{ signal, onWait }: { signal?: AbortSignal | undefined; onWait: () => void },
		work: (entry: CacheEntry) => Promise<T>
	): Promise<T> {
		const { folder, locks } = this.#storage;
		const name = entryName(url);
		const run = () => work(new CacheEntry(folder, name));
		if (!locks) return run();
		const atOnce = await locks.request(lockOf(name), { ifAvailable: true }, async (lock) =>
			lock ? { result: await run() } : null
		);
		if (atOnce) return atOnce.result;
		onWait();
		signal?.throwIfAborted();
		return locks.request(lockOf(name), signal ? { signal } : {}, run);
	}

	/**
	 * Makes room for `bytes` more by throwing away what other downloads left unfinished, the oldest first. Returns the
	 * bytes that are free then, or Infinity where the browser does not say.
	 */
	async makeRoom(bytes: number, exceptUrl: string): Promise<number> {
		const { folder, locks } = this.#storage;
		let free = await this.#free();
		if (free >= bytes) return free;
		const leftovers = (await readRecords(folder))
			.filter(({ entry, record }) => !record?.complete && entry !== entryName(exceptUrl))
			.sort((a, b) => (a.record?.time ?? 0) - (b.record?.time ?? 0));
		for (const { entry } of leftovers) {
			const remove = () => new CacheEntry(folder, entry).remove();
			if (!locks) await remove();
			/** a leftover whose lock is taken is being fetched in another tab */ else
				await locks.request(lockOf(entry), { ifAvailable: true }, (lock) => lock && remove());
			free = await this.#free();
			if (free >= bytes) break;
		}
		return free;
	}

	async #free(): Promise<number> {
		const { quota, usage = 0 } = await this.#storage.estimate();
		return quota === undefined ? Infinity : Math.max(0, quota - usage);
	}
}

function lockOf(entry: string): string {
	return `model file ${entry}`;
}
