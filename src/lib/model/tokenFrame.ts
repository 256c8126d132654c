/**
 * The token frame: what the model was doing when it chose one token. One frame per token, none skipped. Frames travel
 * as a slab: one ArrayBuffer of 32-bit words, transferable, laid out here for every engine alike.
 *
 * The frame of token i describes the forward pass that predicted it, whose query stood at position i - 1: the attention
 * is what the model looked at while writing token i. The first token of a sequence was predicted by nothing; its frame
 * holds zeros and attends to nobody.
 */

/** Attended keys kept for each head, and alternatives kept for each token. */
export const TOP = 8;

/** Stands where a head has fewer than TOP visible keys, or fewer than TOP alternatives exist. */
export const NONE = 0xffffffff;

/** Where each quantity lies inside a frame, in 32-bit words. */
export interface FrameLayout {
	readonly layers: number;
	readonly heads: number;
	/** u32: position of the token in the sequence */
	readonly index: number;
	/** u32 */
	readonly token: number;
	/** f32: ln of the model's own probability of the token: temperature 1, before grammar, bias and truncation */
	readonly logProbability: number;
	/** f32: entropy of that same next-token distribution, nats */
	readonly entropy: number;
	/** u32 × TOP: the model's own most probable tokens, best first */
	readonly alternativeTokens: number;
	/** f32 × TOP */
	readonly alternativeProbabilities: number;
	/** start of [layers × heads] blocks of `headStride` words */
	readonly headBlocks: number;
	readonly headStride: number;
	/** start of [layers] blocks of `layerStride` words */
	readonly layerBlocks: number;
	readonly layerStride: number;
	/** words in a frame */
	readonly stride: number;
}

/** Offsets inside a head block, in words. */
export const HEAD_BLOCK = {
	/** f32: entropy in nats of the attention without the sink, renormalised */
	entropy: 0,
	/** f32: mass on the sink, the oldest visible key */
	sink: 1,
	/** u32 × TOP: absolute positions of the most attended keys, the sink included, heaviest first */
	indices: 2,
	/** f32 × TOP */
	weights: 2 + TOP
} as const;

/** Offsets inside a layer block, in words; all f32. */
export const LAYER_BLOCK = {
	/** L2 norm of the residual stream after the layer */
	residualNorm: 0,
	/** L2 norm of what attention added */
	attentionUpdateNorm: 1,
	/** L2 norm of what the MLP added */
	mlpUpdateNorm: 2,
	/** Hoyer sparsity of the MLP's hidden activations, 0 (all equal) to 1 (one unit alone): Hoyer 2004, section 3.1 */
	mlpSparsity: 3
} as const;

export function frameLayout(layers: number, heads: number): FrameLayout {
	const alternativeTokens = 4;
	const alternativeProbabilities = alternativeTokens + TOP;
	const headBlocks = alternativeProbabilities + TOP;
	const headStride = HEAD_BLOCK.weights + TOP;
	const layerBlocks = headBlocks + layers * heads * headStride;
	const layerStride = 4;
	return {
		layers,
		heads,
		index: 0,
		token: 1,
		logProbability: 2,
		entropy: 3,
		alternativeTokens,
		alternativeProbabilities,
		headBlocks,
		headStride,
		layerBlocks,
		layerStride,
		stride: layerBlocks + layers * layerStride
	};
}

/** `count` frames one after the other; transfer `buffer` between threads. */
export interface FrameSlab {
	readonly layers: number;
	readonly heads: number;
	readonly count: number;
	readonly buffer: ArrayBuffer;
}

/** An empty slab for `count` frames. */
export function createFrameSlab(layers: number, heads: number, count: number): FrameSlab {
	const { stride } = frameLayout(layers, heads);
	return { layers, heads, count, buffer: new ArrayBuffer(count * stride * 4) };
}

export interface HeadFrame {
	/** nats */
	entropy: number;
	/** 0..1 */
	sink: number;
	/** positions, heaviest first; at most TOP */
	indices: Uint32Array;
	weights: Float32Array;
}

export interface LayerFrame {
	residualNorm: number;
	attentionUpdateNorm: number;
	mlpUpdateNorm: number;
	mlpSparsity: number;
}

/** A read-only view on one frame of a slab; it copies nothing until asked. */
export class TokenFrame {
	readonly #layout: FrameLayout;
	readonly #words: Uint32Array;
	readonly #floats: Float32Array;

	/** Throws a RangeError when the slab has no frame `position`. */
	constructor(slab: FrameSlab, position: number) {
		this.#layout = frameLayout(slab.layers, slab.heads);
		if (!(position >= 0 && position < slab.count)) {
			throw new RangeError(`The slab has ${slab.count} frames; there is no frame ${position}.`);
		}
		const offset = position * this.#layout.stride * 4;
		this.#words = new Uint32Array(slab.buffer, offset, this.#layout.stride);
		this.#floats = new Float32Array(slab.buffer, offset, this.#layout.stride);
	}

	get layers(): number {
		return this.#layout.layers;
	}
	get heads(): number {
		return this.#layout.heads;
	}
	get index(): number {
		return this.#words[this.#layout.index]!;
	}
	get token(): number {
		return this.#words[this.#layout.token]!;
	}
	get logProbability(): number {
		return this.#floats[this.#layout.logProbability]!;
	}
	get entropy(): number {
		return this.#floats[this.#layout.entropy]!;
	}

	/** The model's own best tokens, best first, as pairs of token and probability. */
	get alternatives(): { token: number; probability: number }[] {
		const { alternativeTokens, alternativeProbabilities } = this.#layout;
		const list = [];
		for (let i = 0; i < TOP; i++) {
			const token = this.#words[alternativeTokens + i]!;
			if (token === NONE) break;
			list.push({ token, probability: this.#floats[alternativeProbabilities + i]! });
		}
		return list;
	}

	head(layer: number, head: number): HeadFrame {
		const { headBlocks, headStride, heads } = this.#layout;
		const block = headBlocks + (layer * heads + head) * headStride;
		const first = block + HEAD_BLOCK.indices;
		let count = 0;
		while (count < TOP && this.#words[first + count] !== NONE) count++;
		return {
			entropy: this.#floats[block + HEAD_BLOCK.entropy]!,
			sink: this.#floats[block + HEAD_BLOCK.sink]!,
			indices: this.#words.subarray(first, first + count),
			weights: this.#floats.subarray(block + HEAD_BLOCK.weights, block + HEAD_BLOCK.weights + count)
		};
	}

	layer(layer: number): LayerFrame {
		const block = this.#layout.layerBlocks + layer * this.#layout.layerStride;
		return {
			residualNorm: this.#floats[block + LAYER_BLOCK.residualNorm]!,
			attentionUpdateNorm: this.#floats[block + LAYER_BLOCK.attentionUpdateNorm]!,
			mlpUpdateNorm: this.#floats[block + LAYER_BLOCK.mlpUpdateNorm]!,
			mlpSparsity: this.#floats[block + LAYER_BLOCK.mlpSparsity]!
		};
	}
}
