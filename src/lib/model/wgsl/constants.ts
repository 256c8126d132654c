/**
 * The numbers that the kernels of `shaders/decode` are compiled with: the model's shape, where things lie among the
 * activations, and the layout of a frame. They stand in front of the WGSL as constants, so that loops have known bounds
 * and one set of kernels serves every model.
 */
import type { ModelConfig } from '../config';
import { RESIDUAL_POSITIONS } from '../inspector';
import { LARGEST_REGISTER_COUNT } from '../sampling';
import { cacheCapacity } from '../sequence';
import { HEAD_BLOCK, LAYER_BLOCK, TOP, frameLayout } from '../tokenFrame';

/** What kernels leave out when nobody asks for it. */
export interface KernelOptions {
	/** frames hold heads, layers and alternatives; otherwise index and token alone */
	readonly frames: boolean;
	/** queries, normalisers and residuals go to the buffers that the inspector reads */
	readonly recording: boolean;
}

/** Where each activation of the shared buffer begins, in floats. */
export interface Activations {
	/**
	 * The residual stream [hidden], before and after attention: kernels that add an update read one half and write the
	 * other, so that all of their workgroups see the same input.
	 */
	readonly residual: number;
	readonly residualAfterAttention: number;
	/** [heads × headSize], after norm and rotation */
	readonly query: number;
	/** [keyValueHeads × headSize] of this step before their norm; with `queryKeyNorm` only */
	readonly key: number;
	/** [hidden] what a layer's half adds to the residual */
	readonly update: number;
	/** [vocabulary] */
	readonly logits: number;
	/** [vocabulary] what sampling makes of them */
	readonly scores: number;
	/** floats in all */
	readonly size: number;
}

export function activationsOf(config: ModelConfig): Activations {
	const { hiddenSize, heads, keyValueHeads, headSize, vocabularySize } = config;
	return layOut({
		residual: hiddenSize,
		residualAfterAttention: hiddenSize,
		query: heads * headSize,
		key: config.queryKeyNorm ? keyValueHeads * headSize : 0,
		update: hiddenSize,
		logits: vocabularySize,
		scores: vocabularySize
	});
}

/** Regions of these sizes one after the other: where each begins, and the size of all. */
export function layOut<Name extends string>(
	sizes: Readonly<Record<Name, number>>
): Readonly<Record<Name | 'size', number>> {
	let size = 0;
	const begins = Object.entries<number>(sizes).map(([name, length]) => {
		const begin = size;
		size += length;
		return [name, begin];
	});
	return { ...Object.fromEntries(begins), size } as Record<Name | 'size', number>;
}

/** Vectors of four channels that a head takes in the cache; the last one is filled up with zeros. */
export function quadsOf({ headSize }: ModelConfig): number {
	return Math.ceil(headSize / 4);
}

/** Floats of one layer's keys, and of its values. */
export function cacheFloats(config: ModelConfig, layer: number): number {
	return config.keyValueHeads * capacityOf(config, layer) * quadsOf(config) * 4;
}

/** Slots of a layer's ring. */
export function capacityOf(config: ModelConfig, layer: number): number {
	return cacheCapacity(config.layerWindows[layer]!);
}

/** Floats of a layer's recording: queries [heads][capacity][headSize], behind them normalisers [heads][capacity]. */
export function recordingFloats(config: ModelConfig, layer: number): number {
	return config.heads * capacityOf(config, layer) * (config.headSize + 1);
}

/** Floats of the recorded residuals [RESIDUAL_POSITIONS][layers + 1][hidden]. */
export function residualFloats({ layers, hiddenSize }: ModelConfig): number {
	return RESIDUAL_POSITIONS * (layers + 1) * hiddenSize;
}

/** Constants as WGSL source: whole numbers as u32, flags as bool, and f32 where `floats` gives them. */
export function wgslConstants(
	constants: Readonly<Record<string, number | boolean>>,
	floats: Readonly<Record<string, number>> = {}
): string {
	return [
		...Object.entries(constants).map(
			([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : value};`
		),
		...Object.entries(floats).map(([name, value]) => `const ${name} = f32(${value});`),
		''
	].join('\n');
}

/** The constants of every kernel. */
export function shapeConstants(config: ModelConfig, options: KernelOptions): string {
	const activations = activationsOf(config);
	const frame = frameLayout(config.layers, config.heads);
	return wgslConstants(
		{
			FRAMES: options.frames,
			RECORDING: options.recording,

			VOCABULARY: config.vocabularySize,
			HIDDEN: config.hiddenSize,
			LAYERS: config.layers,
			HEADS: config.heads,
			KEY_VALUE_HEADS: config.keyValueHeads,
			HEAD_SIZE: config.headSize,
			HALF: config.headSize / 2,
			QUADS: quadsOf(config),
			MLP: config.intermediateSize,
			ROTATION_VECTORS: Math.max(1, Math.ceil((config.rotations.length * config.headSize) / 4)),
			REGISTER_COUNT: LARGEST_REGISTER_COUNT,
			RESIDUAL_POSITIONS,
			TOP,

			RESIDUAL: activations.residual,
			RESIDUAL_AFTER_ATTENTION: activations.residualAfterAttention,
			QUERY: activations.query,
			KEY: activations.key,
			UPDATE: activations.update,
			LOGITS: activations.logits,
			SCORES: activations.scores,

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
		{ ATTENTION_SCALE: config.attentionScale }
	);
}

/** The constants that differ between layers. Layers with equal ones share their kernels. */
export function layerConstants(config: ModelConfig, layer: number): string {
	return wgslConstants({
		WINDOW: config.layerWindows[layer]!,
		CAPACITY: capacityOf(config, layer),
		ROTATION: config.layerRotations[layer] ?? 0
	});
}
