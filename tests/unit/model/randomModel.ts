/** Models with random weights, for any architecture, and safetensors files that hold them. */
import { plainRotation, type ModelConfig } from '../../../src/lib/model/config';
import { hash } from '../../../src/lib/model/sampling';
import type { WeightType } from '../../../src/lib/model/safetensors';
import {
	floatToHalf,
	halfToFloat,
	type Linear,
	type Matrix,
	type ModelWeights,
	type Norm,
	type Vector
} from '../../../src/lib/model/weights';

/** Llama-like and small, with grouped key-value heads and a window that a short test outgrows. */
export const TINY: ModelConfig = {
	family: 'llama',
	vocabularySize: 61,
	hiddenSize: 64,
	layers: 2,
	heads: 4,
	keyValueHeads: 2,
	headSize: 16,
	intermediateSize: 96,
	normalization: { kind: 'rms', epsilon: 1e-5 },
	activation: 'silu',
	gatedMlp: true,
	queryKeyNorm: false,
	updateNorms: false,
	biases: { projection: false, output: false, mlp: false },
	embeddingScale: 1,
	attentionScale: 16 ** -0.5,
	learnedPositions: 0,
	rotations: [plainRotation(10_000, 16)],
	layerRotations: [0, 0],
	layerWindows: [16, 16],
	window: 16,
	tiedEmbeddings: true
};

/** Like GPT-2: layer norms, biases everywhere, learned positions, a plain MLP. */
export const TINY_GPT2: ModelConfig = {
	...TINY,
	family: 'gpt2',
	keyValueHeads: 4,
	intermediateSize: 128,
	normalization: { kind: 'layer', epsilon: 1e-5 },
	activation: 'gelu-tanh',
	gatedMlp: false,
	biases: { projection: true, output: true, mlp: true },
	learnedPositions: 128,
	rotations: [],
	layerRotations: [],
	layerWindows: [128, 128],
	window: 128
};

/** Like Gemma-3: QK norms, update norms, GeGLU, a scaled embedding, two local layers for each global one. */
export const TINY_GEMMA: ModelConfig = {
	...TINY,
	family: 'gemma3_text',
	layers: 3,
	keyValueHeads: 1,
	headSize: 24,
	activation: 'gelu-tanh',
	queryKeyNorm: true,
	updateNorms: true,
	embeddingScale: 8,
	attentionScale: 20 ** -0.5,
	rotations: [plainRotation(10_000, 24), plainRotation(1_000_000, 24)],
	layerRotations: [0, 0, 1],
	layerWindows: [8, 8, 32],
	window: 32
};

/** The shape of the model that the site ships. */
export const SHIPPED_SHAPE: ModelConfig = {
	...TINY,
	family: 'mistral',
	vocabularySize: 334,
	hiddenSize: 192,
	layers: 6,
	heads: 6,
	keyValueHeads: 6,
	headSize: 32,
	intermediateSize: 512,
	attentionScale: 32 ** -0.5,
	rotations: [plainRotation(10_000, 32)],
	layerRotations: Array.from({ length: 6 }, () => 0),
	layerWindows: Array.from({ length: 6 }, () => 768),
	window: 768
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

/**
 * A model whose attention and logits are far from uniform, so that mistakes show. All values are exact in f16. Values are
 * made when they are read, and are the same every time.
 */
export function randomModel(
	config: ModelConfig,
	seed = 1
): { config: ModelConfig; weights: ModelWeights } {
	const { vocabularySize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	let matrices = 0;
	const values = (count: number, valueOf: (random: number) => number, salt: number) => {
		const random = randomNumbers(salt);
		return Float32Array.from({ length: count }, () => halfToFloat(floatToHalf(valueOf(random()))));
	};
	const matrix = (name: string, rows: number, columns: number, gain: number): Matrix => {
		const salt = hash(seed) + ++matrices;
		const size = gain * Math.sqrt(3 / columns);
		const all = () => values(rows * columns, (random) => (2 * random - 1) * size, salt);
		const floats = async (first = 0, end = rows) => all().slice(first * columns, end * columns);
		return {
			name,
			rows,
			columns,
			floats,
			halves: async (first, end) => Uint16Array.from(await floats(first, end), floatToHalf)
		};
	};
	const vector = (name: string, size: number, least: number, most: number): Vector => {
		const salt = hash(seed) + ++matrices;
		return {
			name,
			size,
			floats: async () => values(size, (random) => least + (most - least) * random, salt)
		};
	};
	const norm = (name: string, size = hiddenSize): Norm => ({
		weight: vector(name, size, 0.5, 1.5),
		bias: config.normalization.kind === 'layer' ? vector(`${name} bias`, size, -0.3, 0.3) : null
	});
	const headNorm = (name: string): Norm | null =>
		config.queryKeyNorm ? { weight: vector(name, headSize, 0.5, 1.5), bias: null } : null;
	const updateNorm = (name: string): Norm | null => (config.updateNorms ? norm(name) : null);
	const linear = (
		name: string,
		rows: number,
		columns: number,
		gain: number,
		biased: boolean
	): Linear => ({
		weight: matrix(name, rows, columns, gain),
		bias: biased ? vector(`${name} bias`, rows, -0.3, 0.3) : null
	});
	const { projection, output, mlp } = config.biases;
	const embedding = matrix('embedding', vocabularySize, hiddenSize, 2 / config.embeddingScale);
	const positions =
		config.learnedPositions > 0
			? matrix('positions', config.learnedPositions, hiddenSize, 0.5)
			: null;
	const layers = Array.from({ length: config.layers }, (_, i) => ({
		attentionNorm: norm(`${i} attention norm`),
		query: linear(`${i} query`, queries, hiddenSize, 1.5, projection),
		key: linear(`${i} key`, keys, hiddenSize, 1.5, projection),
		value: linear(`${i} value`, keys, hiddenSize, 1, projection),
		queryNorm: headNorm(`${i} query norm`),
		keyNorm: headNorm(`${i} key norm`),
		output: linear(`${i} output`, hiddenSize, queries, 1, output),
		attentionUpdateNorm: updateNorm(`${i} attention update norm`),
		mlpNorm: norm(`${i} MLP norm`),
		gate: config.gatedMlp ? linear(`${i} gate`, intermediateSize, hiddenSize, 1, mlp) : null,
		up: linear(`${i} up`, intermediateSize, hiddenSize, 1, mlp),
		down: linear(`${i} down`, hiddenSize, intermediateSize, 1, mlp),
		mlpUpdateNorm: updateNorm(`${i} MLP update norm`)
	}));
	const head = config.tiedEmbeddings ? embedding : matrix('head', vocabularySize, hiddenSize, 2);
	return { config, weights: { embedding, positions, layers, finalNorm: norm('final norm'), head } };
}

/** The tensors of a Llama-like model with random weights, under their published names. */
export function randomTensors(config: ModelConfig, seed: number): NamedValues[] {
	const random = randomNumbers(seed);
	const { vocabularySize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const matrix = (name: string, rows: number, columns: number): NamedValues => {
		const size = Math.sqrt(3 / columns);
		const values = Float64Array.from({ length: rows * columns }, () => (2 * random() - 1) * size);
		return { name: `${name}.weight`, shape: [rows, columns], values };
	};
	const norm = (name: string): NamedValues => ({
		name: `${name}.weight`,
		shape: [hiddenSize],
		values: Float64Array.from({ length: hiddenSize }, () => 0.5 + random())
	});
	const tensors = [matrix('model.embed_tokens', vocabularySize, hiddenSize)];
	for (let layer = 0; layer < config.layers; layer++) {
		const at = `model.layers.${layer}`;
		tensors.push(
			norm(`${at}.input_layernorm`),
			matrix(`${at}.self_attn.q_proj`, heads * headSize, hiddenSize),
			matrix(`${at}.self_attn.k_proj`, keyValueHeads * headSize, hiddenSize),
			matrix(`${at}.self_attn.v_proj`, keyValueHeads * headSize, hiddenSize),
			matrix(`${at}.self_attn.o_proj`, hiddenSize, heads * headSize),
			norm(`${at}.post_attention_layernorm`),
			matrix(`${at}.mlp.gate_proj`, intermediateSize, hiddenSize),
			matrix(`${at}.mlp.up_proj`, intermediateSize, hiddenSize),
			matrix(`${at}.mlp.down_proj`, hiddenSize, intermediateSize)
		);
	}
	tensors.push(norm('model.norm'));
	if (!config.tiedEmbeddings) tensors.push(matrix('lm_head', vocabularySize, hiddenSize));
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
