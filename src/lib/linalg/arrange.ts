/** From turned columns, in any order and of any length, to a decomposition: sorted, normalised, signed, row by row. */
import type { Svd } from './matrix';
import { OrthonormalColumns } from './orthonormal';
import type { Pace } from './pace';
import { SvdError } from './svdError';
import { dot, type Reals } from './vectors';

export interface TurnedColumns {
	readonly rows: number;
	readonly columns: number;
	/** how many there are */
	readonly count: number;
	/** A · v of each, `stride` values from one to the next, of which the first [rows] count */
	readonly left: { readonly values: Reals; readonly stride: number };
	/** v of each, orthonormal, likewise with [columns] */
	readonly right: { readonly values: Reals; readonly stride: number };
	/** what the matrix was multiplied by before */
	readonly scale: number;
	/** left vectors whose value is below this share of the largest are made orthogonal to the others anew */
	readonly renewBelow: number;
}

/** Keeps the `rank` largest. Throws an SvdError when a singular value is beyond f32. */
export async function arranged(turned: TurnedColumns, rank: number, pace: Pace): Promise<Svd> {
	const { rows, columns, count, left, right, scale, renewBelow } = turned;
	const sizes = new Float64Array(count);
	for (let j = 0; j < count; j++) {
		const at = j * left.stride;
		sizes[j] = Math.sqrt(dot(left.values, at, left.values, at, rows));
	}
	const order = Array.from(sizes.keys())
		.sort((a, b) => sizes[b]! - sizes[a]!)
		.slice(0, rank);
	const s = Float32Array.from(order, (j) => sizes[j]! / scale);
	if (!Number.isFinite(s[0])) {
		throw new SvdError(
			'The numbers of this matrix are so large that its singular values are beyond what 32 bits hold. Divide the matrix by a large number and try again.'
		);
	}
	const lefts = await unitColumns(turned, order, sizes, renewBelow, pace);
	const u = new Float32Array(rows * rank);
	const v = new Float32Array(columns * rank);
	for (const [place, j] of order.entries()) {
		const at = j * right.stride;
		const sign = signOf(right.values, at, columns);
		for (let i = 0; i < columns; i++) v[i * rank + place] = sign * right.values[at + i]!;
		for (let i = 0; i < rows; i++) u[i * rank + place] = sign * lefts[place * rows + i]!;
		if (pace.due) await pace.breathe();
	}
	return { rows, columns, rank, u, s, v };
}

/** The left columns in `order`, of length 1. */
async function unitColumns(
	{ rows, left }: TurnedColumns,
	order: readonly number[],
	sizes: Float64Array,
	renewBelow: number,
	pace: Pace
): Promise<Float64Array> {
	const result = new Float64Array(order.length * rows);
	const limit = renewBelow * sizes[order[0]!]!;
	const placed = new OrthonormalColumns(result, rows);
	for (const [place, j] of order.entries()) {
		const at = j * left.stride;
		const size = sizes[j]!;
		const isSure = size > limit;
		const factor = isSure ? 1 / size : 1;
		for (let i = 0; i < rows; i++) result[place * rows + i] = left.values[at + i]! * factor;
		if (isSure) placed.keep(place);
		else placed.place(place);
		if (pace.due) await pace.breathe();
	}
	return result;
}

/** Near ties for the largest entry go to the first, so that rounding does not decide. */
const TIE = 1 - 1e-4;

/** 1 if the entry of largest magnitude of a vector is positive, or -1. */
export function signOf(values: Reals, at: number, length: number): 1 | -1 {
	let largest = 0;
	for (let i = 0; i < length; i++) largest = Math.max(largest, Math.abs(values[at + i]!));
	for (let i = 0; i < length; i++) {
		if (Math.abs(values[at + i]!) >= TIE * largest) return values[at + i]! < 0 ? -1 : 1;
	}
	return 1;
}

/** The sign convention for vectors that were exchanged: the largest entry of v is positive. */
export function withSigns({ rows, columns, rank, u, s, v }: Svd): Svd {
	const column = new Float32Array(columns);
	for (let j = 0; j < rank; j++) {
		for (let i = 0; i < columns; i++) column[i] = v[i * rank + j]!;
		if (signOf(column, 0, columns) > 0) continue;
		for (let i = 0; i < columns; i++) v[i * rank + j] = -v[i * rank + j]!;
		for (let i = 0; i < rows; i++) u[i * rank + j] = -u[i * rank + j]!;
	}
	return { rows, columns, rank, u, s, v };
}
