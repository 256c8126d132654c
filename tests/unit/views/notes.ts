/** Notes and sequences made by hand, for the tests of the views. */
import type { Sequence } from '../../../src/lib/views/arcs';
import {
	HEAD_BLOCK,
	NONE,
	TOP,
	TokenFrame,
	createFrameSlab,
	frameLayout
} from '../../../src/lib/model/tokenFrame';
import type { NoteEvent } from '../../../src/lib/music/notes';

export function note(changes: Partial<NoteEvent> = {}): NoteEvent {
	return {
		track: 'bass',
		beat: 0,
		duration: 0.5,
		pitch: 40,
		velocity: 0.75,
		accent: false,
		slide: false,
		frames: { first: 0, last: 0 },
		...changes
	};
}

/** What the heads of one frame attend to: [layer][head] lists of position and weight. */
export type Attention = [number, number][][][];

export function frame(position: number, attention: Attention): TokenFrame {
	const layers = attention.length;
	const heads = attention[0]!.length;
	const slab = createFrameSlab(layers, heads, 1);
	const layout = frameLayout(layers, heads);
	const words = new Uint32Array(slab.buffer);
	const floats = new Float32Array(slab.buffer);
	words[layout.index] = position;
	for (let i = 0; i < TOP; i++) words[layout.alternativeTokens + i] = NONE;
	attention.forEach((row, layer) => {
		row.forEach((attended, head) => {
			const block = layout.headBlocks + (layer * heads + head) * layout.headStride;
			for (let i = 0; i < TOP; i++) {
				words[block + HEAD_BLOCK.indices + i] = attended[i]?.[0] ?? NONE;
				floats[block + HEAD_BLOCK.weights + i] = attended[i]?.[1] ?? 0;
			}
		});
	});
	return new TokenFrame(slab, 0);
}

/** A sequence in which every note was written by the tokens of its frames. */
export function sequence(
	notes: readonly NoteEvent[],
	frames: readonly TokenFrame[],
	window = 768
): Sequence {
	const kept = new Map(frames.map((one) => [one.index, one]));
	return {
		window,
		frame: (position) => kept.get(position),
		noteAt: (position) =>
			notes.find(({ frames: { first, last } }) => first <= position && position <= last)
	};
}
