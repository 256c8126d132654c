import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { loadModel, type LoadProgress } from '../../../src/lib/model/loadModel';
import { TINY, randomTensors, safetensors } from './randomModel';

const BASE = 'https://example.org/models/tiny';
const WEIGHTS = safetensors(randomTensors(TINY, 1), 'F16');
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
	name: 'tiny',
	parameters: 1234,
	styles: ['house', 'acid'],
	window: 16,
	sha256: createHash('sha256').update(new Uint8Array(WEIGHTS)).digest('hex'),
	bytes: WEIGHTS.byteLength,
	selfTest: { tokens: [1, 2, 3], top5: [5, 4, 3, 2, 1], logits: [5, 4, 3, 2, 1] }
};

type Answer = () => Response | Promise<Response>;

/** A server with the three files, some of them replaced. */
function serverWith(replaced: Record<string, Answer> = {}): typeof fetch {
	const files: Record<string, Answer> = {
		'config.json': () => Response.json(CONFIG),
		'instrument.json': () => Response.json(INSTRUMENT),
		'model.safetensors': () => new Response(inPieces(WEIGHTS)),
		...replaced
	};
	return async (input, init) => {
		init?.signal?.throwIfAborted();
		const name = String(input).replace(`${BASE}/`, '');
		return files[name]?.() ?? new Response('not here', { status: 404 });
	};
}

function inPieces(buffer: ArrayBuffer, end = buffer.byteLength): ReadableStream<Uint8Array> {
	let at = 0;
	return new ReadableStream({
		pull(controller) {
			if (at >= end) return controller.close();
			const next = Math.min(end, at + 50_000);
			controller.enqueue(new Uint8Array(buffer.slice(at, next)));
			at = next;
		}
	});
}

describe('loading a model', () => {
	it('reads the three files and reports every piece of the weights', async () => {
		const progress: LoadProgress[] = [];
		const model = await loadModel(`${BASE}/`, {
			fetch: serverWith(),
			onProgress: (report) => progress.push({ ...report })
		});
		expect(model.config).toMatchObject({ layers: 2, slidingWindow: 16 });
		expect(model.description).toStrictEqual(INSTRUMENT);
		expect(model.weights.layers).toHaveLength(2);
		expect(progress.length).toBeGreaterThan(2);
		expect(progress.at(-1)).toStrictEqual({
			receivedBytes: WEIGHTS.byteLength,
			totalBytes: WEIGHTS.byteLength
		});
		expect(progress.every(({ totalBytes }) => totalBytes === WEIGHTS.byteLength)).toBe(true);
	});

	it('does without a size and a checksum', async () => {
		const rest = { ...INSTRUMENT, sha256: undefined, bytes: undefined };
		const fetch = serverWith({ 'instrument.json': () => Response.json(rest) });
		await expect(loadModel(BASE, { fetch })).resolves.toBeDefined();
	});

	const otherFile = WEIGHTS.slice(0);
	new Uint8Array(otherFile).set([1, 2], otherFile.byteLength - 2);
	it.each<[string, Record<string, Answer>, RegExp]>([
		[
			'a missing file',
			{ 'model.safetensors': () => new Response('', { status: 404 }) },
			/no such file at https:\/\/example\.org\/models\/tiny\/model\.safetensors \(status 404\)/
		],
		[
			'a server that refuses',
			{ 'config.json': () => new Response('', { status: 503 }) },
			/refused at .*config\.json \(status 503\)/
		],
		[
			'a web page instead of data',
			{
				'model.safetensors': () =>
					new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
			},
			/web page instead of the file/
		],
		[
			'a network that fails',
			{ 'instrument.json': () => Promise.reject(new TypeError('Failed to fetch')) },
			/connection failed at .*instrument\.json/
		],
		[
			'a connection that breaks',
			{
				'model.safetensors': () =>
					new Response(
						new ReadableStream({
							start(controller) {
								controller.enqueue(new Uint8Array(100));
								controller.error(new TypeError('network error'));
							}
						})
					)
			},
			/connection failed at .*model\.safetensors/
		],
		[
			'a download that was cut off',
			{ 'model.safetensors': () => new Response(inPieces(WEIGHTS, 1000)) },
			/is 1000 bytes long and should be/
		],
		[
			'other weights of the same size',
			{ 'model.safetensors': () => new Response(inPieces(otherFile)) },
			/SHA-256 differs/
		],
		[
			'a file that is no JSON',
			{ 'config.json': () => new Response('{') },
			/config\.json is no JSON/
		],
		[
			'another window',
			{ 'instrument.json': () => Response.json({ ...INSTRUMENT, window: 32 }) },
			/window of 32 tokens and config\.json one of 16/
		],
		[
			'a self-test in another vocabulary',
			{
				'instrument.json': () =>
					Response.json({ ...INSTRUMENT, selfTest: { ...INSTRUMENT.selfTest, tokens: [61] } })
			},
			/vocabulary of 61/
		],
		[
			'an entry missing',
			{ 'instrument.json': () => Response.json({ ...INSTRUMENT, name: undefined }) },
			/instrument\.json, "name" should be a text/
		]
	])('ends at %s with a sentence about it', async (_, replaced, message) => {
		const loading = loadModel(BASE, { fetch: serverWith(replaced) });
		await expect(loading).rejects.toThrow(ModelFileError);
		await expect(loading).rejects.toThrow(message);
	});

	it('ends with the reason of the signal when it is aborted', async () => {
		const controller = new AbortController();
		const reason = new Error('another model was chosen');
		const loading = loadModel(BASE, {
			fetch: serverWith(),
			signal: controller.signal,
			onProgress: () => controller.abort(reason)
		});
		await expect(loading).rejects.toBe(reason);
		const { signal } = controller;
		await expect(loadModel(BASE, { fetch: serverWith(), signal })).rejects.toBe(reason);
	});
});
