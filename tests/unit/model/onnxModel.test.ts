/** The WebAssembly engine against the reference in f64, and what it promises as a Decoder. */
import { beforeAll, describe, expect, it } from 'vitest';
import { plainRotation, type ModelConfig } from '../../../src/lib/model/config';
import type { Decoder, DecoderModel, Sampling } from '../../../src/lib/model/decoder';
import { createOnnxModel } from '../../../src/lib/model/onnx/onnxModel';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { unconstrained } from '../../../src/lib/model/sampling';
import type { FrameSlab } from '../../../src/lib/model/tokenFrame';
import { expectSameFrames, tokensOf } from '../../gpu/frames';
import { ORT_FILES } from './onnxFiles';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel, randomNumbers } from './randomModel';

const ENGINE = { files: ORT_FILES, threads: 1 };
const SAMPLING: Sampling = { temperature: 1, topP: 0.95, minP: 0.01, seed: 9 };
const GREEDY: Sampling = { ...SAMPLING, topK: 1 };
const OPEN = unconstrained(TINY.vocabularySize);

/** A window that takes several steps to fill, an even share of heads, nothing tied. */
const TINY_WIDE: ModelConfig = {
	...TINY,
	heads: 4,
	keyValueHeads: 4,
	layerWindows: [300, 300],
	window: 300,
	tiedEmbeddings: false
};

/** Features that no family puts together: layer norms with rotary positions and QK norms, exact GELU, three to a key. */
const TINY_MIXTURE: ModelConfig = {
	...TINY,
	heads: 6,
	keyValueHeads: 2,
	headSize: 10,
	normalization: { kind: 'layer', epsilon: 1e-6 },
	activation: 'gelu',
	queryKeyNorm: true,
	updateNorms: true,
	biases: { projection: true, output: false, mlp: true },
	attentionScale: 0.3,
	rotations: [{ ...plainRotation(500, 10), magnitude: 1.2 }],
	layerWindows: [1, 20],
	window: 20,
	tiedEmbeddings: false
};

const MODELS: readonly (readonly [string, ModelConfig, number])[] = [
	['Llama', TINY, 700],
	['GPT-2', TINY_GPT2, 120],
	['Gemma', TINY_GEMMA, 300],
	['a wide window', TINY_WIDE, 700],
	['a mixture', TINY_MIXTURE, 200]
];

function randomTokens(count: number, seed: number): number[] {
	const random = randomNumbers(seed);
	return Array.from({ length: count }, () => Math.floor(random() * TINY.vocabularySize));
}

async function decodersOf(config: ModelConfig): Promise<[Decoder, Decoder]> {
	const model = randomModel(config);
	const engine = await createOnnxModel(model, ENGINE);
	const reference = await createReferenceModel(model, { precision: 'f64' });
	return [await engine.createDecoder(), await reference.createDecoder()];
}

describe.each(MODELS)('%s on WebAssembly', (_, config, length) => {
	let decoder: Decoder;
	let reference: Decoder;
	beforeAll(async () => {
		[decoder, reference] = await decodersOf(config);
	});

	it('reads and writes as the reference does, far beyond the window and after truncation', async () => {
		const tokens = randomTokens(length - 20, 5);
		expectSameFrames(await decoder.prefill(tokens), await reference.prefill(tokens), 1e-4);
		for (const keep of [length - 20, length - 60, length - 40]) {
			for (const one of [decoder, reference]) one.truncate(keep);
			const found = await decoder.generate(20, SAMPLING, OPEN);
			expectSameFrames(found, await reference.generate(20, SAMPLING, OPEN), 1e-4);
		}
		for (const one of [decoder, reference]) one.truncate(Math.max(3, length - 512));
		expectSameFrames(
			await decoder.prefill(tokens.slice(0, 40)),
			await reference.prefill(tokens.slice(0, 40)),
			1e-4
		);
	});

	it('shows attention, queries, keys and residuals as the reference does', async () => {
		const tokens = randomTokens(90, 6);
		for (const one of [decoder, reference]) {
			one.truncate(0);
			await one.prefill(tokens);
			one.truncate(70);
			await one.prefill(tokens.slice(0, 9));
		}
		const found = decoder.inspector!;
		const expected = reference.inspector!;
		for (let layer = 0; layer < config.layers; layer++) {
			const head = layer % config.heads;
			const matrix = await found.attention(layer, head);
			const other = await expected.attention(layer, head);
			expect([matrix.first, matrix.count]).toStrictEqual([other.first, other.count]);
			expectClose(matrix.weights, other.weights);
			const products = await found.products(layer, head, 72);
			const others = await expected.products(layer, head, 72);
			expectClose(products.query, others.query);
			expectClose(products.keys, others.keys);
			expectClose(products.products, others.products);
		}
		for (let layer = 0; layer <= config.layers; layer++) {
			expectClose(await found.residual(layer, 60), await expected.residual(layer, 60));
			expectClose(await found.residual(layer, 77), await expected.residual(layer, 77));
			expectClose(await found.residuals(layer, 55, 23), await expected.residuals(layer, 55, 23));
		}
		await expect(found.residual(0, 78)).rejects.toThrow(RangeError);
	});

	it('writes the same 100 greedy tokens', async () => {
		const count = Math.min(100, decoder.capabilities.longestSequence - 8);
		const written = [];
		for (const one of [decoder, reference]) {
			one.truncate(0);
			await one.prefill(randomTokens(8, 7));
			written.push(tokensOf(await one.generate(count, GREEDY, OPEN)));
		}
		expect(written[0]).toStrictEqual(written[1]);
	});
});

describe('the WebAssembly engine', () => {
	let model: DecoderModel;
	let decoder: Decoder;
	beforeAll(async () => {
		model = await createOnnxModel(randomModel(TINY_WIDE), ENGINE);
		decoder = await model.createDecoder();
	});

	async function written(one: Decoder, opening: number[], count: number): Promise<number[]> {
		one.truncate(0);
		await one.prefill(opening);
		return tokensOf(await one.generate(count, SAMPLING, OPEN));
	}

	it('says what it is', () => {
		expect(decoder.capabilities).toStrictEqual({
			engine: 'wasm',
			device: 'WebAssembly, 1 thread',
			software: false,
			truncationLimit: 512,
			longestSequence: Infinity
		});
	});

	it('writes the same to the last bit after truncation, whatever was there before', async () => {
		decoder.truncate(0);
		await decoder.prefill([1, 2, 3]);
		const straight = await decoder.generate(1000, SAMPLING, OPEN);
		decoder.truncate(1003 - 512);
		const again = await decoder.generate(500, SAMPLING, OPEN);
		expect(bytesOf(again, 0, 500).equals(bytesOf(straight, 488, 500))).toBe(true);
		decoder.truncate(0);
		await decoder.prefill([1, 2, 3]);
		const short = await decoder.generate(140, SAMPLING, OPEN);
		expect(bytesOf(short, 0, 140).equals(bytesOf(straight, 0, 140))).toBe(true);
		expect(() => decoder.truncate(200)).toThrow(RangeError);
	});

	it('lets decoders share the model and keeps them apart, while they write in turns', async () => {
		const pair = [await model.createDecoder(), await model.createDecoder()];
		const openings = [
			[5, 6, 7],
			[8, 9]
		];
		const together = await Promise.all(pair.map((one, i) => written(one, openings[i]!, 400)));
		for (const [i, tokens] of together.entries()) {
			expect(await written(decoder, openings[i]!, 400)).toStrictEqual(tokens);
			pair[i]!.dispose();
		}
		await expect(pair[0]!.prefill([1])).rejects.toThrow(/was disposed/);
	});

	it('takes forced tokens first, then its own', async () => {
		decoder.truncate(0);
		await decoder.prefill([3, 5, 7]);
		const forced = await decoder.generate(6, SAMPLING, { ...OPEN, forced: [9, 8, 7] });
		decoder.truncate(0);
		await decoder.prefill([3, 5, 7]);
		const read = await decoder.prefill([9, 8, 7]);
		const free = await decoder.generate(3, SAMPLING, OPEN);
		expect(tokensOf(forced)).toStrictEqual([...tokensOf(read), ...tokensOf(free)]);
		const both = Buffer.concat([bytesOf(read, 0, 3), bytesOf(free, 0, 3)]);
		expect(bytesOf(forced, 0, 6).equals(both)).toBe(true);
	});

	it('does not repeat itself under a heavy repetition penalty', async () => {
		const penalty = { ...GREEDY, repetitionPenalty: 1e6, repetitionWindow: 20 };
		decoder.truncate(0);
		await decoder.prefill([3, 5, 7]);
		const varied = [3, 5, 7, ...tokensOf(await decoder.generate(60, penalty, OPEN))];
		varied.forEach((token, i) => {
			if (i >= 3) expect(varied.slice(Math.max(0, i - 20), i)).not.toContain(token);
		});
	});

	it('writes the same without frames and recording', async () => {
		const bare = await model.createDecoder({ frames: false, recording: false });
		expect(await written(bare, [1, 2, 3], 300)).toStrictEqual(
			await written(decoder, [1, 2, 3], 300)
		);
		expect(bare.inspector).toBeNull();
		bare.dispose();
	});

	it('goes on where it was after a choice that failed', async () => {
		const expected = await written(decoder, [4, 4, 1], 20);
		decoder.truncate(0);
		await decoder.prefill([4, 4, 1]);
		const closed = { ...OPEN, grammar: { ...OPEN.grammar, next: Uint8Array.of(255) } };
		await expect(decoder.generate(1, SAMPLING, closed)).rejects.toThrow(/admits no token/);
		expect(tokensOf(await decoder.generate(20, SAMPLING, OPEN))).toStrictEqual(expected);
	});

	it('lets other tasks of the thread in while it writes', async () => {
		let turns = 0;
		const timer = setInterval(() => turns++, 1);
		await written(decoder, [1], 600);
		clearInterval(timer);
		expect(turns).toBeGreaterThan(1);
	});

	it('writes the same tokens on two threads', async () => {
		const threaded = await createOnnxModel(randomModel(TINY_WIDE), { ...ENGINE, threads: 2 });
		expect(threaded.capabilities.device).toBe('WebAssembly, 2 threads');
		const two = await written(await threaded.createDecoder(), [1, 2, 3], 50);
		expect(two).toStrictEqual(await written(decoder, [1, 2, 3], 50));
		threaded.dispose();
	});

	it('refuses what it can not do, in words', async () => {
		decoder.truncate(0);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/sequence is empty/);
		await expect(decoder.prefill([1, 61])).rejects.toThrow(/61 is no token/);
		await decoder.prefill([1, 2]);
		const writing = decoder.generate(300, SAMPLING, OPEN);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/still writing/);
		expect(() => decoder.truncate(1)).toThrow(/still writing/);
		await writing;
		const short = await (await createOnnxModel(randomModel(TINY_GPT2), ENGINE)).createDecoder();
		await expect(short.prefill(randomTokens(129, 3))).rejects.toThrow(/knows 128 positions/);
	});

	it('can be disposed while a decoder writes, which then says so', async () => {
		const doomed = await createOnnxModel(randomModel(TINY_WIDE), ENGINE);
		const first = await doomed.createDecoder();
		const second = await doomed.createDecoder();
		await first.prefill([1, 2]);
		const writing = first.generate(5000, SAMPLING, OPEN);
		doomed.dispose();
		doomed.dispose();
		await expect(writing).rejects.toThrow(/Make a new decoder/);
		await expect(second.prefill([1])).rejects.toThrow(/Make a new decoder/);
		await expect(doomed.createDecoder()).rejects.toThrow(/Make a new decoder/);
		first.dispose();
		second.dispose();
	});
});

function expectClose(found: Float32Array, expected: Float32Array): void {
	expect(found).toHaveLength(expected.length);
	const worst = found.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i]!)), 0);
	expect(worst).toBeLessThan(1e-4);
}

/** `count` frames of a slab from `first` on. */
function bytesOf(slab: FrameSlab, first: number, count: number): Buffer {
	const stride = slab.buffer.byteLength / slab.count;
	return Buffer.from(slab.buffer, first * stride, count * stride);
}
