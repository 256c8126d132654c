/**
 * A model's folder on a server, found by its address. Small files come whole; weights come through the cache, counted
 * together over all the files that they are spread over.
 */
import { ModelFileError } from '../config';
import { memoryFile, type FileExpectation, type ModelFile, type ModelFolder } from '../files';
import { cachedFile, fileInMemory, type Download } from './download';
import { listedFiles } from './huggingFace';
import { isHuggingFace, modelAddress } from './modelAddress';
import type { ModelCache } from './modelCache';
import { guarded, request, type Network } from './request';

/** How far the weights are. */
export interface LoadProgress {
	/** the file that is on its way */
	readonly file: string;
	readonly receivedBytes: number;
	/** of all weight files; 0 when nobody says */
	readonly totalBytes: number;
}

export interface UrlFolderOptions extends Network {
	/** null: weights are held in memory */
	readonly cache: ModelCache | null;
	/** called now and then while weights come, and when a file is there */
	readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
	/** something that a person should read while loading goes on */
	readonly onNotice?: ((message: string) => void) | undefined;
}

const WEIGHTS = /\.safetensors$/;
const INDEX = /\.safetensors\.index\.json$/;

/** The folder at `address`. Throws a ModelFileError when that is no address of a folder. */
export function urlFolder(address: string, options: UrlFolderOptions): ModelFolder {
	const { cache, onProgress, onNotice = () => undefined, fetch, signal } = options;
	const base = modelAddress(address);
	const progress = new WeightProgress(onProgress ?? (() => undefined));
	/** asked for once, with the first weights */
	let listed: ReturnType<typeof listedFiles> | null = null;

	async function openWeights(name: string, expected: FileExpectation): Promise<ModelFile | null> {
		if (isHuggingFace(base)) listed ??= listedFiles(base, options);
		const download: Download = {
			url: base + name,
			name,
			expected: { ...(await listed)?.get(name), ...expected },
			fetch,
			signal,
			onBytes: (received, size) => progress.advance(name, received, size),
			onNotice
		};
		try {
			return await (cache ? cachedFile(download, cache) : fileInMemory(download));
		} finally {
			progress.settle();
		}
	}

	async function openSmall(name: string): Promise<ModelFile | null> {
		const url = base + name;
		const response = await request(url, options);
		if (!response) return null;
		const bytes = new Uint8Array(await guarded(url, options, () => response.arrayBuffer()));
		if (INDEX.test(name)) progress.expect(totalSize(bytes));
		return memoryFile(name, bytes);
	}

	return {
		name: base,
		async open(name, expected = {}) {
			if (name.includes('/') || name.includes('\\')) {
				throw new ModelFileError(
					`The model can't be used: it names a file outside its folder, "${name}". Choose another model.`
				);
			}
			return WEIGHTS.test(name) ? openWeights(name, expected) : openSmall(name);
		}
	};
}

/** Time between two reports of progress, ms. */
const REPORT_INTERVAL = 50;

/** Adds up the bytes of several weight files, and reports them: the first at once, of those that follow closely the latest. */
class WeightProgress {
	readonly #report: (progress: LoadProgress) => void;
	readonly #received = new Map<string, number>();
	readonly #sizes = new Map<string, number>();
	/** what the index of a sharded model says of all its tensors together */
	#expected = 0;
	#waiting: LoadProgress | null = null;
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor(report: (progress: LoadProgress) => void) {
		this.#report = report;
	}

	expect(bytes: number): void {
		this.#expected = bytes;
	}

	advance(file: string, received: number, size: number | null): void {
		this.#received.set(file, received);
		if (size !== null) this.#sizes.set(file, size);
		/** headers come on top of the tensors that the index counts */
		const totalBytes = Math.max(this.#expected, sum(this.#sizes));
		this.#waiting = { file, receivedBytes: sum(this.#received), totalBytes };
		if (this.#timer === null) this.#tell();
	}

	/** Reports what waits, and nothing afterwards: a file is there, or will not come. */
	settle(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		if (this.#waiting) this.#report(this.#waiting);
		this.#waiting = null;
	}

	#tell(): void {
		this.#timer = null;
		if (!this.#waiting) return;
		this.#report(this.#waiting);
		this.#waiting = null;
		this.#timer = setTimeout(() => this.#tell(), REPORT_INTERVAL);
	}
}

function sum(sizes: ReadonlyMap<string, number>): number {
	return [...sizes.values()].reduce((total, size) => total + size, 0);
}

/** `metadata.total_size` of an index; 0 when it is not there. Whether the index is right is for its reader to say. */
function totalSize(bytes: Uint8Array): number {
	try {
		const index = JSON.parse(new TextDecoder().decode(bytes)) as {
			metadata?: { total_size?: unknown };
		} | null;
		const size = index?.metadata?.total_size;
		return typeof size === 'number' && size > 0 ? size : 0;
	} catch (error) {
		if (error instanceof SyntaxError) return 0;
		throw error;
	}
}
