/**
 * The whole decomposition on the processor, in f64: the oracle of the tests, and the way where there is no graphics card.
 *
 *     A · P = Q · R,   Rᵀ · W = Y · S  by Jacobi,   V = P · Y,   A · V = U · S
 *
 * Jacobi works on the rows of R: they are sorted by size, so that it needs half the sweeps (Drmač and Veselić 2008), and the
 * turned rows are V itself, so that nothing is accumulated.
 */
import { arranged } from './arrange';
import { orthogonaliseColumns } from './jacobi';
import { scaleOf, transposed, type Matrix, type Svd } from './matrix';
import { OrthonormalColumns } from './orthonormal';
import type { Pace } from './pace';
import { triangleOf } from './triangle';
import { dot, scale } from './vectors';

/** A · v is as exact as f64 is beside the largest singular value; below this share of it u is made orthogonal anew. */
const RENEW_BELOW = 1e-6;
/** Squared, beside a largest value of about 1: a row of R shorter than this has no direction. */
const ZERO = 1e-280;

/** All singular values of a matrix that is not wide. Errors 1e-10 and less beside the rounding of the result to f32. */
export async function decomposeTall(matrix: Matrix, pace: Pace): Promise<Svd> {
	const { rows, columns, values } = matrix;
	const factor = scaleOf(values);
	const work = new Float64Array(transposed(matrix).values);
	scale(work, 0, factor, work.length);
	const { rows: turned, order } = await triangleOf(work, columns, rows, pace, [0, 0.2]);
	await orthogonaliseColumns(turned, columns, columns, pace, [0.2, 0.8]);
	const right = unitRows(turned, order, columns);
	const left = await products(matrix, right, factor, pace);
	return arranged(
		{
			rows,
			columns,
			count: columns,
			left: { values: left, stride: rows },
			right: { values: right, stride: columns },
			scale: factor,
			renewBelow: RENEW_BELOW
		},
		columns,
		pace
	);
}

/** V column by column: what was turned, of length 1, its values back where the columns of A were. */
function unitRows(turned: Float64Array, order: Uint32Array, count: number): Float64Array {
	const placed = new OrthonormalColumns(turned, count);
	const zeros: number[] = [];
	for (let j = 0; j < count; j++) {
		const square = dot(turned, j * count, turned, j * count, count);
		if (square < ZERO) {
			zeros.push(j);
			continue;
		}
		scale(turned, j * count, 1 / Math.sqrt(square), count);
		placed.keep(j);
	}
	for (const j of zeros) placed.place(j);
	const right = new Float64Array(turned.length);
	for (let j = 0; j < count; j++) {
		for (let i = 0; i < count; i++) right[j * count + order[i]!] = turned[j * count + i]!;
	}
	return right;
}

/** A · v for every column v of `right`, times `factor`; four at a time, since reading A costs most. */
async function products(
	{ rows, columns, values }: Matrix,
	right: Float64Array,
	factor: number,
	pace: Pace
): Promise<Float64Array> {
	const count = right.length / columns;
	const left = new Float64Array(count * rows);
	for (let first = 0; first < count; first += 4) {
		/** the last ones may be computed more than once */
		const c0 = Math.min(count - 1, first);
		const c1 = Math.min(count - 1, first + 1);
		const c2 = Math.min(count - 1, first + 2);
		const c3 = Math.min(count - 1, first + 3);
		for (let row = 0; row < rows; row++) {
			const at = row * columns;
			let s0 = 0;
			let s1 = 0;
			let s2 = 0;
			let s3 = 0;
			for (let k = 0; k < columns; k++) {
				const value = values[at + k]!;
				s0 += value * right[c0 * columns + k]!;
				s1 += value * right[c1 * columns + k]!;
				s2 += value * right[c2 * columns + k]!;
				s3 += value * right[c3 * columns + k]!;
			}
			left[c0 * rows + row] = s0 * factor;
			left[c1 * rows + row] = s1 * factor;
			left[c2 * rows + row] = s2 * factor;
			left[c3 * rows + row] = s3 * factor;
		}
		if (pace.due) {
			pace.progress(0.8 + (0.2 * first) / count);
			await pace.breathe();
		}
	}
	return left;
}
