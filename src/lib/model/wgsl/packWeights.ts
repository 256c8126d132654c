/**
 * Weights as the kernels read them: matrices in f16, two to a word, each row padded to whole vectors of 16 bytes; norms
 * in f32. A layer is one buffer, so that none comes near the limit on bindings.
 */
import type { ModelConfig } from '../config';
import type { Tensor } from '../safetensors';
import { toFloat32, toHalfBits, type ModelWeights } from '../weights';
import { VECTOR, firstNormOf, layerPlanOf, normVectors, vectorsOf } from './constants';

/** The embedding matrix [vocabulary × hidden], and behind it the first layer's norm. */
export function packEmbedding(
	config: ModelConfig,
	weights: ModelWeights
): Uint32Array<ArrayBuffer> {
	const firstNorm = firstNormOf(config);
	const packed = new Uint32Array((firstNorm + normVectors(config.hiddenSize)) * 4);
	putMatrix(packed, 0, weights.embedding, config.hiddenSize);
	const norm = weights.layers[0]?.inputNorm ?? weights.finalNorm;
	putNorm(packed, firstNorm, norm);
	return packed;
}

/** The output matrix [vocabulary × hidden] of a model that does not share it with the embedding. */
export function packHead(config: ModelConfig, weights: ModelWeights): Uint32Array<ArrayBuffer> {
	const packed = new Uint32Array(firstNormOf(config) * 4);
	putMatrix(packed, 0, weights.head, config.hiddenSize);
	return packed;
}

/** Everything of layer `index`, as `layerPlanOf` lays it out. */
export function packLayer(
	config: ModelConfig,
	weights: ModelWeights,
	index: number
): Uint32Array<ArrayBuffer> {
	const layer = weights.layers[index]!;
	const plan = layerPlanOf(config);
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const packed = new Uint32Array(plan.size * 4);
	const rowVectors = vectorsOf(hiddenSize);
	const keys = plan.projection + heads * headSize * rowVectors;
	const values = keys + keyValueHeads * headSize * rowVectors;
	putMatrix(packed, plan.projection, layer.query, hiddenSize);
	putMatrix(packed, keys, layer.key, hiddenSize);
	putMatrix(packed, values, layer.value, hiddenSize);
	putMatrix(packed, plan.output, layer.output, heads * headSize);
	putMatrix(packed, plan.gate, layer.gate, hiddenSize);
	putMatrix(packed, plan.up, layer.up, hiddenSize);
	putMatrix(packed, plan.down, layer.down, intermediateSize);
	putNorm(packed, plan.mlpNorm, layer.postAttentionNorm);
	putNorm(packed, plan.nextNorm, weights.layers[index + 1]?.inputNorm ?? weights.finalNorm);
	return packed;
}

function putMatrix(packed: Uint32Array, vector: number, matrix: Tensor, columns: number): void {
	const halves = new Uint16Array(packed.buffer);
	const bits = toHalfBits(matrix);
	const stride = vectorsOf(columns) * VECTOR;
	const first = vector * VECTOR;
	for (let row = 0; row * columns < bits.length; row++) {
		halves.set(bits.subarray(row * columns, (row + 1) * columns), first + row * stride);
	}
}

function putNorm(packed: Uint32Array, vector: number, norm: Tensor): void {
	new Float32Array(packed.buffer).set(toFloat32(norm), vector * 4);
}
