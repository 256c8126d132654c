/** Weights from a server by way of the cache: continued, checked, repaired, shared, and what happens when there is no room. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../../src/lib/model/config';
import type { FileExpectation, ModelFile } from '../../../../src/lib/model/files';
import { BLOCK, entryName } from '../../../../src/lib/model/sources/cacheRecord';
import { ModelCache } from '../../../../src/lib/model/sources/modelCache';
import {
	urlFolder,
	type LoadProgress,
	type UrlFolderOptions
} from '../../../../src/lib/model/sources/urlFolder';
import { createFileServer, type FileServer } from '../../../fixtures/fileServer';
import {
	createPrivateFileSystem,
	type PrivateFileSystem
} from '../../../fixtures/privateFileSystem';
import { randomNumbers } from '../randomModel';

const BASE = 'https://example.org/models/tiny/';
const WEIGHTS = 'model.safetensors';
const SIZE = Math.round(3.3 * BLOCK);
const content = randomBytes(1);
const SHA256 = createHash('sha256').update(content).digest('hex');

function randomBytes(seed: number): Uint8Array<ArrayBuffer> {
	const random = randomNumbers(seed);
	return Uint8Array.from({ length: SIZE }, () => 256 * random());
}

let server: FileServer;
let disk: PrivateFileSystem;
let progress: LoadProgress[];
let notices: string[];

beforeEach(() => {
	server = createFileServer();
	server.files.set(BASE + WEIGHTS, { bytes: content });
	disk = createPrivateFileSystem();
	progress = [];
	notices = [];
});

function open(
	expected: FileExpectation = {},
	options: Partial<UrlFolderOptions> = {}
): Promise<ModelFile | null> {
	const folder = urlFolder(BASE, {
		fetch: server.fetch,
		cache: new ModelCache(disk.storage),
		onProgress: (report) => progress.push(report),
		onNotice: (message) => notices.push(message),
		...options
	});
	return folder.open(WEIGHTS, expected);
}

async function expectContent(file: ModelFile | null, wanted = content): Promise<void> {
	expect(file?.size).toBe(SIZE);
	expect(Buffer.compare(await file!.read(0, SIZE), wanted)).toBe(0);
	expect(
		Buffer.compare(await file!.read(BLOCK - 5, BLOCK + 9), wanted.subarray(BLOCK - 5, BLOCK + 9))
	).toBe(0);
}

/** Begins to load and cancels after so many bytes. */
async function cancelAfter(bytes: number): Promise<void> {
	const controller = new AbortController();
	server.onPiece = (sent) => {
		if (sent >= bytes) controller.abort(new Error('another model was chosen'));
	};
	await expect(open({}, { signal: controller.signal })).rejects.toThrow('another model was chosen');
	server.onPiece = () => undefined;
	server.requests.length = 0;
	progress.length = 0;
}

function storedWeights(): Uint8Array {
	return disk.files.get(`${entryName(BASE + WEIGHTS)}.weights`)!.bytes;
}

describe.each([
	['in place', true],
	['by streams', false]
])('a cache that is written %s', (_, inPlace) => {
	beforeEach(() => {
		disk.inPlace = inPlace;
	});

	it('streams the weights into it, and reads ranges of them back', async () => {
		await expectContent(await open());
		expect(storedWeights().byteLength).toBe(SIZE);
		expect(progress[0]).toEqual({ file: WEIGHTS, receivedBytes: 0, totalBytes: SIZE });
		expect(progress.at(-1)).toEqual({ file: WEIGHTS, receivedBytes: SIZE, totalBytes: SIZE });
		expect(notices).toEqual([]);
	});

	it('asks for nothing the second time, where the digest is known', async () => {
		await open({ sha256: SHA256 });
		server.requests.length = 0;
		await expectContent(await open({ sha256: SHA256 }));
		expect(server.requests).toEqual([]);
		expect(progress.at(-1)).toEqual({ file: WEIGHTS, receivedBytes: SIZE, totalBytes: SIZE });
	});

	it('asks only whether the file has changed, where no digest is known', async () => {
		await open();
		server.requests.length = 0;
		await expectContent(await open());
		expect(server.requests).toEqual([`HEAD ${BASE}${WEIGHTS}`]);
	});

	it('goes on where a cancelled download stopped, and fetches nothing twice but its last block', async () => {
		await cancelAfter(2.5 * BLOCK);
		await expectContent(await open({ sha256: SHA256 }));
		expect(server.requests).toEqual([`GET ${BASE}${WEIGHTS} bytes=${2 * BLOCK}-`]);
		expect(progress[0]!.receivedBytes).toBe(2 * BLOCK);
	});

	it('goes on where a broken connection stopped', async () => {
		server.breaksAt = 1.5 * BLOCK;
		await expect(open()).rejects.toThrow(/connection failed at .*model\.safetensors/);
		server.breaksAt = null;
		server.requests.length = 0;
		await expectContent(await open());
		expect(server.requests).toEqual([`GET ${BASE}${WEIGHTS} bytes=${BLOCK}-`]);
	});

	it('does without the cache when a write finds the disk full, and says so', async () => {
		disk.quota = 2 * BLOCK;
		disk.claimedFree = 100 * BLOCK;
		await expectContent(await open({ sha256: SHA256 }));
		expect(notices).toEqual([expect.stringMatching(/no room to keep model\.safetensors.*memory/)]);
		expect(disk.files.size).toBe(0);
	});
});

describe('continuing a download', () => {
	beforeEach(() => cancelAfter(2.5 * BLOCK));

	it('begins anew when the file has changed on the server', async () => {
		const changed = randomBytes(2);
		server.files.set(BASE + WEIGHTS, { bytes: changed, version: 2 });
		await expectContent(await open(), changed);
	});

	it('begins anew when the file has changed and the server does not heed If-Range', async () => {
		const changed = randomBytes(2);
		server.ifRange = false;
		server.files.set(BASE + WEIGHTS, { bytes: changed, version: 2 });
		await expectContent(await open(), changed);
	});

	it('begins anew on a server without ranges', async () => {
		server.ranges = false;
		await expectContent(await open());
		expect(progress[0]!.receivedBytes).toBe(0);
	});

	it('begins anew when the part is longer than the file is now', async () => {
		const short = content.slice(0, 1000);
		server.files.set(BASE + WEIGHTS, { bytes: short });
		const file = await open();
		expect(await file!.read(0, 1000)).toEqual(short);
	});

	it('fetches again what was damaged meanwhile, from the damage on', async () => {
		storedWeights()[BLOCK + 7]! ^= 1;
		await expectContent(await open({ sha256: SHA256 }));
		expect(server.requests).toEqual([`GET ${BASE}${WEIGHTS} bytes=${BLOCK}-`]);
	});

	it('begins anew when the record was cut off', async () => {
		const record = disk.files.get(`${entryName(BASE + WEIGHTS)}.json`)!;
		record.bytes = record.bytes.slice(0, 30);
		await expectContent(await open());
	});
});

describe('what is in the cache', () => {
	it('is fetched again when a bit of it has flipped, and that is said', async () => {
		await open({ sha256: SHA256 });
		storedWeights()[2 * BLOCK + 3]! ^= 4;
		await expectContent(await open({ sha256: SHA256 }));
		expect(notices).toEqual([expect.stringMatching(/damaged.*fetched again/)]);
	});

	it('is fetched again when the end of it is gone', async () => {
		await open();
		const file = disk.files.get(`${entryName(BASE + WEIGHTS)}.weights`)!;
		file.bytes = file.bytes.slice(0, -1);
		await expectContent(await open());
	});

	it('is fetched again when the server has a newer file', async () => {
		await open();
		const changed = randomBytes(2);
		server.files.set(BASE + WEIGHTS, { bytes: changed, version: 2 });
		await expectContent(await open(), changed);
	});

	it('is used when the server can not be asked', async () => {
		await open();
		const offline = () => Promise.reject(new TypeError('Failed to fetch'));
		await expectContent(await open({}, { fetch: offline }));
	});

	it('can be read no more once another tab has replaced it, and that is said', async () => {
		const file = await open();
		await disk.storage.folder.removeEntry(`${entryName(BASE + WEIGHTS)}.weights`);
		await expect(file!.read(0, 10)).rejects.toThrow(/lost its copy.*Load the model again/);
	});

	it('is fetched by one tab while the other waits, and then shared', async () => {
		const files = await Promise.all([open({ sha256: SHA256 }), open({ sha256: SHA256 })]);
		for (const file of files) await expectContent(file);
		expect(server.requests).toEqual([`GET ${BASE}${WEIGHTS}`]);
		expect(notices).toEqual([expect.stringMatching(/Another tab is fetching/)]);
	});

	it('is left alone by a tab that is cancelled while it waits', async () => {
		const controller = new AbortController();
		const first = open();
		const second = open({}, { signal: controller.signal });
		await Promise.resolve();
		controller.abort(new Error('enough'));
		await expect(second).rejects.toThrow('enough');
		await expectContent(await first);
	});
});

describe('a disk with little room', () => {
	const OTHER = 'https://example.org/models/other/';

	async function leaveUnfinished(): Promise<void> {
		server.files.set(OTHER + WEIGHTS, { bytes: content });
		server.breaksAt = 2.5 * BLOCK;
		const cache = new ModelCache(disk.storage);
		await expect(urlFolder(OTHER, { fetch: server.fetch, cache }).open(WEIGHTS)).rejects.toThrow();
		server.breaksAt = null;
	}

	it('gives up what another download left unfinished', async () => {
		await leaveUnfinished();
		disk.quota = SIZE + BLOCK;
		await expectContent(await open());
		expect(notices).toEqual([]);
		expect(storedWeights().byteLength).toBe(SIZE);
		expect([...disk.files.keys()].some((name) => name.startsWith(entryName(OTHER + WEIGHTS)))).toBe(
			false
		);
	});

	it('keeps models that are complete: it says what is needed and free, and goes on in memory', async () => {
		server.files.set(OTHER + WEIGHTS, { bytes: content });
		const cache = new ModelCache(disk.storage);
		await urlFolder(OTHER, { fetch: server.fetch, cache }).open(WEIGHTS);
		disk.quota = SIZE + BLOCK;
		await expectContent(await open());
		expect(notices).toEqual([expect.stringMatching(/needs 3 MB and the browser has 1 MB left/)]);
		expect([...disk.files.keys()].some((name) => name.startsWith(entryName(OTHER + WEIGHTS)))).toBe(
			true
		);
	});

	it('refuses a file that is too large for memory as well, before any of it comes', async () => {
		disk.claimedFree = 5e8;
		server.headers = { 'content-length': '2000000000' };
		server.lengths = false;
		await expect(open()).rejects.toThrow(/larger than 1000 MB.*500 MB left for this page/);
		expect(progress).toEqual([]);
	});
});

describe('a file that is not what it should be', () => {
	it('is refused and thrown away when its digest differs', async () => {
		server.files.set(BASE + WEIGHTS, { bytes: randomBytes(3) });
		const loading = open({ sha256: SHA256 });
		await expect(loading).rejects.toThrow(ModelFileError);
		await expect(loading).rejects.toThrow(/model\.safetensors is not the file .*SHA-256 differs/);
		expect(disk.files.size).toBe(0);
	});

	it('is refused when its length differs from what the instrument knows', async () => {
		await expect(open({ bytes: SIZE + 1 })).rejects.toThrow(
			`${SIZE} bytes long and should be ${SIZE + 1}`
		);
	});

	describe('on Hugging Face', () => {
		const PLACE = 'https://huggingface.co/owner/model';
		const LIST = 'https://huggingface.co/api/models/owner/model/tree/main';
		const file = `${PLACE}/resolve/main/${WEIGHTS}`;

		function openThere(): Promise<ModelFile | null> {
			const cache = new ModelCache(disk.storage);
			return urlFolder(PLACE, { fetch: server.fetch, cache }).open(WEIGHTS);
		}

		function list(entries: unknown): void {
			server.files.set(LIST, { bytes: new TextEncoder().encode(JSON.stringify(entries)) });
		}

		it('is refused by the digest in its list of files', async () => {
			list([
				{ type: 'file', path: 'config.json', size: 500, oid: 'a1' },
				{ type: 'file', path: WEIGHTS, size: SIZE, lfs: { oid: SHA256, size: SIZE } }
			]);
			server.files.set(file, { bytes: randomBytes(4) });
			await expect(openThere()).rejects.toThrow(/SHA-256 differs/);
			server.files.set(file, { bytes: content });
			await expectContent(await openThere());
			server.requests.length = 0;
			await expectContent(await openThere());
			expect(server.requests).toEqual([`GET ${LIST}`]);
		});

		it.each([
			['is missing', undefined],
			['is no list', { error: 'not today' }],
			['says nothing of it', [{ path: WEIGHTS }, { path: 7 }, {}]]
		])('goes unchecked where that list %s', async (_, entries) => {
			if (entries !== undefined) list(entries);
			server.files.set(file, { bytes: content });
			await expectContent(await openThere());
		});
	});

	it('is checked in memory as well', async () => {
		server.files.set(BASE + WEIGHTS, { bytes: randomBytes(3) });
		await expect(open({ sha256: SHA256 }, { cache: null })).rejects.toThrow(/SHA-256 differs/);
	});
});

describe('without a cache', () => {
	it('holds the weights in memory', async () => {
		await expectContent(await open({ sha256: SHA256 }, { cache: null }));
		expect(progress.at(-1)?.receivedBytes).toBe(SIZE);
	});

	it('reports progress sparingly, and where the download hangs', async () => {
		let held = 0;
		server.onPiece = async (sent) => {
			if (sent < 2 * BLOCK || held > 0) return;
			held = sent;
			await new Promise((resolve) => setTimeout(resolve, 150));
		};
		await open({}, { cache: null });
		expect(progress.some(({ receivedBytes }) => receivedBytes === held)).toBe(true);
		expect(progress.length).toBeLessThan(30);
		expect(progress.at(-1)?.receivedBytes).toBe(SIZE);
		const reports = progress.length;
		await new Promise((resolve) => setTimeout(resolve, 120));
		expect(progress).toHaveLength(reports);
	});

	it('takes a file whose length nobody tells', async () => {
		server.lengths = false;
		await expectContent(await open({}, { cache: null }));
		expect(progress.at(-1)?.totalBytes).toBe(0);
		await expectContent(await open());
	});
});

describe('the files of a folder', () => {
	it('are null where the server has none of that name', async () => {
		server.files.clear();
		expect(await open()).toBeNull();
		expect(await open({}, { cache: null })).toBeNull();
	});

	it('stay inside it', async () => {
		const folder = urlFolder(BASE, { fetch: server.fetch, cache: null });
		await expect(folder.open('../secrets.json')).rejects.toThrow(/outside its folder/);
		expect(server.requests).toEqual([]);
	});

	it('count their bytes together when a model has several', async () => {
		const index = { metadata: { total_size: 2 * SIZE - 100 }, weight_map: {} };
		const bytes = new TextEncoder().encode(JSON.stringify(index));
		server.files.set(`${BASE}model.safetensors.index.json`, { bytes });
		const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
		for (const shard of shards) server.files.set(BASE + shard, { bytes: content });
		const folder = urlFolder(BASE, {
			fetch: server.fetch,
			cache: new ModelCache(disk.storage),
			onProgress: (report) => progress.push(report)
		});
		await folder.open('model.safetensors.index.json');
		await folder.open(shards[0]!);
		expect(progress.at(-1)).toEqual({
			file: shards[0],
			receivedBytes: SIZE,
			totalBytes: 2 * SIZE - 100
		});
		await folder.open(shards[1]!);
		expect(progress.at(-1)).toEqual({
			file: shards[1],
			receivedBytes: 2 * SIZE,
			totalBytes: 2 * SIZE
		});
	});

	it.each([
		[401, 'https://huggingface.co/meta/private', /gated or private.*accept its terms/],
		[403, BASE, /wants a permission.*drop their folder/],
		[429, BASE, /too many requests/],
		[503, BASE, /refused .*status 503/]
	])('end with a sentence at status %i of %s', async (status, address, message) => {
		const fetch = async () => new Response('', { status });
		const folder = urlFolder(address, { fetch, cache: null });
		for (const name of ['config.json', WEIGHTS]) {
			await expect(folder.open(name)).rejects.toThrow(ModelFileError);
			await expect(folder.open(name)).rejects.toThrow(message);
		}
	});

	it('end with a sentence when a web page comes, or nothing', async () => {
		const page = async () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
		await expect(open({}, { fetch: page })).rejects.toThrow(/web page instead of the file/);
		const nothing = () => Promise.reject(new TypeError('Failed to fetch'));
		await expect(open({}, { fetch: nothing })).rejects.toThrow(/connection failed.*CORS/);
	});
});
