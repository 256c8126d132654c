/**
 * Singular values without vectors, on the processor, in f64: square roots of the eigenvalues of A Aᵀ or Aᵀ A, whichever is
 * smaller. That takes a tenth of what a decomposition takes. Squaring loses the small values: σ is off by about
 * 10⁻¹⁶ σ₁² / σ, so values above a thousandth of the largest have ten digits, and none is off by more than 10⁻⁷ σ₁.
 */
import { gramOf } from './gram';
import type { Matrix } from './matrix';
import type { Pace } from './pace';
import { symmetricEigenvalues } from './symmetric';

/** The `count` largest, descending. */
export async function largestValues(
	matrix: Matrix,
	count: number,
	pace: Pace
): Promise<Float32Array> {
	const size = Math.min(matrix.rows, matrix.columns);
	const length = Math.max(matrix.rows, matrix.columns);
	/** products are size² length / 2, reflections 2 size³ / 3 */
	const products = length / (length + (4 / 3) * size);
	const gram = await gramOf(matrix, pace, [0, products]);
	const eigenvalues = await symmetricEigenvalues(gram, size, pace, [products, 1]);
	return Float32Array.from(eigenvalues.sort().reverse().subarray(0, count), (value) =>
		Math.sqrt(Math.max(0, value))
	);
}
