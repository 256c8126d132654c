/** Models with random weights, and the safetensors files that hold them. */
import type { ModelConfig } from '../../../src/lib/model/config';
import { hash } from '../../../src/lib/model/sampling';
import { readSafetensors, type WeightType } from '../../../src/lib/model/safetensors';
import { floatToHalf, readWeights, type ModelWeights } from '../../../src/lib/model/weights';

/** Small, with grouped key-value heads and a window that a short test outgrows. */
export const TINY: ModelConfig = {
	vocabularySize: 61,
	hiddenSize: 64,
	layers: 2,
	heads: 4,
	keyValueHeads: 2,
	headSize: 16,
	intermediateSize: 96,
	rmsNormEpsilon: 1e-5,
	ropeTheta: 10_000,
	slidingWindow: 16,
	tiedEmbeddings: true
};

/** The shape of the model that the site ships. */
export const SHIPPED_SHAPE: ModelConfig = {
	vocabularySize: 334,
	hiddenSize: 192,
	layers: 6,
	heads: 6,
	keyValueHeads: 6,
	headSize: 32,
	intermediateSize: 512,
	rmsNormEpsilon: 1e-5,
	ropeTheta: 10_000,
	slidingWindow: 768,
	tiedEmbeddings: true
};

export interface NamedValues {
	name: string;
	shape: number[];
	values: Float64Array;
}

/** Numbers from 0 to 1 that depend on the seed alone. */
export function randomNumbers(seed: number): () => number {
	let counter = 0;
	return () => hash((hash(seed) + counter++) >>> 0) / 2 ** 32;
}

/** A model whose attention and logits are far from uniform, so that mistakes show. */
export function randomModel(
	config: ModelConfig,
	seed = 1
): { config: ModelConfig; weights: ModelWeights } {
	const file = readSafetensors(safetensors(randomTensors(config, seed), 'F16'), 'random');
	return { config, weights: readWeights(file, config) };
}

/** Every tensor of the architecture, under its published name. */
export function randomTensors(config: ModelConfig, seed: number): NamedValues[] {
	const random = randomNumbers(seed);
	const { vocabularySize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const matrix = (name: string, rows: number, columns: number, gain: number): NamedValues => {
		const size = gain * Math.sqrt(3 / columns);
		const values = Float64Array.from({ length: rows * columns }, () => (2 * random() - 1) * size);
		return { name: `${name}.weight`, shape: [rows, columns], values };
	};
	const norm = (name: string): NamedValues => ({
		name: `${name}.weight`,
		shape: [hiddenSize],
		values: Float64Array.from({ length: hiddenSize }, () => 0.5 + random())
	});
	const tensors = [matrix('model.embed_tokens', vocabularySize, hiddenSize, 2)];
	for (let layer = 0; layer < config.layers; layer++) {
		const at = `model.layers.${layer}`;
		tensors.push(
			norm(`${at}.input_layernorm`),
			matrix(`${at}.self_attn.q_proj`, heads * headSize, hiddenSize, 1.5),
			matrix(`${at}.self_attn.k_proj`, keyValueHeads * headSize, hiddenSize, 1.5),
			matrix(`${at}.self_attn.v_proj`, keyValueHeads * headSize, hiddenSize, 1),
			matrix(`${at}.self_attn.o_proj`, hiddenSize, heads * headSize, 1),
			norm(`${at}.post_attention_layernorm`),
			matrix(`${at}.mlp.gate_proj`, intermediateSize, hiddenSize, 1),
			matrix(`${at}.mlp.up_proj`, intermediateSize, hiddenSize, 1),
			matrix(`${at}.mlp.down_proj`, hiddenSize, intermediateSize, 1)
		);
	}
	tensors.push(norm('model.norm'));
	if (!config.tiedEmbeddings) tensors.push(matrix('lm_head', vocabularySize, hiddenSize, 2));
	return tensors;
}

/** A safetensors file of these tensors. */
export function safetensors(tensors: readonly NamedValues[], type: WeightType): ArrayBuffer {
	const bytesPerValue = type === 'F32' ? 4 : 2;
	const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
	let end = 0;
	for (const { name, shape, values } of tensors) {
		const begin = end;
		end += values.length * bytesPerValue;
		header[name] = { dtype: type, shape, data_offsets: [begin, end] };
	}
	const data = new DataView(new ArrayBuffer(end));
	let offset = 0;
	for (const { values } of tensors) {
		for (const value of values) {
			if (type === 'F32') data.setFloat32(offset, value, true);
			else data.setUint16(offset, type === 'F16' ? floatToHalf(value) : bfloat(value), true);
			offset += bytesPerValue;
		}
	}
	return fileOf(JSON.stringify(header), new Uint8Array(data.buffer));
}

/** A file with this header text and data, whatever they are. */
export function fileOf(header: string, data: Uint8Array): ArrayBuffer {
	const text = new TextEncoder().encode(header);
	const file = new Uint8Array(8 + text.length + data.length);
	new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
	file.set(text, 8);
	file.set(data, 8 + text.length);
	return file.buffer;
}

function bfloat(value: number): number {
	const bits = new DataView(new ArrayBuffer(4));
	bits.setFloat32(0, value);
	return bits.getUint16(0);
}
