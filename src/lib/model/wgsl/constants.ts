/**
 * The numbers that the kernels of `shaders/decode` are compiled with: the model's shape, where things lie among
 * activations and in a layer's matrices, and the layout of a frame. They stand in front of the WGSL as constants, so that
 * loops have known bounds and one set of kernels serves every model.
 */
import type { ModelConfig } from '../config';
import { LARGEST_REGISTER_COUNT } from '../sampling';
import { cacheCapacity } from '../sequence';
import { HEAD_BLOCK, LAYER_BLOCK, TOP, frameLayout } from '../tokenFrame';

/** f16 weights that one load brings. Rows of matrices, and the inputs they meet, are padded to whole vectors. */
export const VECTOR = 8;

/** Vectors of a row of `columns` weights. */
export function vectorsOf(columns: number): number {
	return Math.ceil(columns / VECTOR);
}

/** Where each activation of the shared buffer begins, in floats. */
export interface Activations {
	readonly residual: number;
	/** [heads × headSize] */
	readonly query: number;
	/** what a layer's half adds to the residual */
	readonly update: number;
	readonly logits: number;
	/** floats in all */
	readonly size: number;
}

export function activationsOf(config: ModelConfig): Activations {
	const { hiddenSize, heads, headSize, vocabularySize } = config;
	const residual = 0;
	const query = residual + hiddenSize;
	const update = query + heads * headSize;
	const logits = update + hiddenSize;
	return { residual, query, update, logits, size: logits + vocabularySize };
}

/** Where each matrix and norm of a layer begins in its buffer, in vectors of 16 bytes. */
export interface LayerPlan {
	/** queries, keys, values one after the other */
	readonly projection: number;
	readonly output: number;
	readonly gate: number;
	readonly up: number;
	readonly down: number;
	/** of the residual before the MLP, f32 */
	readonly mlpNorm: number;
	/** of the residual after the layer: the next layer's, or the last; f32 */
	readonly nextNorm: number;
	readonly size: number;
}

export function layerPlanOf(config: ModelConfig): LayerPlan {
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const perHiddenRow = vectorsOf(hiddenSize);
	let size = 0;
	const region = (vectors: number): number => {
		const begin = size;
		size += vectors;
		return begin;
	};
	const regions = {
		projection: region((heads + 2 * keyValueHeads) * headSize * perHiddenRow),
		output: region(hiddenSize * vectorsOf(heads * headSize)),
		gate: region(intermediateSize * perHiddenRow),
		up: region(intermediateSize * perHiddenRow),
		down: region(hiddenSize * vectorsOf(intermediateSize)),
		mlpNorm: region(normVectors(hiddenSize)),
		nextNorm: region(normVectors(hiddenSize))
	};
	return { ...regions, size };
}

/** Vectors of a norm's weight, four f32 each. */
export function normVectors(hiddenSize: number): number {
	return Math.ceil(hiddenSize / 4);
}

/** Where the first layer's norm begins in the embedding's buffer, behind the matrix; in vectors. */
export function firstNormOf({ vocabularySize, hiddenSize }: ModelConfig): number {
	return vocabularySize * vectorsOf(hiddenSize);
}

/** Constants as WGSL source. Whole numbers become u32, or f32 where `floats` gives them. */
export function wgslConstants(
	whole: Readonly<Record<string, number>>,
	floats: Readonly<Record<string, number>> = {}
): string {
	return [
		...Object.entries(whole).map(([name, value]) => `const ${name} = ${value}u;`),
		...Object.entries(floats).map(([name, value]) => `const ${name} = f32(${value});`),
		''
	].join('\n');
}

/** The constants of every kernel. */
export function shapeConstants(config: ModelConfig): string {
	const activations = activationsOf(config);
	const plan = layerPlanOf(config);
	const frame = frameLayout(config.layers, config.heads);
	return wgslConstants(
		{
			VOCABULARY: config.vocabularySize,
			HIDDEN: config.hiddenSize,
			HIDDEN_VECTORS: vectorsOf(config.hiddenSize),
			HEADS: config.heads,
			KEY_VALUE_HEADS: config.keyValueHeads,
			HEAD_SIZE: config.headSize,
			MLP: config.intermediateSize,
			WINDOW: config.slidingWindow,
			CAPACITY: cacheCapacity(config.slidingWindow),
			REGISTER_COUNT: LARGEST_REGISTER_COUNT,
			TOP,

			RESIDUAL: activations.residual,
			QUERY: activations.query,
			UPDATE: activations.update,
			LOGITS: activations.logits,

			PROJECTION: plan.projection,
			GATE: plan.gate,
			UP: plan.up,
			MLP_NORM: plan.mlpNorm,
			NEXT_NORM: plan.nextNorm,
			FIRST_NORM: firstNormOf(config),

			FRAME_INDEX: frame.index,
			FRAME_TOKEN: frame.token,
			FRAME_LOG_PROBABILITY: frame.logProbability,
			FRAME_ENTROPY: frame.entropy,
			FRAME_ALTERNATIVES: frame.alternativeTokens,
			FRAME_PROBABILITIES: frame.alternativeProbabilities,
			HEAD_BLOCKS: frame.headBlocks,
			HEAD_STRIDE: frame.headStride,
			HEAD_ENTROPY: HEAD_BLOCK.entropy,
			HEAD_SINK: HEAD_BLOCK.sink,
			HEAD_INDICES: HEAD_BLOCK.indices,
			HEAD_WEIGHTS: HEAD_BLOCK.weights,
			LAYER_BLOCKS: frame.layerBlocks,
			LAYER_STRIDE: frame.layerStride,
			LAYER_RESIDUAL_NORM: LAYER_BLOCK.residualNorm,
			LAYER_ATTENTION_NORM: LAYER_BLOCK.attentionUpdateNorm,
			LAYER_MLP_NORM: LAYER_BLOCK.mlpUpdateNorm,
			LAYER_SPARSITY: LAYER_BLOCK.mlpSparsity
		},
		{ RMS_EPSILON: config.rmsNormEpsilon, ATTENTION_SCALE: config.headSize ** -0.5 }
	);
}
