/**
 * The forward pass of every family for one token at a time, in plain TypeScript: embedding, layers, logits. It reports what
 * a frame holds while it goes, and keeps keys and values in rings. With n = norm(residual) and m = norm(residual):
 *
 *     residual  = embeddingScale · embedding[token] (+ positions[position])
 *     residual += norm?(W_o · attention(turn(norm?(W_q · n)), turn(norm?(W_k · n)), W_v · n))
 *     residual += norm?(W_down · (activation(W_gate · m) ⊙ (W_up · m)))      or  W_down · activation(W_up · m)
 *     logits    = W_head · norm(residual)
 *
 * Each W may add a bias; the norms with a question mark are there in some families.
 */
import type { ModelConfig } from '../config';
import { writeRotation } from '../rotary';
import { cacheCapacity } from '../sequence';
import { LAYER_BLOCK, TOP, frameLayout } from '../tokenFrame';
import type { Recordings } from '../recordings';
import type { LayerWeights, Linear, ModelWeights, Norm } from '../weights';
import type { FrameWords } from '../writeFrame';
import { activate } from './activation';
import { attend, type AttentionMemory, type Visible } from './attention';
import { hoyerSparsity, multiply, norm, type Vector } from './linear';
import { normalize, rmsNorm, type NormWeights } from './normalization';

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

/** The weights in f32, as the forward pass uses them. Passes may share one. */
export interface FloatWeights {
	readonly embedding: Float32Array;
	readonly positions: Float32Array | null;
	readonly layers: readonly FloatLayer[];
	readonly finalNorm: NormWeights;
	readonly head: Float32Array;
}

interface FloatLinear {
	readonly weight: Float32Array;
	readonly bias: Float32Array | null;
}

type FloatLayer = Awaited<ReturnType<typeof readLayer>>;

/** Reads all weights. Throws a ModelFileError when one can't be used. */
export async function readFloatWeights(weights: ModelWeights): Promise<FloatWeights> {
	const embedding = await weights.embedding.floats();
	const layers: FloatLayer[] = [];
	for (const layer of weights.layers) layers.push(await readLayer(layer));
	return {
		embedding,
		positions: (await weights.positions?.floats()) ?? null,
		layers,
		finalNorm: await readPair(weights.finalNorm),
		head: weights.head === weights.embedding ? embedding : await weights.head.floats()
	};
}

async function readLayer(layer: LayerWeights) {
	return {
		attentionNorm: await readPair(layer.attentionNorm),
		query: await readPair(layer.query),
		key: await readPair(layer.key),
		value: await readPair(layer.value),
		queryNorm: layer.queryNorm && (await readPair(layer.queryNorm)),
		keyNorm: layer.keyNorm && (await readPair(layer.keyNorm)),
		output: await readPair(layer.output),
		attentionUpdateNorm: layer.attentionUpdateNorm && (await readPair(layer.attentionUpdateNorm)),
		mlpNorm: await readPair(layer.mlpNorm),
		gate: layer.gate && (await readPair(layer.gate)),
		up: await readPair(layer.up),
		down: await readPair(layer.down),
		mlpUpdateNorm: layer.mlpUpdateNorm && (await readPair(layer.mlpUpdateNorm))
	};
}

async function readPair({ weight, bias }: Linear | Norm): Promise<FloatLinear> {
	return { weight: await weight.floats(), bias: (await bias?.floats()) ?? null };
}

/** Keys and values of a layer, [keyValueHeads × capacity × headSize]. */
export interface LayerCache {
	readonly keys: Vector;
	readonly values: Vector;
	readonly capacity: number;
}

/** Empty caches of all layers. */
export function createCaches(config: ModelConfig, precision: Precision): LayerCache[] {
	return config.layerWindows.map((window) => {
		const capacity = cacheCapacity(window);
		const size = config.keyValueHeads * capacity * config.headSize;
		return { keys: vectorOf(precision, size), values: vectorOf(precision, size), capacity };
	});
}

function vectorOf(precision: Precision, size: number): Vector {
	return precision === 'f64' ? new Float64Array(size) : new Float32Array(size);
}

/**
 * A forward pass over `caches`. `precision` is that of activations and cache; the oracle of the tests is f64.
 * `recordings` are filled where they are given.
 */
export function createForwardPass(
	config: ModelConfig,
	weights: FloatWeights,
	caches: readonly LayerCache[],
	precision: Precision,
	recordings: Recordings | null = null,
	observe?: AttentionObserver
): ForwardPass {
	const { hiddenSize, heads, keyValueHeads, headSize, intermediateSize, vocabularySize } = config;
	const { normalization, activation } = config;
	const vector = (size: number): Vector => vectorOf(precision, size);
	const layout = frameLayout(config.layers, heads);
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	const headsPerKey = heads / keyValueHeads;

	const residual = vector(hiddenSize);
	const normed = vector(hiddenSize);
	const update = vector(hiddenSize);
	const query = vector(queries);
	const key = vector(keys);
	const value = vector(keys);
	const mixed = vector(queries);
	/** the MLP's, behind the activation */
	const hidden = vector(intermediateSize);
	const up = vector(intermediateSize);
	const logits = vector(vocabularySize);
	const normalizers = vector(heads);
	/** angles stay f64: they cost nothing and positions grow */
	const rotations = config.rotations.map(() => new Float64Array(headSize));
	const memory: AttentionMemory = {
		scores: vector(config.window),
		largest: new Uint32Array(TOP),
		logNormalizer: 0
	};

	function attention(layer: FloatLayer, index: number, position: number, frame: FrameWords): void {
		const cache = caches[index]!;
		const { capacity } = cache;
		const rotation = rotations[config.layerRotations[index] ?? 0];
		normalize(residual, layer.attentionNorm, normalization, normed);
		project(layer.query, normed, query);
		project(layer.key, normed, key);
		project(layer.value, normed, value);
		if (layer.queryNorm) normalizeHeads(query, layer.queryNorm.weight);
		if (layer.keyNorm) normalizeHeads(key, layer.keyNorm.weight);
		if (rotation) {
			rotate(query, heads, headSize, rotation);
			rotate(key, keyValueHeads, headSize, rotation);
		}
		const slot = (position % capacity) * headSize;
		for (let keyHead = 0; keyHead < keyValueHeads; keyHead++) {
			const from = keyHead * headSize;
			const to = keyHead * capacity * headSize + slot;
			cache.keys.set(key.subarray(from, from + headSize), to);
			cache.values.set(value.subarray(from, from + headSize), to);
		}
		const oldest = Math.max(0, position - config.layerWindows[index]! + 1);
		const visible: Visible = { oldest, count: position - oldest + 1, capacity };
		for (let h = 0; h < heads; h++) {
			const keyHead = Math.floor(h / headsPerKey);
			const cacheOffset = keyHead * capacity * headSize;
			const offset = layout.headBlocks + (index * heads + h) * layout.headStride;
			attend(
				query,
				h * headSize,
				config.attentionScale,
				cache.keys,
				cache.values,
				cacheOffset,
				headSize,
				visible,
				mixed,
				memory,
				frame,
				offset
			);
			normalizers[h] = memory.logNormalizer;
			observe?.(index, h, memory.scores.subarray(0, visible.count), oldest);
		}
		recordings?.recordQuery(index, position, query, normalizers);
		project(layer.output, mixed, update);
		if (layer.attentionUpdateNorm) {
			normalize(update, layer.attentionUpdateNorm, normalization, update);
		}
	}

	function feedForward(layer: FloatLayer): void {
		normalize(residual, layer.mlpNorm, normalization, normed);
		if (layer.gate) {
			project(layer.gate, normed, hidden);
			project(layer.up, normed, up);
			activate(hidden, activation);
			for (let i = 0; i < intermediateSize; i++) hidden[i] = hidden[i]! * up[i]!;
		} else {
			project(layer.up, normed, hidden);
			activate(hidden, activation);
		}
		project(layer.down, hidden, update);
		if (layer.mlpUpdateNorm) normalize(update, layer.mlpUpdateNorm, normalization, update);
	}

	function normalizeHeads(x: Vector, weight: Float32Array): void {
		for (let offset = 0; offset < x.length; offset += headSize) {
			rmsNorm(x, offset, weight, normalization.epsilon, x);
		}
	}

	function embed(token: number, position: number): void {
		const { embedding, positions } = weights;
		const first = token * hiddenSize;
		for (let i = 0; i < hiddenSize; i++) {
			residual[i] = embedding[first + i]! * config.embeddingScale;
		}
		if (!positions) return;
		const at = position * hiddenSize;
		for (let i = 0; i < hiddenSize; i++) residual[i] = residual[i]! + positions[at + i]!;
	}

	function addUpdate(): void {
		for (let i = 0; i < hiddenSize; i++) residual[i] = residual[i]! + update[i]!;
	}

	return {
		run(token, position, frame) {
			const { layers, finalNorm, head } = weights;
			embed(token, position);
			config.rotations.forEach((rotation, i) => writeRotation(rotation, position, rotations[i]!));
			recordings?.recordResidual(0, position, residual);
			layers.forEach((layer, index) => {
				const block = layout.layerBlocks + index * layout.layerStride;
				attention(layer, index, position, frame);
				frame.floats[block + LAYER_BLOCK.attentionUpdateNorm] = norm(update);
				addUpdate();
				feedForward(layer);
				frame.floats[block + LAYER_BLOCK.mlpUpdateNorm] = norm(update);
				frame.floats[block + LAYER_BLOCK.mlpSparsity] = hoyerSparsity(hidden);
				addUpdate();
				frame.floats[block + LAYER_BLOCK.residualNorm] = norm(residual);
				recordings?.recordResidual(index + 1, position, residual);
			});
			normalize(residual, finalNorm, normalization, normed);
			multiply(head, normed, logits, vocabularySize, hiddenSize);
			return logits;
		}
	};
}

/** output = weight · input + bias. */
function project({ weight, bias }: FloatLinear, input: Vector, output: Vector): void {
	multiply(weight, input, output, output.length, input.length);
	if (bias) for (let i = 0; i < output.length; i++) output[i] = output[i]! + bias[i]!;
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
