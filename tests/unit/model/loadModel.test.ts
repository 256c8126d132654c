/** A model out of its folder, whole or in shards, ours or another maker's; and what is wrong with folders. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { memoryFile, memoryFolder, type ModelFolder } from '../../../src/lib/model/files';
import { loadModel, parameterCount } from '../../../src/lib/model/loadModel';
import { ModelCache } from '../../../src/lib/model/sources/modelCache';
import { urlFolder, type LoadProgress } from '../../../src/lib/model/sources/urlFolder';
import { createFileServer, type FileServer } from '../../fixtures/fileServer';
import { createPrivateFileSystem } from '../../fixtures/privateFileSystem';
import { TINY, randomTensors, safetensors, type NamedValues } from './randomModel';

const BASE = 'https://example.org/models/tiny/';
const TENSORS = randomTensors(TINY, 1);
const WEIGHTS = fileOf(TENSORS);
const CONFIG = {
	model_type: 'mistral',
	vocab_size: 61,
	hidden_size: 64,
	num_hidden_layers: 2,
	num_attention_heads: 4,
	num_key_value_heads: 2,
	head_dim: 16,
	intermediate_size: 96,
	sliding_window: 16,
	rms_norm_eps: 1e-5,
	max_position_embeddings: 4096,
	tie_word_embeddings: true
};
const INSTRUMENT = {
	name: 'tiny one',
	parameters: 1234,
	styles: ['house', 'acid'],
	window: 16,
	sha256: createHash('sha256').update(WEIGHTS).digest('hex'),
	bytes: WEIGHTS.byteLength,
	selfTest: { tokens: [1, 2, 3], top5: [5, 4, 3, 2, 1], logits: [5, 4, 3, 2, 1] }
};

function fileOf(tensors: readonly NamedValues[]): Uint8Array<ArrayBuffer> {
	return new Uint8Array(safetensors([...tensors], 'F16'));
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(JSON.stringify(value));
}

/** A folder with the three files, some of them replaced or left out. */
function folderWith(
	replaced: Record<string, Uint8Array<ArrayBuffer> | null> = {},
	name = 'models/tiny'
): ModelFolder {
	const files = Object.entries({
		'config.json': json(CONFIG),
		'instrument.json': json(INSTRUMENT),
		'model.safetensors': WEIGHTS,
		...replaced
	});
	return memoryFolder(
		name,
		files.flatMap(([file, bytes]) => (bytes ? [memoryFile(file, bytes)] : []))
	);
}

describe('loading a model', () => {
	it('reads architecture, description and weights', async () => {
		const model = await loadModel(folderWith());
		expect(model).toMatchObject({ name: 'tiny one', description: INSTRUMENT });
		expect(model.config).toMatchObject({ layers: 2, window: 16 });
		expect(model.bytes).toBe(WEIGHTS.byteLength);
		const [tensor] = TENSORS;
		const row = await model.weights.embedding.floats(0, 1);
		expect(row).toHaveLength(64);
		row.forEach((value, i) => expect(value).toBeCloseTo(tensor!.values[i]!, 2));
		expect(parameterCount(model)).toBe(1234);
	});

	it('takes a model of another maker, and counts its weights itself', async () => {
		const model = await loadModel(folderWith({ 'instrument.json': null }));
		expect(model).toMatchObject({ name: 'tiny', description: null });
		const total = TENSORS.reduce((sum, { values }) => sum + values.length, 0);
		expect(parameterCount(model)).toBe(total);
		const place = 'https://huggingface.co/owner/model/resolve/main/';
		const published = await loadModel(folderWith({ 'instrument.json': null }, place));
		expect(published.name).toBe('model');
	});

	it('looks back 2048 tokens at most, and says so', async () => {
		const notices: string[] = [];
		const config = json({ ...CONFIG, sliding_window: 32_768 });
		const folder = folderWith({ 'config.json': config, 'instrument.json': null });
		const model = await loadModel(folder, { onNotice: (message) => notices.push(message) });
		expect(model.config.window).toBe(2048);
		expect(notices).toEqual([expect.stringMatching(/32768 tokens; here it looks back 2048/)]);
	});

	it('can be refused before any weights are fetched', async () => {
		const asked: string[] = [];
		const folder = folderWith();
		const watched: ModelFolder = {
			name: folder.name,
			open(name) {
				asked.push(name);
				return folder.open(name);
			}
		};
		const check = () => {
			throw new ModelFileError('not this one');
		};
		await expect(loadModel(watched, { check })).rejects.toThrow('not this one');
		expect(asked).not.toContain('model.safetensors');
	});

	it.each<[string, Record<string, Uint8Array<ArrayBuffer> | null>, RegExp]>([
		['no architecture', { 'config.json': null }, /no config\.json in models\/tiny/],
		['no weights', { 'model.safetensors': null }, /model\.safetensors/],
		[
			'a file that is no JSON',
			{ 'config.json': new TextEncoder().encode('{') },
			/config\.json in models\/tiny is no JSON/
		],
		[
			'another window',
			{ 'instrument.json': json({ ...INSTRUMENT, window: 32 }) },
			/window of 32 tokens and config\.json one of 16/
		],
		[
			'a self-test in another vocabulary',
			{
				'instrument.json': json({
					...INSTRUMENT,
					selfTest: { ...INSTRUMENT.selfTest, tokens: [61] }
				})
			},
			/vocabulary of 61/
		],
		[
			'an entry missing',
			{ 'instrument.json': json({ ...INSTRUMENT, name: undefined }) },
			/instrument\.json, "name" should be a text/
		],
		[
			'weights that were cut off',
			{ 'model.safetensors': WEIGHTS.slice(0, -10) },
			/model\.safetensors.*there are only/
		]
	])('ends at %s with a sentence about it', async (_, replaced, message) => {
		const loading = loadModel(folderWith(replaced));
		await expect(loading).rejects.toThrow(ModelFileError);
		await expect(loading).rejects.toThrow(message);
	});
});

describe('loading a model from a server', () => {
	let server: FileServer;
	let progress: LoadProgress[];

	beforeEach(() => {
		server = createFileServer();
		progress = [];
		server.files.set(`${BASE}config.json`, { bytes: json(CONFIG) });
		server.files.set(`${BASE}instrument.json`, { bytes: json(INSTRUMENT) });
		server.files.set(`${BASE}model.safetensors`, { bytes: WEIGHTS });
	});

	function fromServer(signal?: AbortSignal): ModelFolder {
		return urlFolder(BASE, {
			fetch: server.fetch,
			cache: new ModelCache(createPrivateFileSystem().storage),
			onProgress: (report) => progress.push(report),
			signal
		});
	}

	it('knows its weights by their length and digest', async () => {
		await loadModel(fromServer());
		const { byteLength } = WEIGHTS;
		expect(progress.at(-1)).toMatchObject({ receivedBytes: byteLength, totalBytes: byteLength });
		const changed = WEIGHTS.slice();
		changed[changed.length - 1]! ^= 1;
		server.files.set(`${BASE}model.safetensors`, { bytes: changed });
		await expect(loadModel(fromServer())).rejects.toThrow(/SHA-256 differs/);
		server.files.set(`${BASE}model.safetensors`, { bytes: WEIGHTS.slice(0, 1000) });
		await expect(loadModel(fromServer())).rejects.toThrow(/is 1000 bytes long and should be/);
	});

	it('puts two shards together and counts their bytes together', async () => {
		const shards = [TENSORS.slice(0, 5), TENSORS.slice(5)];
		const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
		server.files.delete(`${BASE}model.safetensors`);
		server.files.delete(`${BASE}instrument.json`);
		let bytes = 0;
		const weightMap: Record<string, string> = {};
		shards.forEach((tensors, i) => {
			const file = fileOf(tensors);
			bytes += file.byteLength;
			server.files.set(BASE + names[i], { bytes: file });
			for (const { name } of tensors) weightMap[name] = names[i]!;
		});
		const size = TENSORS.reduce((sum, { values }) => sum + 2 * values.length, 0);
		server.files.set(`${BASE}model.safetensors.index.json`, {
			bytes: json({ metadata: { total_size: size }, weight_map: weightMap })
		});
		const model = await loadModel(fromServer());
		expect(model.bytes).toBe(bytes);
		expect(progress.at(-1)).toMatchObject({ receivedBytes: bytes, totalBytes: bytes });
		const whole = await loadModel(folderWith({ 'instrument.json': null }));
		for (const layer of [0, 1]) {
			const [one, other] = [model, whole].map(({ weights }) => weights.layers[layer]!.down.weight);
			expect(await one!.halves()).toEqual(await other!.halves());
		}
	});

	it('ends with the reason of the signal when it is aborted', async () => {
		const controller = new AbortController();
		const reason = new Error('another model was chosen');
		server.onPiece = () => controller.abort(reason);
		await expect(loadModel(fromServer(controller.signal))).rejects.toBe(reason);
		await expect(loadModel(fromServer(controller.signal))).rejects.toBe(reason);
	});
});
