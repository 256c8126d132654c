/**
 * What is known of a model's weights when a score is made: numbers, no weights. A layer is query, key, value and output,
 * gate (where there is one), up and down, and its norms, whatever the family calls them. Pure data that can be posted.
 */

/** The matrices of a layer. GPT-2's MLP has `up` (c_fc) and `down` (c_proj) alone. */
export const MATRIX_ROLES = ['query', 'key', 'value', 'output', 'gate', 'up', 'down'] as const;
export type MatrixRole = (typeof MATRIX_ROLES)[number];

/** The norms of a layer. All have the first of attention and MLP; the others are Gemma's, and Qwen3's. */
export const NORM_ROLES = [
	'attentionNorm',
	'queryNorm',
	'keyNorm',
	'attentionUpdateNorm',
	'mlpNorm',
	'mlpUpdateNorm'
] as const;
export type NormRole = (typeof NORM_ROLES)[number];

/** The largest singular values that are kept of a matrix. */
export const KEPT_SINGULAR_VALUES = 48;

/** Bins of a histogram: equal parts of mean ± 4 deviations, the outermost with all that lies beyond. */
export const HISTOGRAM_BINS = 32;

export interface MatrixStatistics {
	/** its name in the file; GPT-2's query, key and value share one */
	readonly tensor: string;
	readonly role: MatrixRole | 'embedding' | 'positions' | 'head';
	/** null outside of the layers */
	readonly layer: number | null;
	/** outputs and inputs, whichever way round the file has them */
	readonly rows: number;
	readonly columns: number;
	/** rows that singular values and histogram are of, evenly spread: all but in tables of words */
	readonly sampledRows: number;
	/** the largest, descending, at most KEPT_SINGULAR_VALUES */
	readonly singularValues: Float32Array;
	/** square root of the sum of all squares */
	readonly frobenius: number;
	/** [rows] length of every row */
	readonly rowNorms: Float32Array;
	readonly mean: number;
	readonly deviation: number;
	/** excess: 0 of a normal distribution, -1.2 of a uniform one */
	readonly kurtosis: number;
	/** [HISTOGRAM_BINS] shares of all values, sum 1 */
	readonly histogram: Float32Array;
}

/** Of the gains of a norm, what each channel is multiplied with. */
export interface NormStatistics {
	readonly tensor: string;
	readonly role: NormRole | 'finalNorm';
	readonly layer: number | null;
	readonly gains: Float32Array;
	readonly mean: number;
	readonly deviation: number;
}

export interface LayerStatistics {
	readonly matrices: Readonly<Record<Exclude<MatrixRole, 'gate'>, MatrixStatistics>> & {
		readonly gate: MatrixStatistics | null;
	};
	readonly norms: Readonly<Partial<Record<NormRole, NormStatistics>>>;
}

export interface ModelStatistics {
	/** as people know it */
	readonly name: string;
	readonly embedding: MatrixStatistics;
	/** null where positions are not learned */
	readonly positions: MatrixStatistics | null;
	/** null where it is the embedding */
	readonly head: MatrixStatistics | null;
	/** at least one */
	readonly layers: readonly LayerStatistics[];
	readonly finalNorm: NormStatistics;
}

/** What opens and closes the MLP: the gate, or `up` of an MLP without one. */
export function gateOf({ matrices }: LayerStatistics): MatrixStatistics {
	return matrices.gate ?? matrices.up;
}

/** The matrices of a layer, in the order of MATRIX_ROLES. */
export function matricesOf({ matrices }: LayerStatistics): MatrixStatistics[] {
	return MATRIX_ROLES.flatMap((role) => matrices[role] ?? []);
}

/** The norms of a layer, in the order of NORM_ROLES. */
export function normsOf({ norms }: LayerStatistics): NormStatistics[] {
	return NORM_ROLES.flatMap((role) => norms[role] ?? []);
}

/** Every norm of a model, the last one included. */
export function allNorms({ layers, finalNorm }: ModelStatistics): NormStatistics[] {
	return [...layers.flatMap(normsOf), finalNorm];
}

/** Attention's Frobenius norms over those of the MLP, each in the mean of its matrices. */
export function tensionOf({ matrices }: LayerStatistics): number {
	const { query, key, value, output, gate, up, down } = matrices;
	const mlp = gate ? [gate, up, down] : [up, down];
	return meanFrobenius([query, key, value, output]) / meanFrobenius(mlp);
}

export function meanFrobenius(matrices: readonly MatrixStatistics[]): number {
	return matrices.reduce((sum, { frobenius }) => sum + frobenius, 0) / matrices.length;
}
