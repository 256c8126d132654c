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

/**
 * (a, b) := (c·a − s·b, s·a + c·b) for the vectors from `i` and from `j` on; returns the dot product of the new a with the
 * vector from `next` on, if that is neither of the two.
 */
export function rotateAndDot(
	values: Float64Array,
	i: number,
	j: number,
	c: number,
	s: number,
	next: number,
	length: number
): number {
	let s0 = 0;
	let s1 = 0;
	const even = length - (length % 2);
	for (let k = 0; k < even; k += 2) {
		const a0 = values[i + k]!;
		const a1 = values[i + k + 1]!;
		const b0 = values[j + k]!;
		const b1 = values[j + k + 1]!;
		const turned0 = c * a0 - s * b0;
		const turned1 = c * a1 - s * b1;
		values[i + k] = turned0;
		values[i + k + 1] = turned1;
		values[j + k] = s * a0 + c * b0;
		values[j + k + 1] = s * a1 + c * b1;
		s0 += turned0 * values[next + k]!;
		s1 += turned1 * values[next + k + 1]!;
	}
	if (even < length) {
		const a = values[i + even]!;
		const b = values[j + even]!;
		values[i + even] = c * a - s * b;
		values[j + even] = s * a + c * b;
		s0 += values[i + even]! * values[next + even]!;
	}
	return s0 + s1;
}
