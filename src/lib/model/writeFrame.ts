/** Writes the parts of a token frame that are known outside the layers: the token itself and the prediction of it. */
import type { Distribution, Logits } from './sampling';
import { HEAD_BLOCK, NONE, TOP, frameLayout, type FrameLayout, type FrameSlab } from './tokenFrame';

/** One frame's words, seen as both types. */
export interface FrameWords {
	readonly words: Uint32Array;
	readonly floats: Float32Array;
}

/** Frame `index` of a slab, to write. */
export function frameWords(slab: FrameSlab, index: number): FrameWords {
	const { stride } = frameLayout(slab.layers, slab.heads);
	return {
		words: new Uint32Array(slab.buffer, index * stride * 4, stride),
		floats: new Float32Array(slab.buffer, index * stride * 4, stride)
	};
}

/** The frame of a sequence's first token, which nothing predicted. `frame` must be all zero. */
export function writeUnpredicted({ words }: FrameWords, layout: FrameLayout, token: number): void {
	words[layout.token] = token;
	words.fill(NONE, layout.alternativeTokens, layout.alternativeTokens + TOP);
	for (let head = 0; head < layout.layers * layout.heads; head++) {
		const first = layout.headBlocks + head * layout.headStride + HEAD_BLOCK.indices;
		words.fill(NONE, first, first + TOP);
	}
}

/** What the model thought of `token`, chosen at `position` from `logits`, whose description is `distribution`. */
export function writePrediction(
	{ words, floats }: FrameWords,
	layout: FrameLayout,
	position: number,
	token: number,
	logits: Logits,
	distribution: Distribution
): void {
	words[layout.index] = position;
	words[layout.token] = token;
	floats[layout.logProbability] = logits[token]! - distribution.logNormalizer;
	floats[layout.entropy] = distribution.entropy;
	words.set(distribution.topTokens, layout.alternativeTokens);
	floats.set(distribution.topProbabilities, layout.alternativeProbabilities);
}

/**
 * The block at `offset` of a head whose attention `weights` are those of the positions from `oldest` on, the sink first.
 * `largest` holds the indices of the `found` heaviest; `entropy` is that without the sink, nats.
 */
export function writeHead(
	{ words, floats }: FrameWords,
	offset: number,
	oldest: number,
	weights: Logits,
	largest: Uint32Array,
	found: number,
	entropy: number
): void {
	floats[offset + HEAD_BLOCK.entropy] = entropy;
	floats[offset + HEAD_BLOCK.sink] = weights[0]!;
	for (let i = 0; i < TOP; i++) {
		const index = largest[i]!;
		words[offset + HEAD_BLOCK.indices + i] = i < found ? oldest + index : NONE;
		floats[offset + HEAD_BLOCK.weights + i] = i < found ? weights[index]! : 0;
	}
}
