/** An attention matrix as pixels, one a weight: the head's colour, more opaque the heavier. Pure. */
import type { AttentionMatrix } from '../model/inspector';

/** Red, green and blue, 0..255. */
export type Colour = readonly [number, number, number];

/**
 * RGBA of [queries × keys], the first query on top. Opacity is the square root of the weight: attention spans several
 * powers of ten, and a linear scale shows the sink alone.
 */
export function matrixPixels(
	{ weights }: AttentionMatrix,
	[red, green, blue]: Colour
): Uint8ClampedArray<ArrayBuffer> {
	const pixels = new Uint8ClampedArray(weights.length * 4);
	for (let i = 0; i < weights.length; i++) {
		pixels[4 * i] = red;
		pixels[4 * i + 1] = green;
		pixels[4 * i + 2] = blue;
		pixels[4 * i + 3] = 255 * Math.sqrt(weights[i]!);
	}
	return pixels;
}

/**
 * The matrix brought down to `size` queries and keys, by the greatest weight in each cell: a single bright key among
 * several in a pixel is not lost. A matrix that is no larger stays as it is.
 */
export function pooled(matrix: AttentionMatrix, size: number): AttentionMatrix {
	const { first, count, weights } = matrix;
	if (count <= size) return matrix;
	const cells = new Float32Array(size * size);
	const cellOf = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
	for (let query = 0; query < count; query++) {
		const row = cellOf[query]! * size;
		for (let key = 0; key <= query; key++) {
			const cell = row + cellOf[key]!;
			cells[cell] = Math.max(cells[cell]!, weights[query * count + key]!);
		}
	}
	return { first, count: size, weights: cells };
}

/** `#rrggbb` as numbers. Throws a RangeError for anything else. */
export function colourOf(hex: string): Colour {
	const digits = /^#([0-9a-f]{6})$/i.exec(hex)?.[1];
	if (!digits) throw new RangeError(`"${hex}" is no colour of the form #rrggbb.`);
	const value = parseInt(digits, 16);
	return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Which query and key lie under a point of a square picture `size` wide, or null outside the triangle of what was seen. */
export function cellAt(
	{ count, first }: AttentionMatrix,
	x: number,
	y: number,
	size: number
): { query: number; key: number } | null {
	const row = Math.floor((y / size) * count);
	const column = Math.floor((x / size) * count);
	if (row < 0 || row >= count || column < 0 || column > row) return null;
	return { query: first + row, key: first + column };
}

/** The weight that `query` gave to `key`; 0 where the matrix has none. */
export function weightAt(
	{ first, count, weights }: AttentionMatrix,
	query: number,
	key: number
): number {
	const row = query - first;
	const column = key - first;
	if (row < 0 || row >= count || column < 0 || column >= count) return 0;
	return weights[row * count + column]!;
}
