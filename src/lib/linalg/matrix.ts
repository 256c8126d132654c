/** What is decomposed, what comes out, and the inputs that are refused. */
import { SvdError } from './svdError';

export interface Shape {
	readonly rows: number;
	readonly columns: number;
}

/** A matrix of any shape. f16 and bf16 weights are widened to f32 before they get here, which loses nothing. */
export interface Matrix extends Shape {
	/** [rows × columns], row by row */
	readonly values: Float32Array;
}

/**
 * A ≈ U · diag(s) · Vᵀ. The columns of u and of v are orthonormal, also where a singular value is zero. Of each pair the
 * sign is chosen so that the entry of v that is largest in magnitude is positive.
 */
export interface Svd {
	readonly rows: number;
	readonly columns: number;
	/** triplets: min(rows, columns) of a full decomposition, zeros included; fewer where only the largest were asked for */
	readonly rank: number;
	/** [rows × rank], row by row: the j-th left singular vector is the j-th column */
	readonly u: Float32Array;
	/** [rank] singular values, none negative, descending */
	readonly s: Float32Array;
	/** [columns × rank], row by row: the j-th right singular vector is the j-th column */
	readonly v: Float32Array;
}

/** The short side of a matrix whose full decomposition is begun; beyond it hours would pass. */
export const LARGEST_SHORT_SIDE = 4096;

/** Throws an SvdError unless the matrix has the size it says and holds finite numbers alone. */
export function checkMatrix({ rows, columns, values }: Matrix): void {
	if (![rows, columns].every((side) => Number.isSafeInteger(side) && side > 0)) {
		throw new SvdError(
			`A matrix of ${rows} rows and ${columns} columns has no singular values. Choose one with at least one row and one column.`
		);
	}
	if (values.length !== rows * columns) {
		throw new SvdError(
			`The matrix should hold ${rows} × ${columns} numbers but has ${values.length}, so the file was cut off or read with the wrong shape. Load it again.`
		);
	}
	const bad = values.findIndex((value) => !Number.isFinite(value));
	if (bad >= 0) {
		const what = Number.isNaN(values[bad]) ? 'is not a number' : 'is infinite';
		throw new SvdError(
			`The matrix can't be decomposed: the value in row ${Math.floor(bad / columns) + 1}, column ${(bad % columns) + 1} ${what}. The weights are damaged, or training went astray. Load another copy or another model.`
		);
	}
}

/** Throws an SvdError when all of a matrix's singular values would take too long. */
export function checkFullSize({ rows, columns }: Matrix): void {
	const short = Math.min(rows, columns);
	if (short <= LARGEST_SHORT_SIDE) return;
	throw new SvdError(
		`All ${short} singular values of a ${rows} × ${columns} matrix would take hours; the limit is ${LARGEST_SHORT_SIDE}. Ask for the largest few instead.`
	);
}

/** Throws an SvdError unless a matrix has so many singular values. */
export function checkCount({ rows, columns }: Matrix, count: number): void {
	const most = Math.min(rows, columns);
	if (Number.isSafeInteger(count) && count > 0 && count <= most) return;
	throw new SvdError(
		`${count} singular values were asked for, but a ${rows} × ${columns} matrix has ${most}. Ask for 1 to ${most}.`
	);
}

/** The matrix with rows and columns exchanged. */
export function transposed({ rows, columns, values }: Matrix): Matrix & {
	readonly values: Float32Array<ArrayBuffer>;
} {
	const result = new Float32Array(values.length);
	/** in squares that stay in the processor's cache */
	const side = 32;
	for (let top = 0; top < rows; top += side) {
		for (let left = 0; left < columns; left += side) {
			const bottom = Math.min(rows, top + side);
			const right = Math.min(columns, left + side);
			for (let row = top; row < bottom; row++) {
				for (let column = left; column < right; column++) {
					result[column * rows + row] = values[row * columns + column]!;
				}
			}
		}
	}
	return { rows: columns, columns: rows, values: result };
}

/** The decomposition of the transposed matrix; the sign convention is left as it is. */
export function transposedSvd({ rows, columns, rank, u, s, v }: Svd): Svd {
	return { rows: columns, columns: rows, rank, u: v, s, v: u };
}

/**
 * The power of two that brings the largest magnitude into 1..2, so that squares neither overflow nor vanish; 1 where all
 * values are zero.
 */
export function scaleOf(values: Float32Array): number {
	let largest = 0;
	for (const value of values) largest = Math.max(largest, Math.abs(value));
	return largest === 0 ? 1 : 2 ** -Math.floor(Math.log2(largest));
}

/** The matrix times its `scaleOf`. */
export function scaled({ rows, columns, values }: Matrix): { scale: number; matrix: Matrix } {
	const scale = scaleOf(values);
	return { scale, matrix: { rows, columns, values: values.map((value) => value * scale) } };
}

/** The rows one behind the other, times `scale`, each filled with zeros to `stride` values. */
export function paddedRows(
	{ rows, columns, values }: Matrix,
	scale: number,
	stride: number
): Float32Array<ArrayBuffer> {
	const result = new Float32Array(rows * stride);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			result[row * stride + column] = values[row * columns + column]! * scale;
		}
	}
	return result;
}
