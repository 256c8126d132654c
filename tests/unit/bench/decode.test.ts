import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCell } from '../../../bench/decode/cell';
import type { BenchEngine } from '../../../bench/decode/engine';
import { exportOnnx } from '../../../bench/decode/onnxExport';
import { readOptions } from '../../../bench/decode/options';
import { createOrtEngine } from '../../../bench/decode/ortEngine';
import { createOwnEngine } from '../../../bench/decode/ownEngine';
import { rowOf, tableOf } from '../../../bench/decode/report';
import { shippedFiles } from '../../../bench/decode/shippedFiles';
import { promptOf, randomModel, sizedModel, type SizedModel } from '../../../bench/decode/sizes';
import {
	agreementWith,
	computeTruth,
	decodeTruth,
	encodeTruth,
	type Truth
} from '../../../bench/decode/truth';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';

const NOWHERE = { meter: null, measureHeap: async () => null };
const PLAN = { tokens: 24, budgetSeconds: 20 };

/** Everything that Gemma-3 has and Llama has not, with a window that 40 tokens outgrow. */
const TINY_GEMMA = {
	model_type: 'gemma3_text',
	vocab_size: 80,
	hidden_size: 48,
	num_hidden_layers: 3,
	num_attention_heads: 4,
	num_key_value_heads: 2,
	head_dim: 16,
	intermediate_size: 64,
	hidden_activation: 'gelu_pytorch_tanh',
	rms_norm_eps: 1e-6,
	rope_theta: 1_000_000,
	rope_local_base_freq: 10_000,
	query_pre_attn_scalar: 16,
	sliding_window: 12,
	layer_types: ['sliding_attention', 'sliding_attention', 'full_attention'],
	max_position_embeddings: 128,
	tie_word_embeddings: true
};

async function truthOf(model: SizedModel, tokens = PLAN.tokens): Promise<Truth> {
	return computeTruth(model, promptOf(16, model.config.vocabularySize), tokens);
}

async function ourEngine(model: SizedModel): Promise<BenchEngine> {
	return createOwnEngine(await createReferenceModel(model, { precision: 'f32' }), {
		decoder: {},
		stepsPerCall: 4,
		bytesPerWeight: 4
	});
}

async function peer(model: SizedModel): Promise<BenchEngine> {
	const { graph, dataBytes, data } = await exportOnnx(model);
	const pieces: Uint8Array[] = [];
	for await (const piece of data()) pieces.push(piece);
	const weights = Buffer.concat(pieces);
	expect(weights.length).toBe(dataBytes);
	return createOrtEngine(
		ort,
		model.config,
		{ graph, data: weights },
		{ provider: 'wasm', threads: 1 }
	);
}

let tiny: SizedModel;
let truth: Truth;
beforeAll(async () => {
	tiny = await sizedModel('tiny', shippedFiles);
	truth = await truthOf(tiny);
});

describe('a cell of the decoding benchmark', () => {
	it('measures one of our engines and finds that it writes what the reference writes', async () => {
		const result = await runCell(() => ourEngine(tiny), tiny.parameters, truth, PLAN, NOWHERE);
		expect(result.agreement).toMatchObject({ same: 24, compared: 24 });
		expect(result.agreement.maxLogitDifference).toBeLessThan(1e-4);
		/** 23 tokens after the first, 4 a call: the last three make no full call */
		expect(result.stepMs).toHaveLength(5);
		for (const ms of [...result.stepMs, result.firstTokenMs]) expect(ms).toBeGreaterThan(0);
		expect(result.tokensPerSecond).toBeGreaterThan(1);
		expect(result.weightBytes).toBe(4 * tiny.parameters);
	});

	it('gives a peer an export that computes the same logits', async () => {
		const result = await runCell(() => peer(tiny), tiny.parameters, truth, PLAN, NOWHERE);
		expect(result.agreement).toMatchObject({ same: 24, compared: 24 });
		expect(result.agreement.maxLogitDifference).toBeLessThan(1e-4);
		expect(result.stepMs).toHaveLength(23);
	});

	it('exports every feature of Gemma-3, its sliding window included', async () => {
		const gemma = await randomModel('tiny-gemma', TINY_GEMMA);
		const result = await runCell(
			() => peer(gemma),
			gemma.parameters,
			await truthOf(gemma),
			PLAN,
			NOWHERE
		);
		expect(result.agreement).toMatchObject({ same: 24, compared: 24 });
		expect(result.agreement.maxLogitDifference).toBeLessThan(1e-4);
	});

	it('counts the weights of the shipped model', async () => {
		const { config, parameters } = await sizedModel('shipped', shippedFiles);
		const { vocabularySize, hiddenSize, intermediateSize, layers } = config;
		const layer = 4 * hiddenSize ** 2 + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
		expect(parameters).toBe(vocabularySize * hiddenSize + layers * layer + hiddenSize);
	});

	it('sees where an engine departs from the reference', () => {
		const tokens = [...truth.tokens];
		tokens[5] = (tokens[5]! + 1) % truth.vocabularySize;
		const logits = truth.logits.slice(0, truth.vocabularySize);
		logits[3]! += 0.25;
		const observations = [{ kind: 'logits' as const, logits }];
		const writing = { tokens, firstTokenMs: 1, stepMs: [], observations };
		const agreement = agreementWith(truth, writing);
		expect(agreement).toMatchObject({ same: 5, compared: 24 });
		expect(agreement.maxLogitDifference).toBeCloseTo(0.25, 5);
	});

	it('carries the truth from one process to another unchanged', () => {
		expect(decodeTruth(Buffer.from(encodeTruth(truth)))).toEqual(truth);
	});
});

describe('the table', () => {
	it('shows an engine that failed with its reason, between those that did not', async () => {
		const round = await runCell(() => ourEngine(tiny), tiny.parameters, truth, PLAN, NOWHERE);
		const base = { onGpu: false, rounds: [], failures: [] };
		const rows = [
			rowOf({ ...base, engine: 'a', label: 'one of ours', rounds: [round] }, null),
			rowOf({ ...base, engine: 'b', label: 'a peer', failures: ['no such operator'] }, null)
		];
		const text = tableOf({ size: 'tiny', parameters: '0.1 M', promptLength: 16, tokens: 24, rows });
		expect(text).toMatch(/one of ours .* 24\/24/);
		expect(text).toMatch(/a peer +failed: no such operator/);
	});
});

describe('the command line', () => {
	it('chooses sizes and engines', () => {
		const options = readOptions([
			'--node',
			'--sizes',
			'11m,tiny',
			'--engines',
			'wgsl-k,typescript'
		]);
		expect(options.sizes).toEqual(['11m', 'tiny']);
		expect(options.engines.map(({ id }) => id)).toEqual([
			'wgsl-k1',
			'wgsl-k4',
			'wgsl-k8',
			'wgsl-k1-bare',
			'wgsl-k8-bare',
			'typescript'
		]);
	});

	it.each([
		[['--sizes', '7b'], 'There is no size "7b"'],
		[['--engines', 'cuda'], 'There is no engine "cuda"'],
		[['--tokens', 'many'], '--tokens takes a whole number'],
		[['--adapter', 'fast'], 'The adapter is "software" or "default"'],
		[['--gpu'], "Unknown option '--gpu'"]
	])('refuses %j with a sentence', (argv, message) => {
		expect(() => readOptions(argv)).toThrow(message);
	});
});
