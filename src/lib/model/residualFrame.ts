/**
 * What the residual stream had in common over the latest tokens, when the model chose one token: a short row of numbers
 * beside its token frame. Rows travel as one Float32Array, [tokens × RESIDUAL_FRAME.stride], transferable; a row of NaN
 * stands for a token of which nothing is known.
 *
 * Like the token frame, that of token i is about the forward pass that predicted it, whose query stood at position i - 1.
 */

/** Tokens of which the residuals are compared: about a bar. */
export const RESIDUAL_WINDOW = 64;

/** Directions that are told apart, the strongest first. */
export const DIRECTIONS = 4;

/** Where each quantity lies inside a row. */
export const RESIDUAL_FRAME = {
	/** ln(σ₁ / σ₂) */
	lead: 0,
	/** (Σ σ²)² / Σ σ⁴ over all singular values, 1..RESIDUAL_WINDOW */
	effectiveRank: 1,
	/** 0..1, the sine of the angle by which the leading directions turned */
	drift: 2,
	/** [DIRECTIONS] σ² as shares of the sum over all singular values */
	shares: 3,
	/** [DIRECTIONS] 0..1, how much of the token's own residual lies along each direction: the cosine, without its sign */
	features: 3 + DIRECTIONS,
	/** numbers in a row */
	stride: 3 + 2 * DIRECTIONS
} as const;

/** generate/residualWindow.ts says how each is measured. */
export interface ResidualFrame {
	readonly lead: number;
	readonly effectiveRank: number;
	readonly drift: number;
	/** [DIRECTIONS] */
	readonly shares: readonly number[];
	/** [DIRECTIONS] */
	readonly features: readonly number[];
}

/** Row `index` of a slab; null where nothing is known of that token. */
export function residualFrameAt(rows: Float32Array, index: number): ResidualFrame | null {
	const { lead, effectiveRank, drift, shares, features, stride } = RESIDUAL_FRAME;
	const row = rows.subarray(index * stride, (index + 1) * stride);
	if (row.length < stride || Number.isNaN(row[lead])) return null;
	return {
		lead: row[lead]!,
		effectiveRank: row[effectiveRank]!,
		drift: row[drift]!,
		shares: [...row.subarray(shares, shares + DIRECTIONS)],
		features: [...row.subarray(features, features + DIRECTIONS)]
	};
}
