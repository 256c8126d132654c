/**
 * Numbers of a model that say where they come from. A piece takes its numbers as readings, and a note keeps the one that
 * made it as its source; `lookUp` finds the number again in the statistics.
 */
import {
	tensionOf,
	type LayerStatistics,
	type MatrixRole,
	type MatrixStatistics,
	type ModelStatistics,
	type NormRole,
	type NormStatistics
} from './statistics';

export type Statistic =
	| 'singular value'
	| 'gap' // between singular value `index` and the next, as the logarithm of their ratio
	| 'spectral change' // of singular value `index` from the layer before: see spectralChange
	| 'row norm'
	| 'histogram bin'
	| 'Frobenius norm'
	| 'deviation'
	| 'kurtosis'
	| 'tension' // of a layer, told of its output matrix: how much attention weighs against the MLP, see tensionOf
	| 'order' // how few directions hold the matrix together, 0..1: see orderOf
	| 'gain';

/** Which number of which tensor. */
export interface Source {
	/** name in the file; with `role`, unique */
	readonly tensor: string;
	readonly role: MatrixStatistics['role'] | NormStatistics['role'];
	/** null outside of the layers */
	readonly layer: number | null;
	readonly statistic: Statistic;
	/** which row, bin, channel or singular value; null where there is one number for the whole tensor */
	readonly index: number | null;
	readonly value: number;
}

/**
 * Row norms of `count` rows, evenly spread from row `offset` on; a matrix with fewer rows tells some twice.
 */
export function rowNorms(matrix: MatrixStatistics, count: number, offset = 0): Source[] {
	return evenly(matrix.rows, count, offset).map((row) =>
		sourceOf(matrix, 'row norm', row, matrix.rowNorms[row]!)
	);
}

/** `count` gains, evenly spread from channel `offset` on. */
export function gains(norm: NormStatistics, count: number, offset = 0): Source[] {
	return evenly(norm.gains.length, count, offset).map((channel) =>
		sourceOf(norm, 'gain', channel, norm.gains[channel]!)
	);
}

/** The first `count` gaps of a spectrum; a small matrix tells some twice. What a falling series says beside that it falls. */
export function gaps(matrix: MatrixStatistics, count: number): Source[] {
	const available = Math.max(1, matrix.singularValues.length - 1);
	return Array.from({ length: count }, (_, i) =>
		sourceOf(matrix, 'gap', i % available, gapAt(matrix, i % available))
	);
}

/** The first `count` singular values; a small matrix tells some twice. */
export function singularValuesOf(matrix: MatrixStatistics, count: number): Source[] {
	const { singularValues } = matrix;
	return Array.from({ length: count }, (_, i) => {
		const index = i % singularValues.length;
		return sourceOf(matrix, 'singular value', index, singularValues[index]!);
	});
}

/** `count` bins of the histogram, from one tail to the other. */
export function histogramBins(matrix: MatrixStatistics, count: number): Source[] {
	return evenly(matrix.histogram.length, count, 0).map((bin) =>
		sourceOf(matrix, 'histogram bin', bin, matrix.histogram[bin]!)
	);
}

/**
 * How much singular value `index` changes from the layer before to this one, both measured by their largest, as the
 * distance of logarithms. The first layer is compared with the last: a set goes round.
 */
export function spectralChanges(
	{ layers }: ModelStatistics,
	layer: number,
	role: 'value' | 'down',
	count: number
): Source[] {
	const matrix = layers[layer]!.matrices[role];
	const before = layers[(layer + layers.length - 1) % layers.length]!.matrices[role];
	const available = Math.min(matrix.singularValues.length, before.singularValues.length);
	return Array.from({ length: count }, (_, i) => {
		const index = available > 1 ? 1 + (i % (available - 1)) : 0;
		return sourceOf(matrix, 'spectral change', index, changeAt(matrix, before, index));
	});
}

/** The number that a matrix has as a whole. */
export function wholeOf(
	matrix: MatrixStatistics,
	statistic: 'Frobenius norm' | 'deviation' | 'kurtosis' | 'order'
): Source {
	return sourceOf(matrix, statistic, null, wholeValue(matrix, statistic));
}

/** The tension of a layer, told of the matrix through which attention speaks. */
export function layerTension(layer: LayerStatistics): Source {
	return sourceOf(layer.matrices.output, 'tension', null, tensionOf(layer));
}

/** The deviation of a norm's gains: 0 where no channel is preferred. */
export function deviationOf(norm: NormStatistics): Source {
	return sourceOf(norm, 'deviation', null, norm.deviation);
}

/**
 * The number that a source names, from the statistics; null where they have none such. What a note says of its making can
 * be checked with it.
 */
export function lookUp(model: ModelStatistics, source: Source): number | null {
	const { tensor, role, layer, statistic, index } = source;
	const measured = measuredAt(model, role, layer);
	if (measured?.tensor !== tensor) return null;
	if ('gains' in measured) {
		if (statistic === 'gain') return measured.gains[index ?? -1] ?? null;
		return statistic === 'deviation' && index === null ? measured.deviation : null;
	}
	const matrix = measured;
	switch (statistic) {
		case 'singular value':
			return matrix.singularValues[index ?? -1] ?? null;
		case 'row norm':
			return matrix.rowNorms[index ?? -1] ?? null;
		case 'histogram bin':
			return matrix.histogram[index ?? -1] ?? null;
		case 'gap':
			return index === null ? null : gapAt(matrix, index);
		case 'spectral change': {
			if (layer === null || index === null || (role !== 'value' && role !== 'down')) return null;
			const count = model.layers.length;
			const before = model.layers[(layer + count - 1) % count]!.matrices[role];
			return changeAt(matrix, before, index);
		}
		case 'tension':
			return role === 'output' && index === null ? tensionOf(model.layers[layer!]!) : null;
		case 'gain':
			return null;
		default:
			return index === null ? wholeValue(matrix, statistic) : null;
	}
}

/** What is measured of a tensor, by its role. */
function measuredAt(
	model: ModelStatistics,
	role: Source['role'],
	layer: number | null
): MatrixStatistics | NormStatistics | null {
	switch (role) {
		case 'embedding':
		case 'positions':
		case 'head':
		case 'finalNorm':
			return layer === null ? model[role] : null;
		default: {
			const { matrices, norms } = model.layers[layer ?? -1] ?? { matrices: null, norms: null };
			return role.endsWith('Norm')
				? (norms?.[role as NormRole] ?? null)
				: (matrices?.[role as MatrixRole] ?? null);
		}
	}
}

/**
 * 1 - effective rank / rank: 0 where all directions carry as much, near 1 where one carries all. The effective rank is
 * exp of the entropy of σ² / Σσ² (Roy and Vetterli 2007); what lies beyond the singular values that are kept counts as
 * evenly spread.
 */
function orderOf({
	singularValues,
	sampledRows,
	columns,
	frobenius,
	rows
}: MatrixStatistics): number {
	const rank = Math.min(sampledRows, columns);
	if (rank < 2) return 0;
	/** of the rows that were decomposed, where those are not all */
	const kept = singularValues.reduce((sum, value) => sum + value ** 2, 0);
	const total = Math.max(kept, (frobenius ** 2 * sampledRows) / rows);
	let entropy = 0;
	for (const value of singularValues) entropy += surprise(value ** 2 / total);
	const others = rank - singularValues.length;
	const rest = 1 - kept / total;
	if (others > 0 && rest > 0) entropy += others * surprise(rest / others);
	return 1 - (Math.exp(entropy) - 1) / (rank - 1);
}

function wholeValue(
	matrix: MatrixStatistics,
	statistic: 'Frobenius norm' | 'deviation' | 'kurtosis' | 'order'
): number {
	switch (statistic) {
		case 'Frobenius norm':
			return matrix.frobenius;
		case 'order':
			return orderOf(matrix);
		default:
			return matrix[statistic];
	}
}

function gapAt({ singularValues }: MatrixStatistics, index: number): number {
	const value = singularValues[index];
	const next = singularValues[index + 1];
	if (!value || !next) return 0;
	return Math.log(value / next);
}

function changeAt(matrix: MatrixStatistics, before: MatrixStatistics, index: number): number {
	const level = ({ singularValues }: MatrixStatistics): number =>
		Math.log(
			Math.max(singularValues[index] ?? 0, SMALLEST) / Math.max(singularValues[0]!, SMALLEST)
		);
	return Math.abs(level(matrix) - level(before));
}

/** Singular values below are zero to an engine that computes in f32. */
const SMALLEST = 1e-6;

function surprise(share: number): number {
	return share > 0 ? -share * Math.log(share) : 0;
}

function evenly(available: number, count: number, offset: number): number[] {
	return Array.from(
		{ length: count },
		(_, i) => (Math.floor((i * available) / count) + offset) % available
	);
}

function sourceOf(
	{ tensor, role, layer }: MatrixStatistics | NormStatistics,
	statistic: Statistic,
	index: number | null,
	value: number
): Source {
	return { tensor, role, layer, statistic, index, value };
}
