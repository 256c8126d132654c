/**
 * One-sided Jacobi in f64: turns pairs of columns against each other until all are orthogonal (Hestenes 1958). The turned
 * columns are those of X · W for an orthogonal W, which is not kept: their lengths are the singular values of X, their
 * directions its left singular vectors.
 */
import { SvdError } from './svdError';
import type { Pace } from './pace';
import { dot, rotateAndDot } from './vectors';

/** A sweep that met no larger cosine was the last: cosines are squared by it. */
const SETTLED = 1e-6;
/** Columns at a smaller cosine count as orthogonal; U shows a larger one, by the condition of the matrix. */
const ORTHOGONAL = 1e-15;
/** Columns this short, squared, beside a largest value of about 1, are zero. */
const ZERO = 1e-280;
const MOST_SWEEPS = 60;
/** For the progress alone. */
const USUAL_SWEEPS = 6;
/** A squared length that fell by this much in one turn lost its digits. */
const CANCELLED = 1e-3;

/** Works in place on `count` columns of `length` values, one behind the other; `from` and `to` are shares of the progress. */
export async function orthogonaliseColumns(
	columns: Float64Array,
	count: number,
	length: number,
	pace: Pace,
	[from, to]: readonly [number, number]
): Promise<void> {
	for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
		const squares = squaresOf(columns, count, length);
		let largest = 0;
		for (let p = 0; p < count - 1; p++) {
			largest = Math.max(largest, turnAgainstLater(columns, squares, p, length));
			if (pace.due) {
				const done = sweep + 1 - (1 - p / count) ** 2;
				pace.progress(from + (to - from) * Math.min(0.97, done / USUAL_SWEEPS));
				await pace.breathe();
			}
		}
		if (largest <= SETTLED) return;
	}
	throw unsettled();
}

/** The same for a few short columns, without a pause. */
export function orthogonaliseFew(columns: Float64Array, count: number, length: number): void {
	for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
		const squares = squaresOf(columns, count, length);
		let largest = 0;
		for (let p = 0; p < count - 1; p++) {
			largest = Math.max(largest, turnAgainstLater(columns, squares, p, length));
		}
		if (largest <= SETTLED) return;
	}
	throw unsettled();
}

function unsettled(): SvdError {
	return new SvdError(
		'The singular values of this matrix did not settle, which should not happen with finite numbers. Please report the matrix.'
	);
}

function squaresOf(columns: Float64Array, count: number, length: number): Float64Array {
	return Float64Array.from({ length: count }, (_, j) =>
		dot(columns, j * length, columns, j * length, length)
	);
}

/** Turns column `p` against each behind it; returns the largest cosine met. */
function turnAgainstLater(
	columns: Float64Array,
	squares: Float64Array,
	p: number,
	length: number
): number {
	const count = squares.length;
	const at = p * length;
	let largest = 0;
	/** of column p and the next to meet it, multiplied while p is turned against the one before, which reads it anyway */
	let gamma = dot(columns, at, columns, at + length, length);
	for (let q = p + 1; q < count; q++) {
		const alpha = squares[p]!;
		const beta = squares[q]!;
		/** the last has no next: what is returned for it is not used */
		const next = Math.min(q + 1, count - 1) * length;
		const isZero = alpha < ZERO || beta < ZERO;
		const cosine = isZero ? 0 : Math.abs(gamma) / (Math.sqrt(alpha) * Math.sqrt(beta));
		largest = Math.max(largest, cosine);
		if (cosine <= ORTHOGONAL) {
			gamma = dot(columns, at, columns, next, length);
			continue;
		}
		const tangent = tangentOf((beta - alpha) / (2 * gamma));
		const c = 1 / Math.sqrt(1 + tangent * tangent);
		const shift = tangent * gamma;
		gamma = rotateAndDot(columns, at, q * length, c, c * tangent, next, length);
		squares[p] = turnedSquare(columns, p, length, alpha, alpha - shift);
		squares[q] = turnedSquare(columns, q, length, beta, beta + shift);
	}
	return largest;
}

/** The tangent of the smaller of the angles that make columns orthogonal, of which twice has the cotangent `zeta`. */
function tangentOf(zeta: number): number {
	const steep = Math.abs(zeta);
	return Math.sign(zeta || 1) / (steep + Math.sqrt(1 + steep * steep));
}

function turnedSquare(
	columns: Float64Array,
	j: number,
	length: number,
	before: number,
	after: number
): number {
	if (after > CANCELLED * before) return after;
	return dot(columns, j * length, columns, j * length, length);
}
