/**
 * The largest singular values of a matrix, by randomised subspace iteration (Halko, Martinsson and Tropp 2011): a few more
 * directions than are asked for are multiplied by A and by Aᵀ in turn, made orthonormal after each, until they stay. Only the
 * two products are large; who computes them is given. All else is f64 on the processor.
 */
import { arranged } from './arrange';
import type { Matrix, Svd } from './matrix';
import { orthonormalise } from './orthonormal';
import type { Pace } from './pace';
import { decomposeTall } from './processorSvd';

/** Products with a matrix [rows × columns]; each vector lies behind the one before. */
export interface MatrixProducts {
	readonly rows: number;
	readonly columns: number;
	/** A · x for `count` vectors of [columns]; returns those of [rows] */
	times(vectors: Float32Array<ArrayBuffer>, count: number): Promise<Float32Array>;
	/** Aᵀ · y for `count` vectors of [rows]; returns those of [columns] */
	timesTransposed(vectors: Float32Array<ArrayBuffer>, count: number): Promise<Float32Array>;
}

export interface TopSvd extends Svd {
	/**
	 * [rank] how far each triplet is from being one: ‖A v − s u‖. A true singular value lies within this distance of s. (Of
	 * the other equation, Aᵀ u = s v, nothing is left over.)
	 */
	readonly residuals: Float32Array;
	/** how often A was multiplied by, both ways */
	readonly iterations: number;
}

export interface SubspaceOptions {
	/** Stops when no residual is larger than this share of the largest value; default 1e-4. */
	readonly tolerance?: number | undefined;
	/** Stops then in any case: values that lie close together take long to part; default 30. */
	readonly mostIterations?: number | undefined;
}

/** Directions beyond those asked for: the more, the faster those settle. */
const MORE_DIRECTIONS = 8;
/** What a full decomposition promises, by the largest singular value. */
const FULL_RESIDUAL = 1e-6;

/** Vectors that are multiplied at a time for `count` triplets. */
export function widthFor(count: number): number {
	return count + MORE_DIRECTIONS;
}

/** Whether all singular values are found as quickly as `count` of them. */
export function isNearlyFull({ rows, columns }: Matrix, count: number): boolean {
	return 2 * widthFor(count) >= Math.min(rows, columns);
}

/** The first triplets of a full decomposition, in which nothing is left over but rounding. */
export function firstTriplets({ rows, columns, rank, u, s, v }: Svd, count: number): TopSvd {
	const first = (vectors: Float32Array, length: number): Float32Array => {
		const result = new Float32Array(length * count);
		for (let i = 0; i < length; i++) {
			result.set(vectors.subarray(i * rank, i * rank + count), i * count);
		}
		return result;
	};
	return {
		rows,
		columns,
		rank: count,
		u: first(u, rows),
		s: s.slice(0, count),
		v: first(v, columns),
		residuals: new Float32Array(count).fill(FULL_RESIDUAL * s[0]!),
		iterations: 0
	};
}

/**
 * The `count` largest triplets of a matrix that was multiplied by `scale`; twice `widthFor(count)` must be below both of its
 * sides.
 */
export async function topTriplets(
	products: MatrixProducts,
	count: number,
	scale: number,
	{ tolerance = 1e-4, mostIterations = 30 }: SubspaceOptions,
	pace: Pace
): Promise<TopSvd> {
	const { rows, columns } = products;
	const width = widthFor(count);
	let right: Float64Array = randomDirections(width * columns);
	orthonormalise(right, width, columns);
	let multiplied = await products.times(new Float32Array(right), width);
	for (let iteration = 1; ; iteration++) {
		pace.check();
		const basis = new Float64Array(multiplied);
		orthonormalise(basis, width, rows);
		const back = await products.timesTransposed(new Float32Array(basis), width);
		/** A ≈ basis · backᵀ, and of back = V · S · Wᵀ */
		const small = await decomposeTall(
			{ rows: columns, columns: width, values: rowsOf(back, columns, width) },
			pace
		);
		right = columnsOf(small.u, columns, width);
		const left = combined(basis, rows, small.v, width);
		multiplied = await products.times(new Float32Array(right), width);
		const residuals = residualsOf(multiplied, left, small.s, rows, count);
		const largest = residuals.reduce((a, b) => Math.max(a, b));
		pace.progress(Math.min(0.97, iteration / mostIterations));
		if (largest > tolerance * small.s[0]! && iteration < mostIterations) continue;
		for (let j = 0; j < width; j++) {
			for (let i = 0; i < rows; i++) left[j * rows + i] = left[j * rows + i]! * small.s[j]!;
		}
		const svd = await arranged(
			{
				rows,
				columns,
				count: width,
				left: { values: left, stride: rows },
				right: { values: right, stride: columns },
				scale,
				renewBelow: 1e-6
			},
			count,
			pace
		);
		return { ...svd, residuals: residuals.map((r) => r / scale), iterations: iteration };
	}
}

/** ‖A v − s u‖ of each of the first `count` */
function residualsOf(
	multiplied: Float32Array,
	left: Float64Array,
	s: Float32Array,
	rows: number,
	count: number
): Float32Array {
	return Float32Array.from({ length: count }, (_, j) => {
		let sum = 0;
		for (let i = j * rows; i < (j + 1) * rows; i++) {
			sum += (multiplied[i]! - s[j]! * left[i]!) ** 2;
		}
		return Math.sqrt(sum);
	});
}

/** Columns of [length], combined with the weights of `v` [width × width], row by row. */
function combined(
	columns: Float64Array,
	length: number,
	v: Float32Array,
	width: number
): Float64Array {
	const result = new Float64Array(columns.length);
	for (let j = 0; j < width; j++) {
		for (let k = 0; k < width; k++) {
			const weight = v[k * width + j]!;
			for (let i = 0; i < length; i++) {
				result[j * length + i] = result[j * length + i]! + weight * columns[k * length + i]!;
			}
		}
	}
	return result;
}

/** Columns one behind the other as a matrix row by row. */
function rowsOf(columns: Float32Array, length: number, width: number): Float32Array {
	const result = new Float32Array(columns.length);
	for (let j = 0; j < width; j++) {
		for (let i = 0; i < length; i++) result[i * width + j] = columns[j * length + i]!;
	}
	return result;
}

/** A matrix row by row as columns one behind the other. */
function columnsOf(rows: Float32Array, length: number, width: number): Float64Array {
	const result = new Float64Array(rows.length);
	for (let j = 0; j < width; j++) {
		for (let i = 0; i < length; i++) result[j * length + i] = rows[i * width + j]!;
	}
	return result;
}

/** The same every time; sums of four even distributions are near enough to normal for directions. */
function randomDirections(count: number): Float64Array {
	let state = 0x2545f491;
	const random = (): number => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) / 2 ** 32;
	};
	return Float64Array.from({ length: count }, () => random() + random() + random() + random() - 2);
}
