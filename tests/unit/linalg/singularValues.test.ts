/** Singular values without vectors, against LAPACK, against the full decomposition, and against what is known of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transposed, type Matrix } from '../../../src/lib/linalg/matrix';
import { createSvd } from '../../../src/lib/linalg/svd';
import { SvdError } from '../../../src/lib/linalg/svdError';
import { fixtures, randomMatrix } from './measures';

const svd = createSvd(null);
const allOf = (matrix: Matrix) => svd.singularValues(matrix, Math.min(matrix.rows, matrix.columns));

describe('singular values without vectors', () => {
	it.each(fixtures())('agree with LAPACK: $name', async ({ singularValues, ...matrix }) => {
		const found = await allOf(matrix);
		const largest = singularValues[0]! || 1;
		found.forEach((value, i) => {
			const error = Math.abs(value - singularValues[i]!);
			expect(error / largest).toBeLessThan(1e-7);
			/** what scores read is exact to the last digits that f32 holds */
			if (singularValues[i]! > 1e-3 * largest) {
				expect(error / singularValues[i]!).toBeLessThan(1e-7);
			}
		});
	});

	/** longer than the stretches that are multiplied at a time, and of an odd number of vectors */
	it.each([
		['tall', 300, 67],
		['wide', 66, 300]
	])('are those of the full decomposition of a %s matrix', async (_, rows, columns) => {
		const matrix = randomMatrix(rows, columns, 3);
		const { s } = await svd.decompose(matrix);
		const found = await allOf(matrix);
		expect(found).toHaveLength(s.length);
		found.forEach((value, i) => expect(Math.abs(value - s[i]!)).toBeLessThan(1e-6 * s[i]!));
	});

	it('descend, hold all of the energy, and are those of the transpose', async () => {
		const side = fc.integer({ min: 1, max: 9 });
		const matrices = fc.tuple(side, side).chain(([rows, columns]) =>
			fc
				.array(fc.double({ min: -4, max: 4, noNaN: true }), {
					minLength: rows * columns,
					maxLength: rows * columns
				})
				.map((values): Matrix => ({ rows, columns, values: Float32Array.from(values) }))
		);
		await fc.assert(
			fc.asyncProperty(matrices, async (matrix) => {
				const found = [...(await allOf(matrix))];
				expect(found).toEqual([...found].sort((a, b) => b - a));
				const energy = matrix.values.reduce((sum, value) => sum + value ** 2, 0);
				const kept = found.reduce((sum, value) => sum + value ** 2, 0);
				expect(Math.abs(kept - energy)).toBeLessThan(1e-5 * (1 + energy));
				(await allOf(transposed(matrix))).forEach((value, i) =>
					expect(Math.abs(value - found[i]!)).toBeLessThan(1e-4)
				);
			})
		);
	});

	it('are as many as were asked for', async () => {
		const matrix = randomMatrix(6, 5, 1);
		const all = await allOf(matrix);
		expect([...(await svd.singularValues(matrix, 2))]).toEqual([...all.subarray(0, 2)]);
		await expect(svd.singularValues(matrix, 6)).rejects.toThrow('Ask for 1 to 5');
	});

	it('are refused of numbers that are none', () =>
		expect(
			svd.singularValues({ rows: 3, columns: 3, values: new Float32Array(9).fill(NaN) }, 3)
		).rejects.toThrow(SvdError));

	it('report how far they are, and end when they are aborted', async () => {
		const shares: number[] = [];
		const controller = new AbortController();
		const matrix = randomMatrix(400, 400, 2);
		await svd.singularValues(matrix, 4, { onProgress: (share) => shares.push(share) });
		expect(shares).toEqual([...shares].sort((a, b) => a - b));
		expect(shares.length).toBeGreaterThan(2);
		expect(shares.at(-1)).toBe(1);
		const found = svd.singularValues(matrix, 4, {
			signal: controller.signal,
			onProgress: () => controller.abort(new Error('enough'))
		});
		await expect(found).rejects.toThrow('enough');
	});
});
