/**
 * The triangle of a QR decomposition with column exchanges: A · P = Q · R, by Householder's reflections in f64. Q is not
 * kept. The diagonal of R falls, so that its columns are sorted by how much they add to those before (Businger and Golub
 * 1965).
 */
import type { Pace } from './pace';
import { add, dot, scale } from './vectors';

export interface Triangle {
	/** [count × count] Rᵀ column by column, that is R row by row: row i begins at i · count, with i zeros */
	readonly rows: Float64Array;
	/** [count] which column of A stands at each place */
	readonly order: Uint32Array;
}

/** A norm that fell below this share of its last exact value is computed anew. */
const STALE_SHARE = 1e-3;

/**
 * Overwrites `columns`: `count` columns of `length` values, one behind the other, count ≤ length. `from` and `to` are the
 * shares of the progress that it takes.
 */
export async function triangleOf(
	columns: Float64Array,
	count: number,
	length: number,
	pace: Pace,
	[from, to]: readonly [number, number]
): Promise<Triangle> {
	const order = Uint32Array.from({ length: count }, (_, i) => i);
	const squares = new Float64Array(count);
	const exact = new Float64Array(count);
	for (let j = 0; j < count; j++) {
		squares[j] = exact[j] = dot(columns, j * length, columns, j * length, length);
	}
	for (let k = 0; k < count; k++) {
		let largest = k;
		for (let j = k + 1; j < count; j++) if (squares[j]! > squares[largest]!) largest = j;
		if (largest !== k) exchange(columns, order, squares, exact, k, largest, length);
		reflect(columns, k, count, length);
		for (let j = k + 1; j < count; j++) {
			squares[j] = Math.max(0, squares[j]! - columns[j * length + k]! ** 2);
			if (squares[j]! < STALE_SHARE * exact[j]!) {
				const at = j * length + k + 1;
				squares[j] = exact[j] = dot(columns, at, columns, at, length - k - 1);
			}
		}
		if (pace.due) {
			/** what is left shrinks with the cube of the columns that are left */
			pace.progress(from + (to - from) * (1 - (1 - k / count) ** 3));
			await pace.breathe();
		}
	}
	const rows = new Float64Array(count * count);
	for (let j = 0; j < count; j++) {
		for (let i = 0; i <= j; i++) rows[i * count + j] = columns[j * length + i]!;
	}
	return { rows, order };
}

/** Reflects the columns from `k` on so that column `k` ends at its diagonal. */
function reflect(columns: Float64Array, k: number, count: number, length: number): void {
	const at = k * length + k;
	const rest = length - k;
	const size = Math.sqrt(dot(columns, at, columns, at, rest));
	if (size === 0) return;
	const diagonal = columns[at]! > 0 ? -size : size;
	/** the mirror's normal, scaled to begin with 1 */
	const factor = (diagonal - columns[at]!) / diagonal;
	scale(columns, at + 1, 1 / (columns[at]! - diagonal), rest - 1);
	columns[at] = 1;
	for (let j = k + 1; j < count; j++) {
		const other = j * length + k;
		const amount = factor * dot(columns, at, columns, other, rest);
		if (amount !== 0) add(columns, other, -amount, columns, at, rest);
	}
	columns[at] = diagonal;
}

function exchange(
	columns: Float64Array,
	order: Uint32Array,
	squares: Float64Array,
	exact: Float64Array,
	k: number,
	j: number,
	length: number
): void {
	for (const list of [order, squares, exact]) [list[k], list[j]] = [list[j]!, list[k]!];
	const first = columns.slice(k * length, (k + 1) * length);
	columns.copyWithin(k * length, j * length, (j + 1) * length);
	columns.set(first, j * length);
}
