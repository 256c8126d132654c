/** How good a decomposition is, against the matrix itself and singular values from elsewhere. */
import { readFileSync } from 'node:fs';
import type { Matrix } from '../../../src/lib/linalg/matrix';

export interface Fixture extends Matrix {
	readonly name: string;
	/** singular values in f64, from LAPACK */
	readonly singularValues: Float64Array;
}

const FOLDER = new URL('../../fixtures/svd/', import.meta.url);

/** The matrices of training/kqv_training/svd_fixtures.py. */
export function fixtures(): Fixture[] {
	const index = JSON.parse(readFileSync(new URL('matrices.json', FOLDER), 'utf8')) as {
		name: string;
		rows: number;
		columns: number;
		offset: number;
	}[];
	const data = new Uint8Array(readFileSync(new URL('matrices.bin', FOLDER))).buffer;
	return index.map(({ name, rows, columns, offset }) => {
		const behind = offset + Math.ceil((rows * columns) / 2) * 8;
		return {
			name,
			rows,
			columns,
			values: new Float32Array(data.slice(offset, offset + rows * columns * 4)),
			singularValues: new Float64Array(data.slice(behind, behind + Math.min(rows, columns) * 8))
		};
	});
}

export interface Errors {
	/** largest error of a singular value, by the largest singular value */
	readonly values: number;
	/** largest error of a singular value by itself */
	readonly relative: number;
	/** largest entry of |UᵀU − I| and of |VᵀV − I| */
	readonly left: number;
	readonly right: number;
	/** ‖A − U S Vᵀ‖ / ‖A‖ in the Frobenius norm; of a zero matrix, the numerator */
	readonly residual: number;
}

/** A decomposition of ours, or of a peer in f64. */
export interface Triplets {
	readonly rank: number;
	readonly u: ArrayLike<number>;
	readonly s: ArrayLike<number>;
	readonly v: ArrayLike<number>;
}

export function errorsOf(
	{ rows, columns, values }: Matrix,
	{ rank, u, s, v }: Triplets,
	expected: ArrayLike<number>
): Errors {
	const errors = Array.from(s, (value, i) => Math.abs(value - expected[i]!));
	let residual = 0;
	let size = 0;
	/** numbers whose squares would not fit are brought to about 1 */
	const unit = expected[0]! > 0 ? 1 / expected[0]! : 1;
	for (let i = 0; i < rows; i++) {
		for (let j = 0; j < columns; j++) {
			let sum = 0;
			for (let k = 0; k < rank; k++) sum += u[i * rank + k]! * s[k]! * unit * v[j * rank + k]!;
			residual += (values[i * columns + j]! * unit - sum) ** 2;
			size += (values[i * columns + j]! * unit) ** 2;
		}
	}
	return {
		values: Math.max(...errors) * unit,
		relative: Math.max(...errors.map((error, i) => (error === 0 ? 0 : error / expected[i]!))),
		left: farFromOrthonormal(u, rows, rank),
		right: farFromOrthonormal(v, columns, rank),
		residual: Math.sqrt(residual / (size || 1))
	};
}

/** Largest entry of |QᵀQ − I| of a matrix row by row; NaN where there is one. */
export function farFromOrthonormal(q: ArrayLike<number>, rows: number, rank: number): number {
	const products = new Float64Array(rank * rank);
	for (let row = 0; row < rows; row++) {
		for (let i = 0; i < rank; i++) {
			const value = q[row * rank + i]!;
			for (let j = 0; j <= i; j++) {
				products[i * rank + j] = products[i * rank + j]! + value * q[row * rank + j]!;
			}
		}
	}
	return products.reduce((worst, value, e) => {
		const isDiagonal = e % (rank + 1) === 0;
		return Math.max(worst, Math.abs(value - (isDiagonal ? 1 : 0)));
	}, 0);
}

/** Numbers like a normal distribution's, the same for the same seed. */
export function normalNumbers(seed: number): () => number {
	let state = (seed * 0x9e3779b1 + 1) | 0;
	const even = (): number => {
		state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x3c6ef372) | 0;
		const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
		return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
	};
	return () => Math.sqrt(-2 * Math.log(1 - even())) * Math.cos(2 * Math.PI * even());
}

export function randomMatrix(rows: number, columns: number, seed: number): Matrix {
	return {
		rows,
		columns,
		values: Float32Array.from({ length: rows * columns }, normalNumbers(seed))
	};
}
