/** How strongly the tokens before a chosen one are lit: what one head, or all together, looked at while it was chosen. Pure. */
import type { AttentionMatrix } from '../../model/inspector';
import type { TokenFrame } from '../../model/tokenFrame';

/**
 * Shares 0..1 by position, of what head `head` of layer `layer` attended to when the token of `frame` was chosen. Taken
 * from the matrix where it has that row, otherwise from the frame, which knows the heaviest alone.
 */
export function attendedBy(
	frame: TokenFrame,
	layer: number,
	head: number,
	matrix: AttentionMatrix | null
): Map<number, number> {
	const query = frame.index - 1;
	const shares = new Map<number, number>();
	const row = matrix ? query - matrix.first : -1;
	const { indices, weights } = frame.head(layer, head);
	if (matrix && row >= 0 && row < matrix.count && agrees(matrix, row, indices, weights)) {
		for (let key = 0; key <= row; key++) {
			shares.set(matrix.first + key, matrix.weights[row * matrix.count + key]!);
		}
		return shares;
	}
	indices.forEach((index, i) => shares.set(index, weights[i]!));
	return shares;
}

/** Whether the matrix is of the same head and text as the frame: they differ while an answer is on its way. */
function agrees(
	{ first, count, weights }: AttentionMatrix,
	row: number,
	indices: Uint32Array,
	heaviest: Float32Array
): boolean {
	const key = (indices[0] ?? 0) - first;
	if (key < 0 || key >= count) return true;
	return Math.abs(weights[row * count + key]! - (heaviest[0] ?? 0)) < 0.01;
}
