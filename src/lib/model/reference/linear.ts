/**
 * The loops in which the TypeScript decoder spends its time. Weights are f32, activations f32 or f64; JavaScript
 * multiplies and adds in f64 either way, so precision is lost only where a result is stored.
 */

/** Activations of either precision. */
export type Vector = Float32Array | Float64Array;

/**
 * output = matrix · input, matrix [rows × columns] row-major. Four rows go together, so that an input is loaded once for
 * four products, and eight sums run side by side.
 */
export function multiply(
	matrix: Float32Array,
	input: Vector,
	output: Vector,
	rows: number,
	columns: number
): void {
	const evenColumns = columns - (columns % 2);
	let row = 0;
	for (; row + 4 <= rows; row += 4) {
		const first = row * columns;
		const second = first + columns;
		const third = second + columns;
		const fourth = third + columns;
		let a0 = 0;
		let a1 = 0;
		let b0 = 0;
		let b1 = 0;
		let c0 = 0;
		let c1 = 0;
		let d0 = 0;
		let d1 = 0;
		for (let k = 0; k < evenColumns; k += 2) {
			const x0 = input[k]!;
			const x1 = input[k + 1]!;
			a0 += matrix[first + k]! * x0;
			b0 += matrix[second + k]! * x0;
			c0 += matrix[third + k]! * x0;
			d0 += matrix[fourth + k]! * x0;
			a1 += matrix[first + k + 1]! * x1;
			b1 += matrix[second + k + 1]! * x1;
			c1 += matrix[third + k + 1]! * x1;
			d1 += matrix[fourth + k + 1]! * x1;
		}
		if (evenColumns < columns) {
			const x = input[evenColumns]!;
			a0 += matrix[first + evenColumns]! * x;
			b0 += matrix[second + evenColumns]! * x;
			c0 += matrix[third + evenColumns]! * x;
			d0 += matrix[fourth + evenColumns]! * x;
		}
		output[row] = a0 + a1;
		output[row + 1] = b0 + b1;
		output[row + 2] = c0 + c1;
		output[row + 3] = d0 + d1;
	}
	for (; row < rows; row++) output[row] = dot(matrix, row * columns, input, 0, columns);
}

/** Σ a[i + k] b[j + k] over `count` values. */
export function dot(a: Vector, i: number, b: Vector, j: number, count: number): number {
	let s0 = 0;
	let s1 = 0;
	let s2 = 0;
	let s3 = 0;
	let k = 0;
	for (; k + 4 <= count; k += 4) {
		s0 += a[i + k]! * b[j + k]!;
		s1 += a[i + k + 1]! * b[j + k + 1]!;
		s2 += a[i + k + 2]! * b[j + k + 2]!;
		s3 += a[i + k + 3]! * b[j + k + 3]!;
	}
	for (; k < count; k++) s0 += a[i + k]! * b[j + k]!;
	return s0 + s1 + (s2 + s3);
}

/** √Σ x², the L2 norm. */
export function norm(x: Vector): number {
	return Math.sqrt(dot(x, 0, x, 0, x.length));
}

/** Hoyer's sparsity: 0 when all values are equal in size, 1 when one stands alone (Hoyer 2004, section 3.1). */
export function hoyerSparsity(x: Vector): number {
	let absolute = 0;
	for (let i = 0; i < x.length; i++) absolute += Math.abs(x[i]!);
	const length = norm(x);
	if (length === 0 || x.length < 2) return 0;
	const root = Math.sqrt(x.length);
	return (root - absolute / length) / (root - 1);
}
