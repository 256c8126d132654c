import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttentionMatrix } from '../../../src/lib/model/inspector';
import {
	NONE,
	HEAD_BLOCK,
	TokenFrame,
	createFrameSlab,
	frameLayout
} from '../../../src/lib/model/tokenFrame';
import { attendedBy } from '../../../src/lib/views/inside/attended';
import { cellAt, colourOf, matrixPixels, weightAt } from '../../../src/lib/views/matrixPixels';

/** Three queries from position 10 on. */
const MATRIX: AttentionMatrix = {
	first: 10,
	count: 3,
	weights: Float32Array.of(1, 0, 0, 0.25, 0.75, 0, 0.5, 0.09, 0.41)
};

describe('the picture of an attention matrix', () => {
	it('is more opaque the heavier a weight is, in one colour', () => {
		const pixels = matrixPixels(MATRIX, colourOf('#102030'));
		expect([...pixels.subarray(0, 4)]).toStrictEqual([16, 32, 48, 255]);
		const opacity = (row: number, column: number) => pixels[(row * 3 + column) * 4 + 3]!;
		expect(opacity(0, 1)).toBe(0);
		expect(opacity(1, 0)).toBeCloseTo(127.5, -0.5);
		expect(opacity(2, 1)).toBeLessThan(opacity(2, 2));
	});

	it('knows the query and the key under every point, and nothing above the diagonal', () => {
		const inside = fc.double({ min: 0, max: 299.999, noNaN: true });
		fc.assert(
			fc.property(inside, inside, (x, y) => {
				const cell = cellAt(MATRIX, x, y, 300);
				const row = Math.floor(y / 100);
				const column = Math.floor(x / 100);
				if (column > row) expect(cell).toBeNull();
				else expect(cell).toStrictEqual({ query: 10 + row, key: 10 + column });
			})
		);
		expect(cellAt(MATRIX, -1, 50, 300)).toBeNull();
		expect(cellAt(MATRIX, 50, 300, 300)).toBeNull();
	});

	it('gives the weight at two positions, and 0 outside', () => {
		expect(weightAt(MATRIX, 12, 10)).toBe(0.5);
		expect(weightAt(MATRIX, 13, 10)).toBe(0);
		expect(weightAt(MATRIX, 12, 9)).toBe(0);
	});

	it('takes no colour but #rrggbb', () => {
		expect(() => colourOf('red')).toThrow(RangeError);
	});
});

describe('what a token attended to', () => {
	/** The frame of the token at `index`, one head of which looked at `keys`. */
	function frameLookingAt(index: number, keys: Record<number, number>): TokenFrame {
		const slab = createFrameSlab(1, 1, 1);
		const layout = frameLayout(1, 1);
		const words = new Uint32Array(slab.buffer);
		const floats = new Float32Array(slab.buffer);
		words[layout.index] = index;
		const indices = layout.headBlocks + HEAD_BLOCK.indices;
		words.fill(NONE, indices, indices + 8);
		const heaviest = Object.entries(keys).sort(([, a], [, b]) => b - a);
		heaviest.forEach(([key, weight], i) => {
			words[indices + i] = Number(key);
			floats[layout.headBlocks + HEAD_BLOCK.weights + i] = weight;
		});
		return new TokenFrame(slab, 0);
	}

	it('comes from the row of the query before it, where the matrix has that row', () => {
		const frame = frameLookingAt(13, { 10: 0.5, 12: 0.41 });
		const shares = attendedBy(frame, 0, 0, MATRIX);
		expect([...shares.keys()]).toStrictEqual([10, 11, 12]);
		expect(shares.get(11)).toBeCloseTo(0.09);
	});

	it('comes from the frame where there is no matrix, no such row, or one of another head', () => {
		const own = frameLookingAt(13, { 11: 0.9 });
		for (const matrix of [null, { ...MATRIX, first: 50 }, MATRIX]) {
			const shares = attendedBy(own, 0, 0, matrix);
			expect([...shares.keys()]).toStrictEqual([11]);
			expect(shares.get(11)).toBeCloseTo(0.9);
		}
	});
});
