import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	ModelFileError,
	limitWindow,
	parseModelConfig,
	type ModelConfig
} from '../../../src/lib/model/config';
import { FIXTURE_FOLDER, readJson } from './fixtures';

const MISTRAL = {
	model_type: 'mistral',
	vocab_size: 334,
	hidden_size: 192,
	num_hidden_layers: 3,
	num_attention_heads: 6,
	num_key_value_heads: 3,
	head_dim: 32,
	intermediate_size: 512,
	sliding_window: 768,
	rms_norm_eps: 1e-5,
	rope_theta: 50_000,
	hidden_act: 'silu',
	max_position_embeddings: 32_768,
	tie_word_embeddings: true
};
const LLAMA = { ...MISTRAL, model_type: 'llama', sliding_window: undefined };
const QWEN = { ...MISTRAL, model_type: 'qwen2', use_sliding_window: true, max_window_layers: 1 };
const PHI = { ...MISTRAL, model_type: 'phi3', rope_scaling: null };
const GEMMA = { ...MISTRAL, model_type: 'gemma3_text', query_pre_attn_scalar: 100 };
const GPT2 = {
	model_type: 'gpt2',
	vocab_size: 50_257,
	n_embd: 768,
	n_layer: 2,
	n_head: 12,
	n_positions: 1024,
	n_ctx: 1024,
	layer_norm_epsilon: 1e-5,
	activation_function: 'gelu_new'
};
const THREE_BANDS = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };

interface ConfigCase {
	name: string;
	config: { num_hidden_layers: number };
	meaning: {
		/** the first and the last layer; a window of 0 is none */
		layers: { window: number; magnitude: number; frequencies: number[] }[];
		tied: boolean;
	};
}

describe('a config.json', () => {
	it('of the Mistral family is read under plain names', () => {
		const { rotations, ...rest } = parseModelConfig(MISTRAL);
		expect(rest).toStrictEqual({
			family: 'mistral',
			vocabularySize: 334,
			hiddenSize: 192,
			layers: 3,
			heads: 6,
			keyValueHeads: 3,
			headSize: 32,
			intermediateSize: 512,
			normalization: { kind: 'rms', epsilon: 1e-5 },
			activation: 'silu',
			gatedMlp: true,
			queryKeyNorm: false,
			updateNorms: false,
			biases: { projection: false, output: false, mlp: false },
			embeddingScale: 1,
			attentionScale: 32 ** -0.5,
			learnedPositions: 0,
			layerRotations: [0, 0, 0],
			layerWindows: [768, 768, 768],
			window: 768,
			tiedEmbeddings: true
		});
		expect(rotations).toHaveLength(1);
		expect(rotations[0]!.frequencies[8]).toBeCloseTo(50_000 ** -0.5, 12);
	});

	it('of the GPT-2 family has layer norms, biases, a plain MLP and learned positions', () => {
		expect(parseModelConfig(GPT2)).toStrictEqual({
			family: 'gpt2',
			vocabularySize: 50_257,
			hiddenSize: 768,
			layers: 2,
			heads: 12,
			keyValueHeads: 12,
			headSize: 64,
			intermediateSize: 3072,
			normalization: { kind: 'layer', epsilon: 1e-5 },
			activation: 'gelu-tanh',
			gatedMlp: false,
			queryKeyNorm: false,
			updateNorms: false,
			biases: { projection: true, output: true, mlp: true },
			embeddingScale: 1,
			attentionScale: 1 / 8,
			learnedPositions: 1024,
			rotations: [],
			layerRotations: [],
			layerWindows: [1024, 1024],
			window: 1024,
			tiedEmbeddings: true
		});
		expect(parseModelConfig({ ...GPT2, scale_attn_weights: false }).attentionScale).toBe(1);
		expect(parseModelConfig({ ...GPT2, n_inner: 100 }).intermediateSize).toBe(100);
	});

	it('of the Llama family sees as far as its positions go, and has the usual defaults', () => {
		const silent = {
			...LLAMA,
			num_key_value_heads: null,
			head_dim: null,
			tie_word_embeddings: null
		};
		expect(parseModelConfig({ ...silent, max_position_embeddings: 2048 })).toMatchObject({
			window: 2048,
			layerWindows: [2048, 2048, 2048],
			keyValueHeads: 6,
			headSize: 32,
			tiedEmbeddings: false
		});
	});

	it('of the Llama family may have biases', () => {
		expect(parseModelConfig({ ...LLAMA, attention_bias: true, mlp_bias: true }).biases).toEqual({
			projection: true,
			output: true,
			mlp: true
		});
	});

	it('of the Gemma-3 family has norms everywhere, and two ways to turn', () => {
		const config = parseModelConfig({ ...GEMMA, num_hidden_layers: 8 });
		expect(config).toMatchObject({
			queryKeyNorm: true,
			updateNorms: true,
			activation: 'gelu-tanh',
			embeddingScale: Math.sqrt(192),
			attentionScale: 0.1,
			layerRotations: [0, 0, 0, 0, 0, 1, 0, 0],
			layerWindows: [768, 768, 768, 768, 768, 32_768, 768, 768],
			window: 32_768
		});
		expect(parseModelConfig({ ...GEMMA, tie_word_embeddings: null }).tiedEmbeddings).toBe(true);
	});

	it('of a Gemma-3 that sees pictures tells its text model inside', () => {
		const inside = { model_type: 'gemma3', text_config: GEMMA, vision_config: {} };
		expect(parseModelConfig(inside)).toStrictEqual(parseModelConfig(GEMMA));
		expect(() => parseModelConfig({ model_type: 'gemma3' })).toThrow(/"text_config" is missing/);
	});

	it('of the Qwen families has biases or norms, and windows from some layer on', () => {
		expect(parseModelConfig(QWEN)).toMatchObject({
			biases: { projection: true, output: false, mlp: false },
			queryKeyNorm: false,
			layerWindows: [32_768, 768, 768],
			window: 32_768
		});
		const qwen3 = { ...QWEN, model_type: 'qwen3', use_sliding_window: false, head_dim: null };
		expect(parseModelConfig(qwen3)).toMatchObject({
			biases: { projection: false, output: false, mlp: false },
			queryKeyNorm: true,
			headSize: 128,
			layerWindows: [32_768, 32_768, 32_768]
		});
	});

	it.each(readJson(`${FIXTURE_FOLDER}/configs.json`) as ConfigCase[])(
		'means what transformers makes of it: $name',
		({ config, meaning }) => {
			const read = parseModelConfig(config);
			expect(read.tiedEmbeddings).toBe(meaning.tied);
			const layers = [0, read.layers - 1].map((layer) => {
				const { frequencies, magnitude } = read.rotations[read.layerRotations[layer]!]!;
				return { window: read.layerWindows[layer]!, frequencies, magnitude };
			});
			meaning.layers.forEach(({ window, magnitude, frequencies }, i) => {
				const layer = layers[i]!;
				expect(layer.window).toBe(window || Math.max(...read.layerWindows));
				expect(layer.magnitude).toBeCloseTo(magnitude, 6);
				expect(layer.frequencies).toHaveLength(frequencies.length);
				frequencies.forEach((frequency, j) => {
					expect(Math.abs(layer.frequencies[j]! / frequency - 1)).toBeLessThan(1e-5);
				});
			});
		}
	);

	it.each([
		['no object', null, /no JSON object/],
		['a list', [], /no JSON object/],
		['another architecture', { ...MISTRAL, model_type: 'mamba' }, /"model_type" is "mamba"/],
		['no architecture', { ...MISTRAL, model_type: undefined }, /"model_type".*missing/],
		['another activation', { ...MISTRAL, hidden_act: 'relu' }, /"hidden_act" is "relu"/],
		['biases where there are none', { ...MISTRAL, attention_bias: true }, /"attention_bias"/],
		['a missing number', { ...MISTRAL, vocab_size: undefined }, /"vocab_size".*missing/],
		['a fraction', { ...MISTRAL, hidden_size: 19.2 }, /"hidden_size".*19.2/],
		['a text for a number', { ...MISTRAL, num_hidden_layers: '6' }, /"num_hidden_layers".*"6"/],
		['a size of zero', { ...MISTRAL, intermediate_size: 0 }, /"intermediate_size"/],
		['an absurd size', { ...MISTRAL, hidden_size: 1e9 }, /"hidden_size"/],
		['absurd positions', { ...LLAMA, max_position_embeddings: 1e12 }, /"max_position_embeddings"/],
		['a negative epsilon', { ...MISTRAL, rms_norm_eps: -1 }, /"rms_norm_eps"/],
		['a word for a flag', { ...MISTRAL, tie_word_embeddings: 'yes' }, /"tie_word_embeddings"/],
		['heads that do not share evenly', { ...MISTRAL, num_key_value_heads: 4 }, /6 attention heads/],
		['an odd head size', { ...MISTRAL, head_dim: 33 }, /33 wide/],
		[
			'a width that does not divide',
			{ ...MISTRAL, head_dim: null, hidden_size: 190 },
			/does not divide into 6 heads/
		],
		['dynamic scaling', { ...LLAMA, rope_scaling: { type: 'dynamic', factor: 4 } }, /"dynamic"/],
		['long scaling', { ...PHI, rope_scaling: { type: 'longrope', factor: 4 } }, /"longrope"/],
		['any scaling of Phi-3', { ...PHI, rope_scaling: { type: 'yarn', factor: 4 } }, /"yarn"/],
		['no factor', { ...LLAMA, rope_scaling: { type: 'linear' } }, /"factor".*missing/],
		[
			'bands in the wrong order',
			{ ...LLAMA, rope_scaling: { ...THREE_BANDS, high_freq_factor: 1 } },
			/"high_freq_factor" should be above/
		],
		[
			'a base without logarithm',
			{ ...LLAMA, rope_theta: 1, rope_scaling: { type: 'yarn', factor: 2 } },
			/no numbers/
		],
		['heads that turn in part', { ...PHI, partial_rotary_factor: 0.75 }, /"partial_rotary_factor"/],
		['capped logits', { ...GEMMA, final_logit_softcapping: 30 }, /"final_logit_softcapping"/],
		['capped attention', { ...GEMMA, attn_logit_softcapping: 50 }, /"attn_logit_softcapping"/],
		[
			'sight in both directions',
			{ ...GEMMA, use_bidirectional_attention: true },
			/"use_bidirectional/
		],
		[
			'too few layer types',
			{ ...GEMMA, layer_types: ['full_attention'] },
			/"layer_types".*3 words/
		],
		[
			'an unknown layer type',
			{ ...QWEN, layer_types: ['full_attention', 'linear_attention', 'full_attention'] },
			/"linear_attention"/
		],
		[
			'windows that are switched off',
			{
				...QWEN,
				use_sliding_window: false,
				layer_types: ['full_attention', 'sliding_attention', 'full_attention']
			},
			/"use_sliding_window" says there is none/
		],
		[
			'layers that turn in different ways',
			{ ...LLAMA, rope_parameters: { full_attention: { rope_theta: 4 } } },
			/in different ways/
		],
		[
			'scaling by layer',
			{ ...GPT2, scale_attn_by_inverse_layer_idx: true },
			/"scale_attn_by_inverse/
		],
		['attention to a second text', { ...GPT2, add_cross_attention: true }, /"add_cross_attention"/]
	])('with %s is refused in a sentence', (_, json, message) => {
		const parse = () => parseModelConfig(json, 'my/config.json');
		expect(parse).toThrow(ModelFileError);
		expect(parse).toThrow(message);
		expect(parse).toThrow(/my\/config\.json/);
	});

	it('is refused or describes a model that can be built, whatever it holds', () => {
		const value = fc.oneof(fc.jsonValue(), fc.double(), fc.integer({ min: -2, max: 40 }));
		const changed = (json: object) =>
			fc.record(
				Object.fromEntries(
					Object.entries({ ...json, rope_scaling: THREE_BANDS }).map(([key, usual]) => [
						key,
						fc.oneof({ weight: 8, arbitrary: fc.constant(usual as unknown) }, value)
					])
				),
				{ requiredKeys: [] }
			);
		const any = fc.oneof(...[MISTRAL, LLAMA, QWEN, PHI, GEMMA, GPT2].map(changed));
		let read = 0;
		fc.assert(
			fc.property(any, (json) => {
				try {
					requireSound(parseModelConfig(json));
					read++;
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
				}
			}),
			{ numRuns: 2000 }
		);
		expect(read).toBeGreaterThan(100);
	});
});

/** All that engines take for granted. */
function requireSound(config: ModelConfig): void {
	const { layers, headSize, heads, keyValueHeads, layerWindows, rotations } = config;
	for (const size of [config.vocabularySize, config.hiddenSize, config.intermediateSize, layers]) {
		expect(Number.isInteger(size) && size > 0).toBe(true);
	}
	expect(headSize % 2).toBe(0);
	expect(heads % keyValueHeads).toBe(0);
	expect(config.normalization.epsilon).toBeGreaterThan(0);
	expect(Number.isFinite(config.attentionScale * config.embeddingScale)).toBe(true);
	expect(layerWindows).toHaveLength(layers);
	expect(config.window).toBe(Math.max(...layerWindows));
	expect(rotations.length === 0).toBe(config.learnedPositions > 0);
	expect(config.layerRotations).toHaveLength(rotations.length === 0 ? 0 : layers);
	for (const { frequencies, magnitude } of rotations) {
		expect(frequencies).toHaveLength(headSize / 2);
		expect([...frequencies, magnitude].every(Number.isFinite)).toBe(true);
	}
}

describe('a window that is limited', () => {
	it('leaves shorter ones alone', () => {
		const { layerWindows, window } = limitWindow(parseModelConfig(QWEN), 1000);
		expect(layerWindows).toEqual([1000, 768, 768]);
		expect(window).toBe(1000);
	});
});
