/** Models of awkward sizes, every form that kernels can have, and weights as the kernels read them. */
import { plainRotation, type ModelConfig } from '../../src/lib/model/config';
import type { ModelWeights } from '../../src/lib/model/weights';
import type { KernelForm, WeightFormat } from '../../src/lib/model/wgsl/form';
import { layerRows, packLayerVectors } from '../../src/lib/model/wgsl/gpuWeights';
import {
	layerMatrices,
	layerVectors,
	outerVectors,
	tableParts,
	type LayerMatrix
} from '../../src/lib/model/wgsl/matrixShapes';
import { plainRows, putNorm } from '../../src/lib/model/wgsl/packWeights';
import { TINY, TINY_GEMMA, TINY_GPT2 } from '../unit/model/randomModel';
import { packed } from './kernelHarness';

/** No size is a multiple of 8, so that every padding is met. */
const ODD: ModelConfig = {
	...TINY,
	hiddenSize: 60,
	heads: 6,
	keyValueHeads: 3,
	headSize: 12,
	intermediateSize: 90,
	attentionScale: 12 ** -0.5,
	rotations: [plainRotation(10_000, 12)]
};
/** An odd number of hidden units that do not come in pairs, and a width that is no multiple of 4. */
const ODD_GPT2: ModelConfig = {
	...TINY_GPT2,
	hiddenSize: 62,
	heads: 3,
	keyValueHeads: 3,
	headSize: 10,
	intermediateSize: 91
};
/** Heads of 6 channels, three pairs, so that the second table of rotations begins within a vector. */
const ODD_GEMMA: ModelConfig = {
	...TINY_GEMMA,
	vocabularySize: 75,
	hiddenSize: 52,
	heads: 6,
	keyValueHeads: 2,
	headSize: 6,
	intermediateSize: 70,
	activation: 'gelu',
	rotations: [plainRotation(10_000, 6), plainRotation(1_000_000, 6)],
	tiedEmbeddings: false
};
export const MODELS = { llama: ODD, gpt2: ODD_GPT2, gemma: ODD_GEMMA };

const WHOLE = { bindingBytes: 2 ** 27, largestRow: 65_535 };
export const FORMS: Record<string, KernelForm> = {
	'rows, f16': {
		form: { kind: 'rows' },
		reduction: 'narrow',
		fused: false,
		weights: 'f16',
		...WHOLE
	},
	'rows, int8, fused, tables split, two rows of workgroups': {
		form: { kind: 'rows' },
		reduction: 'narrow',
		fused: true,
		weights: 'int8',
		bindingBytes: 24 * 64,
		largestRow: 1
	},
	'workgroups of 8, f16, fused, tables split, rows of 3 workgroups': {
		form: { kind: 'workgroup', lanes: 8 },
		reduction: 'wide',
		fused: true,
		weights: 'f16',
		bindingBytes: 20 * 128,
		largestRow: 3
	},
	'workgroups of 32, int8': {
		form: { kind: 'workgroup', lanes: 32 },
		reduction: 'wide',
		fused: false,
		weights: 'int8',
		...WHOLE
	},
	'subgroups of 4, f16, fused': {
		form: { kind: 'subgroup', lanes: 4 },
		reduction: 'wide',
		fused: true,
		weights: 'f16',
		...WHOLE
	}
};

export interface RandomModel {
	readonly config: ModelConfig;
	readonly weights: ModelWeights;
}

/** What a layer's kernels read, as gpuWeights.ts uploads it. */
export async function layerBuffers(
	{ config, weights }: RandomModel,
	format: WeightFormat,
	index: number
) {
	const shapes = layerMatrices(config);
	const layer = weights.layers[index]!;
	const at = layerVectors(config, format);
	const vectors = await packLayerVectors(config, weights, index, format);
	const rows = layerRows(config, layer);
	const matrices = {} as Record<LayerMatrix, Uint32Array<ArrayBuffer>>;
	for (const name of ['projection', 'output', 'mlp', 'down'] as const) {
		const { words, scales } = await packed(rows[name], shapes[name], format);
		matrices[name] = words;
		if (format === 'int8') vectors.set(scales, at[`${name}Scales`]);
	}
	return { ...matrices, vectors };
}

/** What the kernels around the layers read; of embedding and head one part. */
export async function outerBuffers(
	{ config, weights }: RandomModel,
	{ weights: format, bindingBytes }: KernelForm,
	part: number
) {
	const at = outerVectors(config, format);
	const vectors = new Float32Array(at.size);
	const update = weights.layers.at(-1)!.mlpUpdateNorm;
	await putNorm(vectors, at.previousUpdateNorm, at.previousUpdateNormBias, update);
	await putNorm(vectors, at.finalNorm, at.finalNormBias, weights.finalNorm);
	const { first, rows } = tableParts(config, format, bindingBytes)[part]!;
	const table = async (matrix: typeof weights.head, scalesAt: number) => {
		const shape = { rows, columns: config.hiddenSize };
		const { words, scales } = await packed(plainRows(matrix, first, first + rows), shape, format);
		if (format === 'int8') vectors.set(scales, scalesAt + first);
		return words;
	};
	const embedding = await table(weights.embedding, at.embeddingScales);
	const head = config.tiedEmbeddings ? embedding : await table(weights.head, at.headScales);
	let positions = new Uint32Array(4);
	if (weights.positions) {
		const { words, scales } = await packed(plainRows(weights.positions), weights.positions, format);
		positions = words;
		if (format === 'int8') vectors.set(scales, at.positionScales);
	}
	return { embedding, head, positions, vectors, first, rows };
}
