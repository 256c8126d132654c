/** Arcs: where the attention of a note goes, and which of it is drawn. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthOf, heaviestArcs, noteEdges, type Depth } from '../../../src/lib/views/arcs';
import { frame, note, sequence, type Attention } from './notes';

/** Ten notes of two tokens each, at positions 0-19, a beat apart; the last one is under test. */
const TEN = Array.from({ length: 10 }, (_, i) =>
	note({ beat: i, frames: { first: 2 * i, last: 2 * i + 1 } })
);
const LAST = TEN[9]!;
const ALL = { count: 100, near: 100, depths: [true, true, true] };

const attention = fc.array(
	fc.array(
		fc.array(fc.tuple(fc.integer({ min: 0, max: 19 }), fc.float({ min: 0, max: 1, noNaN: true })), {
			maxLength: 8
		}),
		{ minLength: 2, maxLength: 2 }
	),
	{ minLength: 3, maxLength: 3 }
);

describe('the edges of a note', () => {
	it('have weights that add up to one, and depths that add up to the weights, whatever was attended to', () => {
		fc.assert(
			fc.property(attention, attention, (first, last) => {
				const frames = [frame(18, first as Attention), frame(19, last as Attention)];
				const edges = noteEdges(LAST, sequence(TEN, frames));
				if (edges.length === 0) return;
				expect(edges.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 6);
				for (const { weight, byDepth } of edges) {
					expect(byDepth.reduce((sum, share) => sum + share, 0)).toBeCloseTo(weight, 6);
				}
			})
		);
	});

	it('come heaviest first, each to another note once, and never to the note itself', () => {
		fc.assert(
			fc.property(attention, (one) => {
				const edges = noteEdges(LAST, sequence(TEN, [frame(19, one as Attention)]));
				const weights = edges.map(({ weight }) => weight);
				expect(weights).toEqual([...weights].sort((a, b) => b - a));
				const targets = edges.map(({ target }) => target);
				expect(new Set(targets).size).toBe(targets.length);
				expect(targets).not.toContain(LAST);
			})
		);
	});

	it('leave out the oldest key in the window, where heads park', () => {
		const frames = [
			frame(19, [
				[
					[
						[9, 0.9],
						[12, 0.1]
					]
				]
			])
		];
		const edges = noteEdges(LAST, sequence(TEN, frames, 10));
		expect(edges.map(({ target }) => target)).toEqual([TEN[6]]);
		expect(edges[0]!.weight).toBeCloseTo(1);
	});

	it('leave out tokens that are not part of a note', () => {
		const frames = [
			frame(19, [
				[
					[
						[4, 0.5],
						[6, 0.25]
					]
				]
			])
		];
		const without = TEN.filter((_, i) => i !== 2);
		const edges = noteEdges(LAST, sequence(without, frames));
		expect(edges.map(({ target }) => target)).toEqual([TEN[3]]);
	});

	it('do not lead from a repeated note to its own first sounding', () => {
		const repeated = { ...LAST, beat: 40 };
		const frames = [
			frame(19, [
				[
					[
						[18, 0.5],
						[6, 0.5]
					]
				]
			])
		];
		const edges = noteEdges(repeated, sequence(TEN, frames));
		expect(edges.map(({ target }) => target)).toEqual([TEN[3]]);
	});

	it('add up what all the tokens of the note attended to', () => {
		const frames = [
			frame(18, [[[[6, 0.3]]]]),
			frame(19, [
				[
					[
						[7, 0.1],
						[10, 0.2]
					]
				]
			])
		];
		const edges = noteEdges(LAST, sequence(TEN, frames));
		expect(edges.map(({ target }) => target)).toEqual([TEN[3], TEN[5]]);
		expect(edges[0]!.weight).toBeCloseTo(0.4 / 0.6, 5);
	});

	it('are none while the frames are not there', () => {
		expect(noteEdges(LAST, sequence(TEN, []))).toEqual([]);
	});
});

describe('the arcs that are drawn', () => {
	it('are the heaviest, heaviest first, as many as asked', () => {
		fc.assert(
			fc.property(attention, fc.integer({ min: 0, max: 12 }), (one, count) => {
				const edges = noteEdges(LAST, sequence(TEN, [frame(19, one as Attention)]));
				const all = heaviestArcs(LAST, edges, ALL);
				const some = heaviestArcs(LAST, edges, { ...ALL, count });
				expect(some).toEqual(all.slice(0, count));
				const weights = all.map(({ weight }) => weight);
				expect(weights).toEqual([...weights].sort((a, b) => b - a));
			})
		);
	});

	it('belong to the thirds of the layers that are wanted', () => {
		const frames = [frame(19, [[[[6, 0.5]]], [[[6, 0.3]]], [[[6, 0.2]]]])];
		const edges = noteEdges(LAST, sequence(TEN, frames));
		const late = heaviestArcs(LAST, edges, { ...ALL, depths: [false, false, true] });
		expect(late.map(({ depth }) => depth)).toEqual([2]);
		expect(heaviestArcs(LAST, edges, ALL).map(({ depth }) => depth)).toEqual([0, 1, 2]);
	});

	it('lead to only so many neighbours of less than a beat away', () => {
		const close = [0, 0.25, 0.5, 0.75, 1].map((beat, i) =>
			note({ beat, frames: { first: i + 1, last: i + 1 } })
		);
		const frames = [
			frame(5, [
				[
					[
						[2, 0.4],
						[3, 0.3],
						[4, 0.2],
						[1, 0.1]
					]
				]
			])
		];
		const source = close[4]!;
		const edges = noteEdges(source, sequence(close, frames));
		const arcs = heaviestArcs(source, edges, { ...ALL, near: 1 });
		expect(arcs.map(({ target }) => target)).toEqual([close[1], close[0]]);
	});
});

describe('the thirds of the layers', () => {
	it('are early, middle and late in order, and all three exist from three layers on', () => {
		fc.assert(
			fc.property(fc.integer({ min: 3, max: 48 }), (layers) => {
				const depths: Depth[] = Array.from({ length: layers }, (_, layer) =>
					depthOf(layer, layers)
				);
				expect(depths).toEqual([...depths].sort((a, b) => a - b));
				expect(new Set(depths)).toEqual(new Set([0, 1, 2]));
			})
		);
	});
});
