/**
 * The eigenvalues of a symmetric matrix without its eigenvectors, in f64. Householder's reflections leave three diagonals, and
 * implicit QL leaves one (Golub and Van Loan, "Matrix Computations", 8.3).
 */
import type { Pace } from './pace';
import { SvdError } from './svdError';

/** QL takes two or three steps an eigenvalue. */
const MOST_QL_STEPS = 60;

/**
 * In any order, [size]. The lower triangle of `matrix` [size × size] counts, and is overwritten. `from` and `to` are the shares
 * of the progress that it takes. Throws an SvdError when they can't be found, which happens only to values that are not finite.
 */
export async function symmetricEigenvalues(
	matrix: Float64Array,
	size: number,
	pace: Pace,
	span: readonly [number, number]
): Promise<Float64Array> {
	const { diagonal, beside } = await threeDiagonals(matrix, size, pace, span);
	return implicitQl(diagonal, beside);
}

/**
 * Reflections that leave nothing but the diagonal and what lies `beside` it, [size] with a last 0. A reflection changes what is
 * left of the matrix by −u pᵀ − p uᵀ; that is done when the next one is multiplied with it, so that it is read once for both.
 */
async function threeDiagonals(
	a: Float64Array,
	size: number,
	pace: Pace,
	[from, to]: readonly [number, number]
): Promise<Record<'diagonal' | 'beside', Float64Array>> {
	const diagonal = new Float64Array(size);
	const beside = new Float64Array(size);
	/** of the reflection before: what the matrix still lacks */
	let [uBefore, pBefore] = [new Float64Array(size), new Float64Array(size)];
	let [u, p] = [new Float64Array(size), new Float64Array(size)];
	for (let k = 0; k < size; k++) {
		for (let i = k; i < size; i++) {
			a[i * size + k]! -= uBefore[i]! * pBefore[k]! + pBefore[i]! * uBefore[k]!;
		}
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
		u[k + 1] = head - norm;
		p.fill(0);
		for (let i = k + 1; i < size; i += 2)
			changeAndMultiply(a, size, k + 1, i, uBefore, pBefore, u, p);
		if (half > 0) {
			let product = 0;
			for (let i = k + 1; i < size; i++) {
				p[i]! /= half;
				product += u[i]! * p[i]!;
			}
			const share = product / (2 * half);
			for (let i = k + 1; i < size; i++) p[i]! -= share * u[i]!;
		}
		[uBefore, pBefore, u, p] = [u, p, uBefore, pBefore];
		if (pace.due) {
			/** what is left shrinks with the cube */
			pace.progress(from + (to - from) * (1 - (1 - k / size) ** 3));
			await pace.breathe();
		}
	}
	return { diagonal, beside };
}

/** Rows `i` and `i + 1` from column `first` on: a −= uBefore pBeforeᵀ + pBefore uBeforeᵀ, then p += a · u, of the whole symmetric a. */
function changeAndMultiply(
	a: Float64Array,
	size: number,
	first: number,
	i: number,
	uBefore: Float64Array,
	pBefore: Float64Array,
	u: Float64Array,
	p: Float64Array
): void {
	const isLast = i + 1 === size;
	const row = i * size;
	const next = isLast ? row : row + size;
	const [u0, p0, v0] = [uBefore[i]!, pBefore[i]!, u[i]!];
	/** of a last row that stands alone nothing is counted twice */
	const [u1, p1, v1] = isLast ? [0, 0, 0] : [uBefore[i + 1]!, pBefore[i + 1]!, u[i + 1]!];
	let sum0 = 0;
	let sum1 = 0;
	for (let j = first; j < i; j++) {
		const uj = uBefore[j]!;
		const pj = pBefore[j]!;
		const vj = u[j]!;
		const a1 = a[next + j]! - u1 * pj - p1 * uj;
		a[next + j] = a1;
		const a0 = a[row + j]! - u0 * pj - p0 * uj;
		a[row + j] = a0;
		sum0 += a0 * vj;
		sum1 += a1 * vj;
		p[j] = p[j]! + a0 * v0 + a1 * v1;
	}
	const corner = a[row + i]! - 2 * u0 * p0;
	a[row + i] = corner;
	p[i] = p[i]! + sum0 + corner * v0;
	if (isLast) return;
	const under = a[next + i]! - u1 * p0 - p1 * u0;
	a[next + i] = under;
	const last = a[next + i + 1]! - 2 * u1 * p1;
	a[next + i + 1] = last;
	p[i] = p[i]! + under * v1;
	p[i + 1] = p[i + 1]! + sum1 + under * v0 + last * v1;
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
				throw new SvdError(
					'The singular values of this matrix did not settle, which should not happen with finite numbers. Please report the matrix.'
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
