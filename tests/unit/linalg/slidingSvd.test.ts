import { describe, expect, it } from 'vitest';
import { SlidingSvd } from '../../../src/lib/linalg/slidingSvd';
import { createSvd } from '../../../src/lib/linalg/svd';
import { farFromOrthonormal, normalNumbers } from './measures';

const svd = createSvd(null);
const WINDOW = 16;
const COLUMNS = 24;

/** Rows that drift, as activations do: each remembers most of the one before. */
function drifting(count: number): Float32Array[] {
	const random = normalNumbers(31);
	const rows: Float32Array[] = [];
	for (let i = 0; i < count; i++) {
		const before = rows.at(-1);
		rows.push(
			Float32Array.from({ length: COLUMNS }, (_, c) => 0.9 * (before?.[c] ?? 2) + 0.4 * random())
		);
	}
	return rows;
}

function windowAt(rows: readonly Float32Array[], last: number) {
	const seen = rows.slice(Math.max(0, last + 1 - WINDOW), last + 1);
	const values = new Float32Array(seen.length * COLUMNS);
	seen.forEach((row, i) => values.set(row, i * COLUMNS));
	return { rows: seen.length, columns: COLUMNS, values };
}

describe('SlidingSvd', () => {
	it('has the largest triplets of its window at every row', async () => {
		const sliding = new SlidingSvd({ window: WINDOW, columns: COLUMNS });
		const rows = drifting(50);
		for (const [last, row] of rows.entries()) {
			const found = sliding.push(row);
			const matrix = windowAt(rows, last);
			const full = await svd.decompose(matrix);
			expect(found.rank).toBe(Math.min(4, last + 1));
			expect(found.rows).toBe(matrix.rows);
			found.s.forEach((value, j) => {
				expect(Math.abs(value - full.s[j]!)).toBeLessThan(1e-5 * full.s[0]!);
			});
			expect(farFromOrthonormal(found.v, COLUMNS, found.rank)).toBeLessThan(1e-6);
			expect(farFromOrthonormal(found.u, found.rows, found.rank)).toBeLessThan(1e-6);
			/** A v = s u, row by row from the oldest on */
			for (let i = 0; i < matrix.rows; i++) {
				for (let j = 0; j < found.rank; j++) {
					let sum = 0;
					for (let c = 0; c < COLUMNS; c++) {
						sum += matrix.values[i * COLUMNS + c]! * found.v[c * found.rank + j]!;
					}
					const expected = found.s[j]! * found.u[i * found.rank + j]!;
					expect(Math.abs(sum - expected)).toBeLessThan(1e-3 * full.s[0]!);
				}
			}
		}
	});

	it('knows what all singular values add up to, not the largest alone', async () => {
		const sliding = new SlidingSvd({ window: WINDOW, columns: COLUMNS });
		const rows = drifting(40);
		for (const [last, row] of rows.entries()) {
			const { energy, effectiveRank } = sliding.push(row);
			const { s } = await svd.decompose(windowAt(rows, last));
			const sum = s.reduce((total, value) => total + value ** 2, 0);
			const squares = s.reduce((total, value) => total + value ** 4, 0);
			expect(energy / sum).toBeCloseTo(1, 5);
			expect(effectiveRank / (sum ** 2 / squares)).toBeCloseTo(1, 5);
			expect(effectiveRank).toBeLessThanOrEqual(Math.min(WINDOW, last + 1) + 1e-9);
		}
	});

	it('counts rows that were taken in without a decomposition', async () => {
		const sliding = new SlidingSvd({ window: WINDOW, columns: COLUMNS });
		const rows = drifting(41);
		for (const row of rows.slice(0, -1)) sliding.take(row);
		const { s, u, rows: count } = sliding.push(rows[40]!);
		const full = await svd.decompose(windowAt(rows, 40));
		expect(count).toBe(WINDOW);
		s.forEach((value, j) => expect(Math.abs(value - full.s[j]!)).toBeLessThan(1e-5 * full.s[0]!));
		expect(farFromOrthonormal(u, WINDOW, 4)).toBeLessThan(1e-6);
	});

	it('goes on from a copy as it would have gone on itself', () => {
		const sliding = new SlidingSvd({ window: WINDOW, columns: COLUMNS, tolerance: 1e-3 });
		const rows = drifting(60);
		for (const row of rows.slice(0, 20)) sliding.push(row);
		const copy = sliding.copy();
		for (const row of rows.slice(20, 40)) copy.push(row);
		const again = sliding.copy();
		for (const row of rows.slice(40)) {
			expect(again.push(row)).toEqual(sliding.push(row));
		}
	});

	it('keeps the sign of a direction that goes on', () => {
		const sliding = new SlidingSvd({ window: WINDOW, columns: COLUMNS });
		let before: Float32Array | null = null;
		for (const row of drifting(60)) {
			const { rank, v } = sliding.push(row);
			const first = Float32Array.from({ length: COLUMNS }, (_, c) => v[c * rank]!);
			const overlap = before?.reduce((sum, value, c) => sum + value * first[c]!, 0) ?? 1;
			expect(overlap).toBeGreaterThan(0.9);
			before = first;
		}
	});

	it('knows nothing of rows that left', () => {
		const sliding = new SlidingSvd({ window: 3, columns: 2, count: 2 });
		sliding.push([1e6, 1e6]);
		for (let i = 0; i < 3; i++) sliding.push([0, 2]);
		const { s, v } = sliding.push([0, 2]);
		expect(s[0]).toBeCloseTo(Math.sqrt(12), 6);
		expect(s[1]).toBe(0);
		expect(Math.abs(v[2]!)).toBeCloseTo(1, 6);
		expect(Math.abs(v[1]!)).toBeCloseTo(1, 6);
	});

	it('is as new after clear, and finds zeros among zeros', () => {
		const sliding = new SlidingSvd({ window: 4, columns: 3, count: 2 });
		for (let i = 0; i < 6; i++) sliding.push([i, 1, -i]);
		sliding.clear();
		sliding.push([0, 0, 0]);
		const { rows, rank, s, u, v, energy, effectiveRank } = sliding.push([0, 0, 0]);
		expect([rows, rank, ...s, energy, effectiveRank]).toEqual([2, 2, 0, 0, 0, 0]);
		expect(farFromOrthonormal(u, 2, 2)).toBeLessThan(1e-6);
		expect(farFromOrthonormal(v, 3, 2)).toBeLessThan(1e-6);
	});

	it('refuses rows of another length and what is no number, and takes nothing in', () => {
		const sliding = new SlidingSvd({ window: 4, columns: 3 });
		sliding.push([1, 2, 3]);
		expect(() => sliding.push([1, 2])).toThrow('A row of 2 values came where 3 were announced');
		expect(() => sliding.push([1, NaN, 3])).toThrow('Value 2 of a row');
		expect(sliding.push([1, 2, 3]).rows).toBe(2);
		expect(() => new SlidingSvd({ window: 0, columns: 3 })).toThrow('above zero');
	});
});
