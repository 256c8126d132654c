import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError, parseModelConfig } from '../../../src/lib/model/config';

const MISTRAL = {
	model_type: 'mistral',
	vocab_size: 334,
	hidden_size: 192,
	num_hidden_layers: 6,
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

describe('a config.json', () => {
	it('of the Mistral family is read under plain names', () => {
		expect(parseModelConfig(MISTRAL)).toStrictEqual({
			vocabularySize: 334,
			hiddenSize: 192,
			layers: 6,
			heads: 6,
			keyValueHeads: 3,
			headSize: 32,
			intermediateSize: 512,
			rmsNormEpsilon: 1e-5,
			ropeTheta: 50_000,
			slidingWindow: 768,
			tiedEmbeddings: true
		});
	});

	it('of the Llama family sees as far as its positions go, and has the usual defaults', () => {
		const { vocab_size, hidden_size, num_hidden_layers, num_attention_heads } = MISTRAL;
		const llama = {
			model_type: 'llama',
			vocab_size,
			hidden_size,
			num_hidden_layers,
			num_attention_heads,
			intermediate_size: 512,
			rms_norm_eps: 1e-6,
			max_position_embeddings: 2048
		};
		expect(parseModelConfig(llama)).toMatchObject({
			slidingWindow: 2048,
			keyValueHeads: 6,
			headSize: 32,
			ropeTheta: 10_000,
			tiedEmbeddings: false
		});
	});

	it('may keep the frequency base where newer versions write it', () => {
		const { rope_theta, ...rest } = MISTRAL;
		const newer = { ...rest, rope_parameters: { rope_type: 'default', rope_theta } };
		expect(parseModelConfig(newer).ropeTheta).toBe(50_000);
	});

	it.each([
		['no object', null, /no JSON object/],
		['a list', [], /no JSON object/],
		['another architecture', { ...MISTRAL, model_type: 'gpt2' }, /"model_type" is "gpt2"/],
		['no architecture', { ...MISTRAL, model_type: undefined }, /"model_type" is missing/],
		['another activation', { ...MISTRAL, hidden_act: 'gelu' }, /"hidden_act" is "gelu"/],
		['biases', { ...MISTRAL, attention_bias: true }, /"attention_bias"/],
		['a missing number', { ...MISTRAL, vocab_size: undefined }, /"vocab_size".*missing/],
		['a fraction', { ...MISTRAL, hidden_size: 19.2 }, /"hidden_size".*19.2/],
		['a text for a number', { ...MISTRAL, num_hidden_layers: '6' }, /"num_hidden_layers".*"6"/],
		['a size of zero', { ...MISTRAL, intermediate_size: 0 }, /"intermediate_size"/],
		['an absurd size', { ...MISTRAL, hidden_size: 1e9 }, /"hidden_size"/],
		['a negative epsilon', { ...MISTRAL, rms_norm_eps: -1 }, /"rms_norm_eps"/],
		['heads that do not share evenly', { ...MISTRAL, num_key_value_heads: 4 }, /6 attention heads/],
		['an odd head size', { ...MISTRAL, head_dim: 33 }, /33 wide/],
		[
			'a width that does not divide',
			{ ...MISTRAL, head_dim: null, hidden_size: 190 },
			/does not divide into 6 heads/
		],
		['scaled positions', { ...MISTRAL, rope_scaling: { type: 'yarn', factor: 4 } }, /"yarn"/]
	])('with %s is refused in a sentence', (_, json, message) => {
		const parse = () => parseModelConfig(json, 'my/config.json');
		expect(parse).toThrow(ModelFileError);
		expect(parse).toThrow(message);
		expect(parse).toThrow(/my\/config\.json/);
	});

	it('is refused or gives whole, positive sizes, whatever it holds', () => {
		const entries = Object.fromEntries(
			Object.entries(MISTRAL).map(([key, value]) => [
				key,
				fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, fc.jsonValue(), fc.double())
			])
		);
		fc.assert(
			fc.property(fc.record(entries, { requiredKeys: [] }), (json) => {
				try {
					const { tiedEmbeddings, rmsNormEpsilon, ropeTheta, ...sizes } = parseModelConfig(json);
					expect(typeof tiedEmbeddings).toBe('boolean');
					expect(Math.min(rmsNormEpsilon, ropeTheta)).toBeGreaterThan(0);
					expect(Object.values(sizes).every((n) => Number.isInteger(n) && n > 0)).toBe(true);
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
				}
			})
		);
	});
});
