/**
 * The forward pass of the Llama family for one token at a time, in plain TypeScript: embedding, layers, logits. It
 * reports what a frame holds while it goes, and keeps keys and values in a ring.
 *
 *     residual += W_o · attention(rope(W_q · n), rope(W_k · n), W_v · n),   n = RMSNorm(residual)
 *     residual += W_down · (silu(W_gate · m) ⊙ (W_up · m)),                 m = RMSNorm(residual)
 *     logits    = W_head · RMSNorm(residual)
 */
import type { ModelConfig } from '../config';
import { writeRotation } from '../rotary';
import { cacheCapacity } from '../sequence';
import { LAYER_BLOCK, TOP, frameLayout } from '../tokenFrame';
import { toFloat32, type ModelWeights } from '../weights';
import type { FrameWords } from '../writeFrame';
import { attend, type AttentionMemory, type Visible } from './attention';
import { hoyerSparsity, multiply, norm, rmsNorm, type Vector } from './linear';

export type Precision = 'f32' | 'f64';

/** Looks at full attention rows, which no frame keeps. */
export type AttentionObserver = (
	layer: number,
	head: number,
	/** by position from `oldest` on; reused after the call */
	weights: Vector,
	oldest: number
) => void;

export interface ForwardPass {
	/**
	 * Runs `token` at `position`, whose predecessors ran before, and returns the logits [vocabulary], which the next call
	 * overwrites. Head and layer blocks of `frame` are written.
	 */
	run(token: number, position: number, frame: FrameWords): Vector;
}

interface FloatLayer {
	inputNorm: Float32Array;
	query: Float32Array;
	key: Float32Array;
	value: Float32Array;
	output: Float32Array;
	postAttentionNorm: Float32Array;
	gate: Float32Array;
	up: Float32Array;
	down: Float32Array;
	/** [keyValueHeads × capacity × headSize] */
	keyCache: Vector;
	valueCache: Vector;
}

/** A forward pass with an empty cache. `precision` is that of activations and cache; the oracle of the tests is f64. */
export function createForwardPass(
	config: ModelConfig,
	weights: ModelWeights,
	precision: Precision,
	observe?: AttentionObserver
): ForwardPass {
	const { hiddenSize, heads, keyValueHeads, headSize, intermediateSize, vocabularySize } = config;
	const { rmsNormEpsilon, slidingWindow } = config;
	const vector = (size: number): Vector =>
		precision === 'f64' ? new Float64Array(size) : new Float32Array(size);
	const layout = frameLayout(config.layers, heads);
	const capacity = cacheCapacity(slidingWindow);
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	const headsPerKey = heads / keyValueHeads;

	const embedding = toFloat32(weights.embedding);
	const head = weights.head === weights.embedding ? embedding : toFloat32(weights.head);
	const finalNorm = toFloat32(weights.finalNorm);
	const layers = weights.layers.map((layer): FloatLayer => ({
		inputNorm: toFloat32(layer.inputNorm),
		query: toFloat32(layer.query),
		key: toFloat32(layer.key),
		value: toFloat32(layer.value),
		output: toFloat32(layer.output),
		postAttentionNorm: toFloat32(layer.postAttentionNorm),
		gate: toFloat32(layer.gate),
		up: toFloat32(layer.up),
		down: toFloat32(layer.down),
		keyCache: vector(keys * capacity),
		valueCache: vector(keys * capacity)
	}));

	const residual = vector(hiddenSize);
	const normed = vector(hiddenSize);
	const update = vector(hiddenSize);
	const query = vector(queries);
	const key = vector(keys);
	const value = vector(keys);
	const mixed = vector(queries);
	const gate = vector(intermediateSize);
	const up = vector(intermediateSize);
	const logits = vector(vocabularySize);
	/** angles stay f64: they cost nothing and positions grow */
	const rotation = new Float64Array(headSize);
	const memory: AttentionMemory = {
		scores: vector(slidingWindow),
		largest: new Uint32Array(TOP)
	};

	function attention(layer: FloatLayer, index: number, position: number, frame: FrameWords): void {
		rmsNorm(residual, layer.inputNorm, rmsNormEpsilon, normed);
		multiply(layer.query, normed, query, queries, hiddenSize);
		multiply(layer.key, normed, key, keys, hiddenSize);
		multiply(layer.value, normed, value, keys, hiddenSize);
		rotate(query, heads, headSize, rotation);
		rotate(key, keyValueHeads, headSize, rotation);
		const slot = (position % capacity) * headSize;
		for (let keyHead = 0; keyHead < keyValueHeads; keyHead++) {
			const from = keyHead * headSize;
			const to = keyHead * capacity * headSize + slot;
			layer.keyCache.set(key.subarray(from, from + headSize), to);
			layer.valueCache.set(value.subarray(from, from + headSize), to);
		}
		const oldest = Math.max(0, position - slidingWindow + 1);
		const visible: Visible = { oldest, count: position - oldest + 1, capacity };
		for (let h = 0; h < heads; h++) {
			const keyHead = Math.floor(h / headsPerKey);
			const cacheOffset = keyHead * capacity * headSize;
			const offset = layout.headBlocks + (index * heads + h) * layout.headStride;
			attend(
				query,
				h * headSize,
				layer.keyCache,
				layer.valueCache,
				cacheOffset,
				headSize,
				visible,
				mixed,
				memory,
				{ words: frame.words, floats: frame.floats, offset }
			);
			observe?.(index, h, memory.scores.subarray(0, visible.count), oldest);
		}
		multiply(layer.output, mixed, update, hiddenSize, queries);
	}

	function feedForward(layer: FloatLayer): void {
		rmsNorm(residual, layer.postAttentionNorm, rmsNormEpsilon, normed);
		multiply(layer.gate, normed, gate, intermediateSize, hiddenSize);
		multiply(layer.up, normed, up, intermediateSize, hiddenSize);
		for (let i = 0; i < intermediateSize; i++) {
			const x = gate[i]!;
			gate[i] = (x / (1 + Math.exp(-x))) * up[i]!;
		}
		multiply(layer.down, gate, update, hiddenSize, intermediateSize);
	}

	function addUpdate(): void {
		for (let i = 0; i < hiddenSize; i++) residual[i] = residual[i]! + update[i]!;
	}

	return {
		run(token, position, frame) {
			residual.set(embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize));
			writeRotation(config, position, rotation);
			layers.forEach((layer, index) => {
				const block = layout.layerBlocks + index * layout.layerStride;
				attention(layer, index, position, frame);
				frame.floats[block + LAYER_BLOCK.attentionUpdateNorm] = norm(update);
				addUpdate();
				feedForward(layer);
				frame.floats[block + LAYER_BLOCK.mlpUpdateNorm] = norm(update);
				frame.floats[block + LAYER_BLOCK.mlpSparsity] = hoyerSparsity(gate);
				addUpdate();
				frame.floats[block + LAYER_BLOCK.residualNorm] = norm(residual);
			});
			rmsNorm(residual, finalNorm, rmsNormEpsilon, normed);
			multiply(head, normed, logits, vocabularySize, hiddenSize);
			return logits;
		}
	};
}

/** Turns each pair of channels (j, j + headSize / 2) of each head, in place. `rotation` holds [cos, sin] pairs. */
function rotate(x: Vector, heads: number, headSize: number, rotation: Float64Array): void {
	const half = headSize / 2;
	for (let head = 0; head < heads; head++) {
		const first = head * headSize;
		for (let j = 0; j < half; j++) {
			const cosine = rotation[2 * j]!;
			const sine = rotation[2 * j + 1]!;
			const a = x[first + j]!;
			const b = x[first + half + j]!;
			x[first + j] = a * cosine - b * sine;
			x[first + half + j] = b * cosine + a * sine;
		}
	}
}
