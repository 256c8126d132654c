/**
 * The products of all pairs of rows of a matrix, or of its columns where those are fewer: A Aᵀ or Aᵀ A, whose eigenvalues are
 * the squares of the singular values. In f64, a stretch of the long side at a time, so that what is multiplied stays in the
 * processor's cache and no copy of the matrix is made.
 */
import { multipleOf } from '../gpu/buffers';
import type { Matrix } from './matrix';
import type { Pace } from './pace';

/** Values of each vector that are multiplied at a time: of 640 vectors 0.6 MB. */
const STRETCH = 128;

/** Vectors that two are multiplied with at a time: as many sums as the processor holds without putting one away. */
const TOGETHER = 4;

/**
 * The lower triangle, [size × size] row by row, of size = min(rows, columns); what lies above is zero. `from` and `to` are
 * the shares of the progress that it takes.
 */
export async function gramOf(
	matrix: Matrix,
	pace: Pace,
	[from, to]: readonly [number, number]
): Promise<Float64Array> {
	const size = Math.min(matrix.rows, matrix.columns);
	const length = Math.max(matrix.rows, matrix.columns);
	/** a multiple of what is multiplied together, the last ones zero */
	const count = multipleOf(TOGETHER, size);
	const gram = new Float64Array(size * size);
	const stretch = new Float64Array(count * STRETCH);
	for (let first = 0; first < length; first += STRETCH) {
		const width = Math.min(STRETCH, length - first);
		fill(stretch, matrix, first, width);
		for (let i = 0; i < count; i += 2) {
			addProducts(gram, size, stretch, i, width);
			if (pace.due) {
				pace.progress(from + ((to - from) * (first + (width * i * i) / (count * count))) / length);
				await pace.breathe();
			}
		}
	}
	return gram;
}

/** Puts values `first` .. `first + width` of every vector one behind the other, `width` each. */
function fill(
	stretch: Float64Array,
	{ rows, columns, values }: Matrix,
	first: number,
	width: number
): void {
	if (rows <= columns) {
		for (let row = 0; row < rows; row++) {
			const at = row * columns + first;
			for (let k = 0; k < width; k++) stretch[row * width + k] = values[at + k]!;
		}
		return;
	}
	for (let k = 0; k < width; k++) {
		const at = (first + k) * columns;
		for (let column = 0; column < columns; column++) {
			stretch[column * width + k] = values[at + column]!;
		}
	}
}

/** Adds the products of vectors `i` and `i + 1` with all up to them. */
function addProducts(
	gram: Float64Array,
	size: number,
	stretch: Float64Array,
	i: number,
	width: number
): void {
	const at = i * width;
	const next = at + width;
	/** those of vector i, then those of vector i + 1 */
	const sums = new Float64Array(2 * TOGETHER);
	for (let j = 0; j <= i; j += TOGETHER) {
		const other0 = j * width;
		const other1 = other0 + width;
		const other2 = other1 + width;
		const other3 = other2 + width;
		let a0 = 0;
		let a1 = 0;
		let a2 = 0;
		let a3 = 0;
		let b0 = 0;
		let b1 = 0;
		let b2 = 0;
		let b3 = 0;
		for (let k = 0; k < width; k++) {
			const a = stretch[at + k]!;
			const b = stretch[next + k]!;
			const x0 = stretch[other0 + k]!;
			const x1 = stretch[other1 + k]!;
			const x2 = stretch[other2 + k]!;
			const x3 = stretch[other3 + k]!;
			a0 += a * x0;
			a1 += a * x1;
			a2 += a * x2;
			a3 += a * x3;
			b0 += b * x0;
			b1 += b * x1;
			b2 += b * x2;
			b3 += b * x3;
		}
		sums.set([a0, a1, a2, a3, b0, b1, b2, b3]);
		addRow(gram, size, sums, 0, i, j);
		addRow(gram, size, sums, TOGETHER, i + 1, j);
	}
}

/** Adds sums from `first` on to the products of vector `i` with those from `j` on, as far as they lie in the triangle. */
function addRow(
	gram: Float64Array,
	size: number,
	sums: Float64Array,
	first: number,
	i: number,
	j: number
): void {
	if (i >= size) return;
	const end = Math.min(TOGETHER, i + 1 - j);
	for (let k = 0, at = i * size + j; k < end; k++, at++) gram[at] = gram[at]! + sums[first + k]!;
}
