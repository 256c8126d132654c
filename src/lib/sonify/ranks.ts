/**
 * From numbers to musical quantities. Numbers of models differ by orders of magnitude, so a series is told by its ranks: every
 * model plays over the full range, and what differs is the order. Numbers that are equal but for rounding share a
 * rank, so that engines which round differently make the same music.
 */

/** Relative difference below which two numbers count as equal: ten times that of f32 singular values between engines. */
const ALIKE = 1e-5;

/**
 * The rank of each number among all, 0 for the least, 1 for the greatest, evenly between; equal ones share the mean of
 * theirs. All are 0.5 where all are equal, or there is but one.
 */
export function ranks(values: readonly number[]): number[] {
	const last = values.length - 1;
	const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
	const alike = ALIKE * Math.max(...values.map(Math.abs), Number.MIN_VALUE);
	const result = new Array<number>(values.length);
	for (let first = 0, end; first < order.length; first = end) {
		for (end = first + 1; end < order.length; end++) {
			if (values[order[end]!]! - values[order[end - 1]!]! > alike) break;
		}
		const rank = last > 0 ? (first + end - 1) / 2 / last : 0.5;
		for (let i = first; i < end; i++) result[order[i]!] = rank;
	}
	return result;
}

/** The ranks of readings by their values. */
export function ranksOf(readings: readonly { readonly value: number }[]): number[] {
	return ranks(readings.map(({ value }) => value));
}

/** Which of `count` equal parts of 0..1 a quantity falls in, 0 .. count - 1. */
export function levelOf(quantity: number, count: number): number {
	return Math.max(0, Math.min(count - 1, Math.floor(quantity * count)));
}

/** The member of a list that a quantity 0..1 points at. */
export function pick<T>(list: readonly T[], quantity: number): T {
	return list[levelOf(quantity, list.length)]!;
}

/** The indices of the `count` greatest, in their own order; the earlier of equals first. */
export function greatest(quantities: readonly number[], count: number): number[] {
	return quantities
		.map((_, i) => i)
		.sort((a, b) => quantities[b]! - quantities[a]! || a - b)
		.slice(0, count)
		.sort((a, b) => a - b);
}

/** The number at `at` 0..1 between `from` and `to`. */
export function between(from: number, to: number, at: number): number {
	return from + (to - from) * Math.max(0, Math.min(1, at));
}
