/**
 * From attention to arcs: which earlier notes the model looked at while it wrote a note, how strongly, and with which
 * third of its layers. Pure.
 */
import type { TokenFrame } from '../model/tokenFrame';
import type { NoteEvent } from '../music/notes';

/** Early, middle and late layers. */
export const DEPTHS = ['early', 'middle', 'late'] as const;
export type Depth = 0 | 1 | 2;

/** Attention from one note to another. `weight` is its share of all that the note gave to notes; `byDepth` adds up to it. */
export interface Edge {
	target: NoteEvent;
	weight: number;
	byDepth: [number, number, number];
}

/** One line to draw: an edge as one third of the layers saw it. */
export interface Arc {
	source: NoteEvent;
	target: NoteEvent;
	depth: Depth;
	weight: number;
}

/** Where frames and notes are looked up by their position in the sequence, and how many keys a query of the model sees. */
export interface Sequence {
	frame(position: number): TokenFrame | undefined;
	noteAt(position: number): NoteEvent | undefined;
	window: number;
}

export function depthOf(layer: number, layers: number): Depth {
	return Math.min(2, Math.floor((3 * layer) / layers)) as Depth;
}

/**
 * The edges of a note, heaviest first, their weights adding up to 1: attention of all heads over all its frames, without
 * the oldest visible key (a place where heads park), the note itself, and tokens that are not part of a note.
 */
export function noteEdges(note: NoteEvent, sequence: Sequence): Edge[] {
	const edges = new Map<number, Edge>();
	let total = 0;
	for (let position = note.frames.first; position <= note.frames.last; position++) {
		const frame = sequence.frame(position);
		if (!frame) continue;
		const sink = Math.max(0, frame.index - sequence.window);
		for (let layer = 0; layer < frame.layers; layer++) {
			const depth = depthOf(layer, frame.layers);
			for (let head = 0; head < frame.heads; head++) {
				const { indices, weights } = frame.head(layer, head);
				indices.forEach((index, i) => {
					if (index === sink) return;
					const target = sequence.noteAt(index);
					if (!target || isSame(target, note)) return;
					const weight = weights[i]!;
					if (!(weight > 0)) return;
					const edge = edges.get(target.frames.first) ?? { target, weight: 0, byDepth: [0, 0, 0] };
					edges.set(target.frames.first, edge);
					edge.weight += weight;
					edge.byDepth[depth] += weight;
					total += weight;
				});
			}
		}
	}
	const list = [...edges.values()];
	for (const edge of list) {
		edge.weight /= total;
		edge.byDepth = edge.byDepth.map((weight) => weight / total) as Edge['byDepth'];
	}
	return list.sort((a, b) => b.weight - a.weight);
}

export interface Selection {
	/** arcs at most */
	count: number;
	/** of these, at most so many to notes less than a beat away: every note looks at its neighbours */
	near: number;
	/** which thirds of the layers are wanted */
	depths: readonly boolean[];
}

/** The heaviest lines of a note's edges, heaviest first. */
export function heaviestArcs(
	source: NoteEvent,
	edges: readonly Edge[],
	{ count, near, depths }: Selection
): Arc[] {
	const arcs = edges
		.flatMap(({ target, byDepth }) =>
			byDepth.map((weight, depth) => ({ source, target, weight, depth: depth as Depth }))
		)
		.filter(({ weight, depth }) => weight > 0 && depths[depth])
		.sort((a, b) => b.weight - a.weight);
	let neighbours = 0;
	return arcs
		.filter(({ target }) => Math.abs(target.beat - source.beat) >= 1 || neighbours++ < near)
		.slice(0, count);
}

/** A note that sounds again in a repeated bar has other beats and the same frames. */
function isSame(a: NoteEvent, b: NoteEvent): boolean {
	return a.frames.first === b.frames.first;
}
