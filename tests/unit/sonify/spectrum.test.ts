/** Singular values on the CPU, against what is known of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { singularValues } from '../../../src/lib/sonify/spectrum';

const matrices = fc
	.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
	.chain(([rows, columns]) =>
		fc
			.array(fc.double({ min: -4, max: 4, noNaN: true }), {
				minLength: rows * columns,
				maxLength: rows * columns
			})
			.map((values) => ({ rows, columns, values: Float32Array.from(values) }))
	);

describe('singular values', () => {
	it('of a diagonal matrix are its entries, the largest first', () => {
		const values = Float32Array.of(0, -3, 0, 0, 0, 5);
		expect([...singularValues(values, 2, 3, 9)]).toEqual([5, 3]);
		expect([...singularValues(values, 3, 2, 9)].map((s) => s.toFixed(6))).toEqual(
			['5.830952', '0.000000'].map((s) => s)
		);
	});

	it('of a product of known rotations and sizes are those sizes', () => {
		const sizes = [7, 2, 0.5, 0.01];
		const left = rotation(4, 0.7);
		const right = rotation(4, -1.1);
		const product = new Float32Array(16);
		for (let i = 0; i < 4; i++)
			for (let j = 0; j < 4; j++)
				for (let k = 0; k < 4; k++) {
					product[4 * i + j]! += left[4 * i + k]! * sizes[k]! * right[4 * j + k]!;
				}
		const found = singularValues(product, 4, 4, 4);
		sizes.forEach((size, i) => expect(Math.abs(found[i]! - size)).toBeLessThan(1e-6));
	});

	it('descend, hold all of the energy, and are those of the transpose', () => {
		fc.assert(
			fc.property(matrices, ({ rows, columns, values }) => {
				const found = [...singularValues(values, rows, columns, 9)];
				expect(found).toEqual([...found].sort((a, b) => b - a));
				const energy = values.reduce((sum, value) => sum + value ** 2, 0);
				const kept = found.reduce((sum, value) => sum + value ** 2, 0);
				expect(Math.abs(kept - energy)).toBeLessThan(1e-5 * (1 + energy));
				const turned = Float32Array.from(
					values,
					(_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!
				);
				singularValues(turned, columns, rows, 9).forEach((value, i) =>
					expect(Math.abs(value - found[i]!)).toBeLessThan(1e-4)
				);
			})
		);
	});

	it('are as many as were asked for', () => {
		const values = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i * i));
		const all = singularValues(values, 5, 6, 5);
		expect([...singularValues(values, 5, 6, 2)]).toEqual([...all.subarray(0, 2)]);
	});

	it('of numbers that are none end with a sentence', () => {
		expect(() => singularValues(new Float32Array(9).fill(NaN), 3, 3, 3)).toThrow(/no numbers/);
	});
});

/** A product of plane rotations, [size × size]. */
function rotation(size: number, angle: number): Float64Array {
	let matrix = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
	for (let p = 0; p < size - 1; p++) {
		const next = matrix.slice();
		for (let row = 0; row < size; row++) {
			const a = matrix[row * size + p]!;
			const b = matrix[row * size + p + 1]!;
			next[row * size + p] = a * Math.cos(angle + p) - b * Math.sin(angle + p);
			next[row * size + p + 1] = a * Math.sin(angle + p) + b * Math.cos(angle + p);
		}
		matrix = next;
	}
	return matrix;
}
