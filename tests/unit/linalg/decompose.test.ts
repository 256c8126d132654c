import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transposed, type Matrix } from '../../../src/lib/linalg/matrix';
import { createSvd } from '../../../src/lib/linalg/svd';
import { SvdError } from '../../../src/lib/linalg/svdError';
import { errorsOf, fixtures, randomMatrix } from './measures';

const svd = createSvd(null);

describe('decompose on the processor', () => {
	it.each(fixtures())('agrees with LAPACK: $name', async ({ singularValues, ...matrix }) => {
		const result = await svd.decompose(matrix);
		const errors = errorsOf(matrix, result, singularValues);
		expect(result.rank).toBe(Math.min(matrix.rows, matrix.columns));
		expect(errors.values).toBeLessThan(1e-7);
		const condition = singularValues[0]! / singularValues.at(-1)!;
		if (condition <= 1.01e3) expect(errors.relative).toBeLessThan(1e-6);
		expect(errors.left).toBeLessThan(3e-7);
		expect(errors.right).toBeLessThan(3e-7);
		expect(errors.residual).toBeLessThan(2e-7);
	});

	it('gives orthonormal vectors, falling values and the matrix again for any small matrix', async () => {
		const side = fc.integer({ min: 1, max: 7 });
		const entry = fc.oneof(
			fc.constantFrom(0, 1, -1),
			/** f32 has few digits left for results below 1e-38 */
			fc.float({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-30 ? 0 : x))
		);
		const anyMatrix = fc
			.tuple(side, side)
			.chain(([rows, columns]) =>
				fc
					.array(entry, { minLength: rows * columns, maxLength: rows * columns })
					.map((values): Matrix => ({ rows, columns, values: Float32Array.from(values) }))
			);
		await fc.assert(
			fc.asyncProperty(anyMatrix, async (matrix) => {
				const result = await svd.decompose(matrix);
				const { left, right, residual } = errorsOf(matrix, result, result.s);
				expect(Math.max(left, right, residual)).toBeLessThan(1e-6);
				expect(result.s.every((value, i) => value >= 0 && !(value > result.s[i - 1]!))).toBe(true);
			}),
			{ numRuns: 200 }
		);
	});

	it('makes the largest entry of every right vector positive, of wide matrices too', async () => {
		for (const matrix of [randomMatrix(20, 12, 1), randomMatrix(12, 20, 2)]) {
			const { columns, rank, v } = await svd.decompose(matrix);
			for (let j = 0; j < rank; j++) {
				const vector = Array.from({ length: columns }, (_, i) => v[i * rank + j]!);
				expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
			}
		}
	});

	it('exchanges left and right vectors when the matrix is transposed', async () => {
		const matrix = randomMatrix(9, 6, 3);
		const upright = await svd.decompose(matrix);
		const lying = await svd.decompose(transposed(matrix));
		for (let i = 0; i < upright.v.length; i++) {
			expect(Math.abs(lying.u[i]!)).toBeCloseTo(Math.abs(upright.v[i]!), 6);
		}
		expect([...lying.s]).toEqual([...upright.s]);
	});
});

describe('what decompose refuses', () => {
	const refuse = (matrix: Matrix, words: RegExp) =>
		expect(svd.decompose(matrix)).rejects.toThrow(
			expect.toSatisfy((error) => error instanceof SvdError && words.test(error.message))
		);
	const holding = (value: number): Matrix => {
		const matrix = randomMatrix(3, 4, 1);
		matrix.values[6] = value;
		return matrix;
	};

	it.each([
		[NaN, /row 2, column 3 is not a number/],
		[Infinity, /row 2, column 3 is infinite/],
		[-Infinity, /row 2, column 3 is infinite/]
	])('a matrix that holds %d, naming the place', (value, words) => refuse(holding(value), words));

	it('a matrix without rows', () =>
		refuse({ rows: 0, columns: 3, values: new Float32Array() }, /0 rows and 3 columns/));

	it('values that do not fill the shape', () =>
		refuse({ rows: 2, columns: 3, values: new Float32Array(5) }, /2 × 3 numbers but has 5/));

	it('a matrix whose decomposition would take hours', () =>
		refuse(
			{ rows: 4097, columns: 4100, values: new Float32Array(4097 * 4100) },
			/Ask for the largest few/
		));

	it('values whose sum is beyond f32', () =>
		refuse({ rows: 2, columns: 2, values: new Float32Array(4).fill(3e38) }, /beyond what 32 bits/));
});

describe('a long decomposition', () => {
	it('reports progress that rises to 1', async () => {
		const shares: number[] = [];
		await svd.decompose(randomMatrix(320, 320, 5), { onProgress: (share) => shares.push(share) });
		expect(shares.length).toBeGreaterThan(2);
		expect(shares).toEqual([...shares].sort((a, b) => a - b));
		expect(new Set(shares).size).toBe(shares.length);
		expect(shares.at(-1)).toBe(1);
	});

	it('lets messages through, and ends when it is aborted', async () => {
		const controller = new AbortController();
		const reason = new Error('enough');
		const began = svd.decompose(randomMatrix(300, 300, 6), { signal: controller.signal });
		setTimeout(() => controller.abort(reason), 1);
		await expect(began).rejects.toBe(reason);
	});

	it('does not begin when it was aborted before', async () => {
		const signal = AbortSignal.abort(new Error('never'));
		await expect(svd.decompose(randomMatrix(2, 2, 7), { signal })).rejects.toThrow('never');
	});
});
