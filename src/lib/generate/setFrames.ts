/** Frames of a decoder as frames of the set: taken apart, their positions moved to where the decoder's sequence began in it. */
import { HEAD_BLOCK, NONE, TOP, frameLayout, type FrameSlab } from '../model/tokenFrame';

export interface SetFrame {
	readonly token: number;
	/** one frame, [stride] words */
	readonly words: Uint32Array;
}

/** The frames of a slab, with positions of the decoder turned into positions of the set. */
export function setFrames(slab: FrameSlab, origin: number): SetFrame[] {
	const layout = frameLayout(slab.layers, slab.heads);
	const all = new Uint32Array(slab.buffer);
	return Array.from({ length: slab.count }, (_, i) => {
		const words = all.subarray(i * layout.stride, (i + 1) * layout.stride);
		if (origin > 0) moveFrame(words, slab, origin);
		return { token: words[layout.token]!, words };
	});
}

/** Frames one after the other, as they travel. */
export function slabOf(frames: readonly SetFrame[], layers: number, heads: number): FrameSlab {
	const { stride } = frameLayout(layers, heads);
	const words = new Uint32Array(frames.length * stride);
	frames.forEach((frame, i) => words.set(frame.words, i * stride));
	return { layers, heads, count: frames.length, buffer: words.buffer };
}

function moveFrame(words: Uint32Array, { layers, heads }: FrameSlab, origin: number): void {
	const layout = frameLayout(layers, heads);
	words[layout.index]! += origin;
	for (let head = 0; head < layers * heads; head++) {
		const first = layout.headBlocks + head * layout.headStride + HEAD_BLOCK.indices;
		for (let i = first; i < first + TOP; i++) {
			if (words[i] !== NONE) words[i]! += origin;
		}
	}
}
