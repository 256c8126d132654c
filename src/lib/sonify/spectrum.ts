/**
 * Singular values on the CPU, where no graphics card computes them: square roots of the eigenvalues of the smaller of
 * A Aᵀ and Aᵀ A. That matrix is brought to three diagonals by Householder reflections, and those to one by implicit QL
 * (Golub and Van Loan, "Matrix Computations", 8.3). All in f64. Squaring loses the small values: σ is off by about
 * 10⁻¹⁶ σ₁² / σ, so values above a thousandth of the largest, which are all that the scores ask for, have ten digits.
 */
import { SonifyError } from './sonifyError';

/** QL takes two or three steps an eigenvalue. */
const MOST_QL_STEPS = 60;

/**
 * The `count` largest singular values of a row-major matrix, descending; fewer where the matrix is smaller.
 * Throws a SonifyError when they can't be found, which happens only to values that are not finite.
 */
export function singularValues(
	values: Float32Array,
	rows: number,
	columns: number,
	count: number
): Float32Array {
	const size = Math.min(rows, columns);
	const gram = gramMatrix(values, rows, columns);
	const eigenvalues = symmetricEigenvalues(gram, size);
	return Float32Array.from(eigenvalues.sort((a, b) => b - a).subarray(0, count), (value) =>
		Math.sqrt(Math.max(0, value))
	);
}

/** The products of all pairs of rows, or of columns where those are fewer: symmetric, [size × size]. */
function gramMatrix(values: Float32Array, rows: number, columns: number): Float64Array {
	const size = Math.min(rows, columns);
	const length = Math.max(rows, columns);
	/** the vectors one after the other */
	const vectors = new Float64Array(size * length);
	if (rows <= columns) vectors.set(values);
	else
		for (let row = 0, at = 0; row < rows; row++)
			for (let column = 0; column < columns; column++) {
				vectors[column * length + row] = values[at++]!;
			}
	const gram = new Float64Array(size * size);
	/** two rows times two columns at a time: each number that is read is used twice */
	for (let i = 0; i < size; i += 2) {
		const first = i * length;
		const second = Math.min(i + 1, size - 1) * length;
		for (let j = 0; j <= i; j += 2) {
			const third = j * length;
			const fourth = Math.min(j + 1, size - 1) * length;
			let a = 0;
			let b = 0;
			let c = 0;
			let d = 0;
			for (let k = 0; k < length; k++) {
				const p = vectors[first + k]!;
				const q = vectors[second + k]!;
				const r = vectors[third + k]!;
				const s = vectors[fourth + k]!;
				a += p * r;
				b += p * s;
				c += q * r;
				d += q * s;
			}
			const iNext = Math.min(i + 1, size - 1);
			const jNext = Math.min(j + 1, size - 1);
			gram[i * size + j] = gram[j * size + i] = a;
			gram[i * size + jNext] = gram[jNext * size + i] = b;
			gram[iNext * size + j] = gram[j * size + iNext] = c;
			gram[iNext * size + jNext] = gram[jNext * size + iNext] = d;
		}
	}
	return gram;
}

/** The eigenvalues of a symmetric matrix [size × size], in any order. The matrix is overwritten. */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
	const { diagonal, beside } = threeDiagonals(matrix, size);
	return implicitQl(diagonal, beside);
}

/** Householder: reflections that leave nothing but the diagonal and what lies `beside` it, [size] with a last 0. */
function threeDiagonals(
	a: Float64Array,
	size: number
): Record<'diagonal' | 'beside', Float64Array> {
	const diagonal = new Float64Array(size);
	const beside = new Float64Array(size);
	const u = new Float64Array(size);
	const p = new Float64Array(size);
	for (let k = 0; k < size; k++) {
		diagonal[k] = a[k * size + k]!;
		if (k === size - 1) break;
		let squares = 0;
		for (let i = k + 1; i < size; i++) {
			u[i] = a[i * size + k]!;
			squares += u[i]! ** 2;
		}
		const head = u[k + 1]!;
		const norm = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
		beside[k] = norm;
		const half = squares - head * norm;
		if (half === 0) continue;
		u[k + 1] = head - norm;
		let product = 0;
		for (let i = k + 1; i < size; i++) {
			let sum = 0;
			for (let j = k + 1, at = i * size + k + 1; j < size; j++) sum += a[at++]! * u[j]!;
			p[i] = sum / half;
			product += u[i]! * p[i]!;
		}
		const share = product / (2 * half);
		for (let i = k + 1; i < size; i++) p[i] = p[i]! - share * u[i]!;
		for (let i = k + 1; i < size; i++) {
			const ui = u[i]!;
			const pi = p[i]!;
			for (let j = k + 1, at = i * size + k + 1; j < size; j++, at++) {
				a[at] = a[at]! - ui * p[j]! - pi * u[j]!;
			}
		}
	}
	return { diagonal, beside };
}

/** Implicit QL with Wilkinson's shift. */
function implicitQl(d: Float64Array, e: Float64Array): Float64Array {
	const size = d.length;
	for (let l = 0; l < size; l++) {
		for (let step = 0; ; step++) {
			let m = l;
			for (; m < size - 1; m++) {
				const near = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
				if (Math.abs(e[m]!) <= Number.EPSILON * near) break;
			}
			if (m === l) break;
			if (step >= MOST_QL_STEPS) {
				throw new SonifyError(
					'The singular values of a matrix could not be found, which means that its weights are no numbers a score can be made of. Download the model again.'
				);
			}
			const half = (d[l + 1]! - d[l]!) / (2 * e[l]!);
			let r = Math.hypot(half, 1);
			let g = d[m]! - d[l]! + e[l]! / (half + (half >= 0 ? r : -r));
			let sine = 1;
			let cosine = 1;
			let shift = 0;
			let i = m - 1;
			for (; i >= l; i--) {
				const f = sine * e[i]!;
				const b = cosine * e[i]!;
				r = Math.hypot(f, g);
				e[i + 1] = r;
				if (r === 0) {
					d[i + 1] = d[i + 1]! - shift;
					e[m] = 0;
					break;
				}
				sine = f / r;
				cosine = g / r;
				g = d[i + 1]! - shift;
				r = (d[i]! - g) * sine + 2 * cosine * b;
				shift = sine * r;
				d[i + 1] = g + shift;
				g = cosine * r - b;
			}
			if (r === 0 && i >= l) continue;
			d[l] = d[l]! - shift;
			e[l] = g;
			e[m] = 0;
		}
	}
	return d;
}
