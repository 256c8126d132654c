/**
 * Ten thousand broken models: config.json, index and safetensors headers, damaged in their text, since much of what arrives
 * over a network or from a disk is no JSON that JSON.stringify would write.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError, type ModelConfig } from '../../../src/lib/model/config';
import type { ModelFile } from '../../../src/lib/model/files';
import { loadModel } from '../../../src/lib/model/loadModel';
import { TINY, randomTensors, type NamedValues } from './randomModel';

const SMALL: ModelConfig = {
	...TINY,
	vocabularySize: 5,
	hiddenSize: 4,
	layers: 1,
	heads: 2,
	keyValueHeads: 1,
	headSize: 2,
	intermediateSize: 3
};
const CONFIG = {
	model_type: 'llama',
	vocab_size: 5,
	hidden_size: 4,
	num_hidden_layers: 1,
	num_attention_heads: 2,
	num_key_value_heads: 1,
	intermediate_size: 3,
	max_position_embeddings: 64,
	rms_norm_eps: 1e-5,
	rope_theta: 1e4,
	rope_scaling: { rope_type: 'linear', factor: 2 },
	tie_word_embeddings: true,
	layer_types: ['full_attention'],
	sliding_window: 32
};
const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const DEEP = 20_000;

/** The text of a JSON value, or of something that wants to be one. */
const strangeText = fc.oneof(
	{
		weight: 12,
		arbitrary: fc.constantFrom(
			...['NaN', 'Infinity', '1e999', '-1', '-0', '0', '0.5', '1e-400', '1e15', '4294967296'],
			...['9007199254740993', '18446744073709551616', '2', '4', 'null', 'true', '""', '"x"'],
			...[
				'"constructor"',
				'"__proto__"',
				'"\\ud800"',
				'"../x"',
				'"BOOL"',
				'"F64"',
				'"BF16"',
				'"F32"'
			],
			...['[]', '{}', '[null]', '[0, 12]', '[-1, 2]', '[1e308, 1e308]', '{"__proto__": 1}', ','],
			...['"gpt2"', '"gemma3_text"', '"gemma3"', '"phi3"', '"qwen2"', '"qwen3"', '"mistral"']
		)
	},
	{ weight: 2, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
	{ weight: 1, arbitrary: fc.string().map((text) => JSON.stringify(text)) },
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			'['.repeat(DEEP) + ']'.repeat(DEEP),
			'{"a":'.repeat(DEEP) + '0' + '}'.repeat(DEEP),
			'['.repeat(DEEP),
			`"${'long'.repeat(DEEP)}"`,
			`[${'0,'.repeat(DEEP)}0]`
		)
	}
);

/** One damage to the text of a JSON object, of which `at` and `length` (0..1) choose the place. */
const damage = fc.record({
	kind: fc.constantFrom('value', 'value', 'value', 'repeat', 'remove', 'add', 'cut', 'byte'),
	at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
	text: strangeText,
	key: fc.constantFrom(
		'__proto__',
		'constructor',
		'model_type',
		'__metadata__',
		'n_embd',
		'toString'
	)
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

/** An ordinary value inside a JSON text: a number, a word, true or null. */
const VALUE = /(?<=[:[,]\s*)("[^"]*"(?!\s*:)|-?\d[\d.e+-]*|true|null)/g;

function damaged(json: string, { kind, at, text, key }: Damage): Uint8Array {
	const values = [...json.matchAll(VALUE)];
	const value = values[Math.floor(at * values.length)];
	const place = Math.floor(at * json.length);
	const encode = (changed: string) => new TextEncoder().encode(changed);
	switch (kind) {
		case 'value':
			if (!value) return encode(text);
			return encode(json.slice(0, value.index) + text + json.slice(value.index + value[0].length));
		case 'repeat':
			return encode(`${json.slice(0, -1)},${json.slice(1, -1)},${JSON.stringify(key)}:${text}}`);
		case 'remove':
			return encode(json.replace(/"[^"]+":("[^"]*"|\d+),/, ''));
		case 'add':
			return encode(`{${JSON.stringify(key)}:${text},${json.slice(1)}`);
		case 'cut':
			return encode(json.slice(0, place));
		case 'byte': {
			const bytes = encode(json);
			bytes[place] = [0xff, 0xc0, 0x00, 0x22, 0x7b][text.length % 5]!;
			return bytes;
		}
	}
	throw new Error(`There is no damage of the kind ${kind}.`);
}

interface Parts {
	header: string;
	data: Uint8Array;
}

function partsOf(tensors: readonly NamedValues[]): Parts {
	let end = 0;
	const header = Object.fromEntries(
		tensors.map(({ name, shape, values }) => {
			const begin = end;
			end += 4 * values.length;
			return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }];
		})
	);
	const all = tensors.flatMap(({ values }) => [...values]);
	return {
		header: JSON.stringify(header),
		data: new Uint8Array(Float32Array.from(all).buffer)
	};
}

/** A safetensors file; `length` is what it claims of its header. */
function fileBytes(
	header: Uint8Array,
	data: Uint8Array,
	length = BigInt(header.length)
): Uint8Array {
	const file = new Uint8Array(8 + header.length + data.length);
	new DataView(file.buffer).setBigUint64(0, BigInt.asUintN(64, length), true);
	file.set(header, 8);
	file.set(data, 8 + header.length);
	return file;
}

const tensors = randomTensors(SMALL, 5);
const halves = [tensors.slice(0, 4), tensors.slice(4)];
const index = JSON.stringify({
	metadata: { total_size: 1 },
	weight_map: Object.fromEntries(
		halves.flatMap((half, i) => half.map(({ name }) => [name, SHARDS[i]]))
	)
});
const encode = (text: string) => new TextEncoder().encode(text);
const whole = partsOf(tensors);
const shardParts = halves.map(partsOf);
const wholeFile = fileBytes(encode(whole.header), whole.data);

/** The files of a sound model, whole or in shards. */
function soundFiles(sharded: boolean): Map<string, Uint8Array> {
	const config: [string, Uint8Array] = ['config.json', encode(JSON.stringify(CONFIG))];
	if (!sharded) return new Map([config, ['model.safetensors', wholeFile]]);
	return new Map([
		config,
		['model.safetensors.index.json', encode(index)],
		...shardParts.map(({ header, data }, i): [string, Uint8Array] => [
			SHARDS[i]!,
			fileBytes(encode(header), data)
		])
	]);
}

const soundConfig = JSON.stringify(CONFIG);
/** What the eight bytes in front of a header may claim. */
const claim = fc.oneof(
	fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
	fc.bigInt({ min: 0n, max: BigInt(wholeFile.length) })
);

/** A model with one or two things broken. */
const brokenModel = fc.oneof(
	fc.tuple(fc.constant('config' as const), damage, damage),
	fc.tuple(fc.constant('index' as const), damage, damage),
	fc.tuple(fc.constant('header' as const), damage, damage),
	fc.tuple(fc.constant('length' as const), claim, damage),
	fc.tuple(fc.constant('size' as const), fc.nat(wholeFile.length + 64), damage),
	fc.tuple(fc.constant('shard' as const), damage, fc.constantFrom(0, 1))
);
type BrokenModel = typeof brokenModel extends fc.Arbitrary<infer T> ? T : never;

function filesOf(model: BrokenModel): Map<string, Uint8Array> {
	const [what, first, second] = model;
	const files = soundFiles(what === 'index' || what === 'shard');
	const twice = (text: string, a: Damage, b: Damage) =>
		b.kind === 'cut' ? damaged(text, a) : damaged(new TextDecoder().decode(damaged(text, a)), b);
	switch (what) {
		case 'config':
			return files.set('config.json', twice(soundConfig, first, second));
		case 'index':
			return files.set('model.safetensors.index.json', twice(index, first, second));
		case 'header':
			return files.set(
				'model.safetensors',
				fileBytes(twice(whole.header, first, second), whole.data)
			);
		case 'length':
			return files.set('model.safetensors', fileBytes(encode(whole.header), whole.data, first));
		case 'size': {
			const bytes = new Uint8Array(first);
			bytes.set(wholeFile.subarray(0, first));
			return files.set('model.safetensors', bytes);
		}
		case 'shard': {
			const { header, data } = shardParts[second]!;
			return files.set(SHARDS[second]!, fileBytes(damaged(header, first), data));
		}
	}
}

/** A file that no one can read beyond. */
function guardedFile(name: string, bytes: Uint8Array, onRead: (count: number) => void): ModelFile {
	return {
		name,
		size: bytes.length,
		async read(begin, end) {
			if (!(begin >= 0 && begin <= end && end <= bytes.length)) {
				throw new RangeError(`Bytes ${begin} to ${end} of ${bytes.length} were asked for.`);
			}
			onRead(end - begin);
			return Uint8Array.from(bytes.subarray(begin, end));
		}
	};
}

/** Loads a model and reads every value of it. Returns the bytes that were read. */
async function readEverything(files: ReadonlyMap<string, Uint8Array>): Promise<number> {
	let read = 0;
	const { weights } = await loadModel({
		name: 'a folder',
		async open(name) {
			const bytes = files.get(name);
			return bytes ? guardedFile(name, bytes, (count) => (read += count)) : null;
		}
	});
	await weights.embedding.floats();
	await weights.positions?.halves();
	for (const { query, key, value, output, gate, up, down, ...norms } of weights.layers) {
		for (const linear of [query, key, value, output, gate, up, down]) {
			await linear?.weight.halves();
			await linear?.bias?.floats();
		}
		for (const norm of Object.values(norms)) await norm?.weight.floats();
	}
	await weights.finalNorm.weight.floats();
	return read;
}

describe('a model that is broken', () => {
	it.each([false, true])(
		'is one that loads before it is damaged (in shards: %s)',
		async (sharded) => {
			const values = tensors.reduce((sum, tensor) => sum + tensor.values.length, 0);
			expect(await readEverything(soundFiles(sharded))).toBeGreaterThan(4 * values);
		}
	);

	it('is refused in a sentence, or read, ten thousand times, without a byte beyond its files', async () => {
		let refused = 0;
		await fc.assert(
			fc.asyncProperty(brokenModel, async (model) => {
				const files = filesOf(model);
				const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
				try {
					expect(await readEverything(files)).toBeLessThanOrEqual(2 * bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
					const { message } = error as Error;
					expect(message).toMatch(/^The model .*\.$/s);
					expect(message.length).toBeLessThan(1000);
					refused++;
				}
			}),
			{ numRuns: 10_000 }
		);
		expect(refused).toBeGreaterThan(5000);
	});
});
