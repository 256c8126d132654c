/** How the pure room is given decompositions: by a function that runs on the graphics card, or on the CPU here. */
import { singularValues } from './spectrum';

/** A ≈ u · diag(s) · vᵀ */
export interface Svd {
	readonly rows: number;
	readonly columns: number;
	/** singular values that were asked for, or all that there are */
	readonly rank: number;
	/** [rows × rank], row-major */
	readonly u: Float32Array;
	/** [rank], descending */
	readonly s: Float32Array;
	/** [columns × rank], row-major */
	readonly v: Float32Array;
}

/** Decomposes a row-major matrix. Scores read the singular values alone, so an engine need not find the vectors. */
export type Decompose = (
	values: Float32Array,
	rows: number,
	columns: number,
	rank: number
) => Promise<Pick<Svd, 's'>>;

/** On the CPU, in f64. */
export const decomposeOnCpu: Decompose = async (values, rows, columns, rank) => ({
	s: singularValues(values, rows, columns, rank)
});
