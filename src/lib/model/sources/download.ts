/**
 * Brings a large file from a server: streamed piece by piece into the cache, or into memory where there is none, hashed on
 * the way. A part that an earlier download left in the cache is continued where the server still has the same file.
 */
import { ModelFileError } from '../config';
import { memoryFile, type FileExpectation, type ModelFile } from '../files';
import type { CacheEntry } from './cacheEntry';
import { BLOCK, type CacheRecord, type Origin } from './cacheRecord';
import { createDigest, requireDigest, requireLength, type RunningDigest } from './digest';
import type { ModelCache } from './modelCache';
import { isFull } from './privateFiles';
import { guarded, request, type Network } from './request';

/** A file beyond this is not held in memory when the cache has no room. */
export const LARGEST_IN_MEMORY = 1e9;

/** Memory for a file whose length nobody tells, to begin with. */
const FIRST_GUESS = 1 << 24;

export interface Download extends Network {
	readonly url: string;
	/** of the file, for messages */
	readonly name: string;
	readonly expected: FileExpectation;
	/** `size` is null where the server does not say */
	onBytes(received: number, size: number | null): void;
	/** something that a person should read, while loading goes on */
	onNotice(message: string): void;
}

/** The file of `download.url` out of the cache, or from its server by way of the cache. Null when there is no such file. */
export function cachedFile(download: Download, cache: ModelCache): Promise<ModelFile | null> {
	const { url, name, signal, onNotice } = download;
	const onWait = () =>
		onNotice(`Another tab is fetching ${name} just now; this one waits for it and then shares it.`);
	return cache.alone(url, { signal, onWait }, async (entry) => {
		const record = await entry.record();
		if (record?.complete && (await isCurrent(record, download))) {
			if ((await entry.soundBlocks(record, signal)) === record.blocks.length) {
				download.onBytes(record.complete.bytes, record.complete.bytes);
				return entry.open(name);
			}
			onNotice(`The browser's copy of ${name} was damaged, so it is fetched again.`);
			await entry.remove();
		}
		return intoCache(download, cache, entry, record?.complete ? null : record);
	});
}

/** The file of `download.url`, held in memory. Null when there is no such file. */
export async function fileInMemory(download: Download): Promise<ModelFile | null> {
	const { url, name, expected } = download;
	const response = await request(url, download);
	if (!response) return null;
	const digest = createDigest();
	const { size } = originOf(response, url, 0);
	let whole = new Uint8Array(Math.min(size ?? FIRST_GUESS, LARGEST_IN_MEMORY));
	const bytes = await receive(download, { response, start: 0, digest }, (piece, received) => {
		if (received > LARGEST_IN_MEMORY) throw tooLarge(name);
		if (received > whole.byteLength) whole = widened(whole, 2 * received);
		whole.set(piece, received - piece.byteLength);
	});
	requireDigest(name, digest.finish(), expected.sha256);
	return memoryFile(name, whole.subarray(0, bytes));
}

/** Whether the server still has the file that was kept. When it can't be asked, what is there will do. */
async function isCurrent(record: CacheRecord, download: Download): Promise<boolean> {
	const { url, expected } = download;
	if (expected.sha256 !== undefined) return record.complete?.sha256 === expected.sha256;
	try {
		const response = await request(url, download, { method: 'HEAD', cache: 'no-store' });
		return response === null || isSameFile(record, originOf(response, url, 0));
	} catch (error) {
		if (error instanceof ModelFileError) return true;
		throw error;
	}
}

async function intoCache(
	download: Download,
	cache: ModelCache,
	entry: CacheEntry,
	part: CacheRecord | null
): Promise<ModelFile | null> {
	const { url, name, expected, onNotice } = download;
	const answer = await ask(download, entry, part);
	if (!answer) {
		await entry.remove();
		return null;
	}
	const { response, origin, kept, start } = answer;
	const missing = Math.max(0, (origin.size ?? 0) - start);
	const free = await cache.makeRoom(missing, url);
	if (free < missing) {
		await response.body?.cancel();
		await entry.remove();
		return inMemoryInstead(missing, free);
	}
	const writer = await entry.write(origin, kept);
	let sha256: string;
	try {
		await receive(download, answer, (piece) => writer.add(piece));
		sha256 = answer.digest.finish();
		if (isPublished(sha256)) await writer.finish(sha256);
	} catch (error) {
		if (!isFull(error)) {
			await writer.pause();
			throw error;
		}
		await writer.abandon();
		await entry.remove();
		return inMemoryInstead(missing, await cache.makeRoom(0, url));
	}
	if (!isPublished(sha256)) {
		await writer.abandon();
		await entry.remove();
		requireDigest(name, sha256, expected.sha256);
	}
	return entry.open(name);

	function isPublished(digest: string): boolean {
		return digest === (expected.sha256 ?? digest);
	}

	function inMemoryInstead(needed: number, free: number): Promise<ModelFile | null> {
		if (needed > LARGEST_IN_MEMORY) throw tooLarge(name, free);
		onNotice(noRoom(name, needed, free));
		return fileInMemory(download);
	}
}

/** An answer of the server, and what is there already before its first byte. */
interface Answer {
	readonly response: Response;
	readonly origin: Origin;
	/** digests of the blocks that are kept */
	readonly kept: readonly string[];
	/** bytes in them */
	readonly start: number;
	/** has taken them in */
	readonly digest: RunningDigest;
}

/** Asks the server for what is missing of a part, or for the whole file. Null when there is no such file. */
async function ask(
	download: Download,
	entry: CacheEntry,
	part: CacheRecord | null
): Promise<Answer | null> {
	const { url, signal } = download;
	const digest = createDigest();
	const sound = part ? await entry.soundBlocks(part, signal, digest) : 0;
	if (part && sound > 0) {
		const start = sound * BLOCK;
		const headers = { Range: `bytes=${start}-`, ...ifRange(part) };
		const response = await request(url, download, { cache: 'no-store', headers });
		const origin = response && originOf(response, url, start);
		if (response?.status === 206 && isSameFile(part, origin!)) {
			return { response, origin: origin!, kept: part.blocks.slice(0, sound), start, digest };
		}
		if (response?.status === 200) {
			return { response, origin: origin!, kept: [], start: 0, digest: createDigest() };
		}
		await response?.body?.cancel();
	}
	const response = await request(url, download, { cache: 'no-store' });
	if (!response) return null;
	const origin = originOf(response, url, 0);
	return { response, origin, kept: [], start: 0, digest: createDigest() };
}

/**
 * Reads the body of an answer to its end and returns the length of the whole file. Throws a ModelFileError when that is
 * not the length that was announced.
 */
async function receive(
	download: Download,
	{ response, start, digest }: Pick<Answer, 'response' | 'start' | 'digest'>,
	take: (piece: Uint8Array, received: number) => void | Promise<void>
): Promise<number> {
	const { url, name, expected, onBytes } = download;
	const { size } = originOf(response, url, start);
	const reader = response.body?.getReader();
	let received = start;
	try {
		for (;;) {
			onBytes(received, expected.bytes ?? size);
			const next = await guarded(url, download, async () => reader?.read());
			if (!next || next.done) break;
			received += next.value.byteLength;
			digest.update(next.value);
			await take(next.value, received);
		}
	} finally {
		// An error of the body has been thrown already; one of cancelling it says nothing new.
		await reader?.cancel().catch(() => undefined);
	}
	requireLength(name, received, expected.bytes);
	/** servers that compress without saying so announce less than comes */
	if (size !== null && received < size) requireLength(name, received, size);
	return received;
}

/** What the headers of an answer say; `start` is where its body begins in the file. */
function originOf({ headers, status }: Response, url: string, start: number): Origin {
	const total = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
	const length = headers.has('content-encoding') ? null : headers.get('content-length');
	const announced = length === null ? null : Number(length) + (status === 206 ? start : 0);
	return {
		url,
		size: total === undefined ? announced : Number(total),
		etag: headers.get('etag'),
		lastModified: headers.get('last-modified')
	};
}

/**
 * Whether two answers are about the same state of a file. Pages of other sites don't see every header, so what one of the
 * two does not tell is left out; without any validator at all nothing is the same.
 */
function isSameFile(a: Origin, b: Origin): boolean {
	const told = ([one, other]: [unknown, unknown]) => one !== null && other !== null;
	const validators: [string | null, string | null][] = [
		[strong(a.etag), strong(b.etag)],
		[a.lastModified, b.lastModified]
	];
	const common = validators.filter(told);
	const sameSize = !told([a.size, b.size]) || a.size === b.size;
	return common.length > 0 && sameSize && common.every(([one, other]) => one === other);
}

/** A weak validator is told apart by its W/ alone. */
function strong(etag: string | null): string | null {
	return etag?.replace(/^W\//, '') ?? null;
}

/**
 * Asks for the whole file where it has changed. Servers of other sites would first have to allow this header, which few
 * do: there, the answer's own validators must do.
 */
function ifRange({ url, etag, lastModified }: Origin): Record<string, string> {
	const here = (globalThis as { location?: Location }).location?.origin;
	if (here !== undefined && new URL(url).origin !== here) return {};
	const validator = etag?.startsWith('"') ? etag : lastModified;
	return validator ? { 'If-Range': validator } : {};
}

function widened(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	const wider = new Uint8Array(length);
	wider.set(bytes);
	return wider;
}

function noRoom(file: string, needed: number, free: number): string {
	return `There is no room to keep ${file}: it needs ${megabytes(needed)} and the browser has ${megabytes(free)} left for this page. It is held in memory this time and fetched again next time. To keep it, clear the site data of this page in the browser's settings, or free some space on the disk.`;
}

function tooLarge(file: string, free?: number): ModelFileError {
	const room =
		free === undefined ? '' : `, and the browser has ${megabytes(free)} left for this page`;
	return new ModelFileError(
		`The model could not be loaded: ${file} is larger than ${megabytes(LARGEST_IN_MEMORY)}, too large to hold in memory${room}. Free some space on the disk, or clear the site data of this page in the browser's settings, and load it again; or choose a smaller model.`
	);
}

function megabytes(bytes: number): string {
	return `${Math.round(bytes / 1e6)} MB`;
}
