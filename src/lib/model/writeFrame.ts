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
