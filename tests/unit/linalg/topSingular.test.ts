import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../../src/lib/linalg/matrix';
import { createSvd } from '../../../src/lib/linalg/svd';
import { farFromOrthonormal, fixtures, randomMatrix } from './measures';

const svd = createSvd(null);

/** Noise under a few strong directions, as trained weights have them. */
function spiked(rows: number, columns: number, sizes: readonly number[], noise: number): Matrix {
	const left = randomMatrix(rows, sizes.length, 11).values;
	const right = randomMatrix(columns, sizes.length, 12).values;
	const values = randomMatrix(rows, columns, 13).values.map((value, at) => {
		const [i, j] = [Math.floor(at / columns), at % columns];
		return sizes.reduce(
			(sum, size, k) => sum + size * left[i * sizes.length + k]! * right[j * sizes.length + k]!,
			noise * value
		);
	});
	return { rows, columns, values };
}

describe('topSingular', () => {
	it.each([
		['tall', 120, 70],
		['wide', 70, 120]
	])('finds what a full decomposition finds in a %s matrix', async (_, rows, columns) => {
		const matrix = spiked(rows, columns, [9, 6, 4, 2, 1, 0.5], 0.05);
		const full = await svd.decompose(matrix);
		const top = await svd.topSingular(matrix, 5);
		expect(top.rank).toBe(5);
		for (let j = 0; j < 5; j++) {
			expect(Math.abs(top.s[j]! - full.s[j]!)).toBeLessThan(1e-6 * full.s[0]!);
			for (let i = 0; i < columns; i++) {
				expect(top.v[i * 5 + j]!).toBeCloseTo(full.v[i * full.rank + j]!, 3);
			}
			for (let i = 0; i < rows; i++) {
				expect(top.u[i * 5 + j]!).toBeCloseTo(full.u[i * full.rank + j]!, 3);
			}
		}
		expect(farFromOrthonormal(top.u, rows, 5)).toBeLessThan(1e-6);
		expect(farFromOrthonormal(top.v, columns, 5)).toBeLessThan(1e-6);
	});

	it('says how far off it is where values lie close together, and true values are no farther', async () => {
		const matrix = randomMatrix(90, 80, 21);
		const full = await svd.decompose(matrix);
		const top = await svd.topSingular(matrix, 6, { mostIterations: 3 });
		expect(top.iterations).toBe(3);
		expect(top.residuals[5]).toBeGreaterThan(1e-2);
		top.s.forEach((value, j) => {
			const distances = Array.from(full.s, (exact) => Math.abs(exact - value));
			expect(Math.min(...distances)).toBeLessThan(top.residuals[j]! + 1e-5);
		});
		const longer = await svd.topSingular(matrix, 6, { mostIterations: 12 });
		expect(Math.max(...longer.residuals)).toBeLessThan(Math.max(...top.residuals));
	});

	it('gives the first of all where nearly all are asked for', async () => {
		const { singularValues, ...matrix } = fixtures().find(({ name }) => name === 'random')!;
		const top = await svd.topSingular(matrix, 30);
		const full = await svd.decompose(matrix);
		expect([...top.s]).toEqual([...full.s.slice(0, 30)]);
		expect(top.v[30 * 7 + 29]).toBe(full.v[full.rank * 7 + 29]);
		expect(Math.abs(top.s[29]! - singularValues[29]!)).toBeLessThan(1e-6 * singularValues[0]!);
	});

	it('finds zeros in a zero matrix, and scales with huge numbers', async () => {
		const zero = { rows: 50, columns: 40, values: new Float32Array(2000) };
		const nothing = await svd.topSingular(zero, 3);
		expect([...nothing.s]).toEqual([0, 0, 0]);
		expect(farFromOrthonormal(nothing.v, 40, 3)).toBeLessThan(1e-6);
		const matrix = spiked(60, 50, [3, 2, 1], 0.01);
		const small = await svd.topSingular(matrix, 3);
		const factor = 2 ** 100;
		const values = matrix.values.map((value) => value * factor);
		const large = await svd.topSingular({ ...matrix, values }, 3);
		large.s.forEach((value, j) => expect(value / factor).toBe(small.s[j]));
	});

	it.each([0, 1.5, 41])('refuses to find %d of 40', (count) =>
		expect(svd.topSingular(randomMatrix(50, 40, 1), count)).rejects.toThrow('Ask for 1 to 40')
	);
});
