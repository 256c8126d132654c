/** How the pure room is given singular values: by a function that runs on the graphics card, or on the CPU here. */
import { singularValues } from './spectrum';

/** The largest singular values of a row-major matrix, descending: `rank` of them, or all that there are. */
export type Decompose = (
	values: Float32Array,
	rows: number,
	columns: number,
	rank: number
) => Promise<{ readonly s: Float32Array }>;

/** On the CPU, in f64. */
export const decomposeOnCpu: Decompose = async (values, rows, columns, rank) => ({
	s: singularValues(values, rows, columns, rank)
});
