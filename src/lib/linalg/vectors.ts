/**
 * The inner loops of linear algebra in f64 on vectors that lie in one array, each from an offset on. Four sums side by side
 * keep the processor from waiting for one addition to end before the next.
 */

export type Reals = Float64Array | Float32Array;

/** The dot product of `length` values of `a` from `i` on with those of `b` from `j` on. */
export function dot(a: Reals, i: number, b: Reals, j: number, length: number): number {
	let s0 = 0;
	let s1 = 0;
	let s2 = 0;
	let s3 = 0;
	const even = length - (length % 4);
	let k = 0;
	for (; k < even; k += 4) {
		s0 += a[i + k]! * b[j + k]!;
		s1 += a[i + k + 1]! * b[j + k + 1]!;
		s2 += a[i + k + 2]! * b[j + k + 2]!;
		s3 += a[i + k + 3]! * b[j + k + 3]!;
	}
	for (; k < length; k++) s0 += a[i + k]! * b[j + k]!;
	return s0 + s1 + (s2 + s3);
}

/** a += factor · b */
export function add(
	a: Float64Array,
	i: number,
	factor: number,
	b: Reals,
	j: number,
	length: number
): void {
	for (let k = 0; k < length; k++) a[i + k] = a[i + k]! + factor * b[j + k]!;
}

/** a *= factor */
export function scale(a: Float64Array, i: number, factor: number, length: number): void {
	for (let k = 0; k < length; k++) a[i + k] = a[i + k]! * factor;
}

/** (a, b) := (c·a − s·b, s·a + c·b) */
export function rotate(
	values: Float64Array,
	i: number,
	j: number,
	c: number,
	s: number,
	length: number
): void {
	for (let k = 0; k < length; k++) {
		const a = values[i + k]!;
		const b = values[j + k]!;
		values[i + k] = c * a - s * b;
		values[j + k] = s * a + c * b;
	}
}
