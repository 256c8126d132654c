/**
 * Measures the weights of a model, one matrix at a time: nothing but the matrix at hand is in memory, and of a table of words
 * only a block of rows. Everything but the singular values is summed up here, in f64 and in the order of the file, so it is
 * the same on every machine.
 */
import { SonifyError } from './sonifyError';
import {
	HISTOGRAM_BINS,
	KEPT_SINGULAR_VALUES,
	MATRIX_ROLES,
	NORM_ROLES,
	type LayerStatistics,
	type MatrixRole,
	type MatrixStatistics,
	type ModelStatistics,
	type NormRole,
	type NormStatistics
} from './statistics';
import type { Decompose } from './svd';

/** A matrix whose rows can be read; the `Matrix` of a loaded model is one. */
export interface ReadableMatrix {
	readonly name: string;
	readonly rows: number;
	readonly columns: number;
	/** rows `first` .. `end` (exclusive), row-major */
	floats(first: number, end: number): Promise<Float32Array>;
}

interface ReadableNorm {
	readonly weight: {
		readonly name: string;
		readonly size: number;
		floats(): Promise<Float32Array>;
	};
}

interface ReadableLinear {
	readonly weight: ReadableMatrix;
}

/** The weights of a loaded model: `ModelWeights` is of this form. */
export interface ReadableWeights {
	readonly embedding: ReadableMatrix;
	readonly positions: ReadableMatrix | null;
	readonly layers: readonly (Readonly<Record<Exclude<MatrixRole, 'gate'>, ReadableLinear>> & {
		readonly gate: ReadableLinear | null;
	} & Readonly<Record<NormRole, ReadableNorm | null>>)[];
	readonly finalNorm: ReadableNorm;
	readonly head: ReadableMatrix;
}

export interface MeasureOptions {
	readonly decompose: Decompose;
	/** called after every tensor with how many are done, of how many, and which it was */
	readonly onProgress?: (done: number, total: number, tensor: string) => void;
	/** asked to stop: its reason is thrown */
	readonly signal?: AbortSignal;
}

/** Values that are read at a time: 16 MB in f32. */
const BLOCK_VALUES = 2 ** 22;

/** Rows of a table (words, positions) that are decomposed, evenly spread: a vocabulary has a quarter of a million. */
const MOST_TABLE_ROWS = 1024;

/** Deviations from the mean to the outermost bin of a histogram. */
const HISTOGRAM_REACH = 4;

/**
 * The statistics of a model that people know as `name`. Throws a SonifyError where weights are all zero or not finite or
 * there are no layers, and what reading and decomposing throw.
 */
export async function measureModel(
	name: string,
	weights: ReadableWeights,
	{ decompose, onProgress, signal }: MeasureOptions
): Promise<ModelStatistics> {
	const { embedding, positions, head, layers, finalNorm } = weights;
	if (layers.length === 0) {
		throw new SonifyError(
			`${name} has no layers, so there is nothing to make music of. Choose another model.`
		);
	}
	const ownHead = head === embedding ? null : head;
	const tables = [embedding, positions, ownHead].filter((table) => table !== null);
	const total = layers.reduce(
		(sum, layer) =>
			sum +
			MATRIX_ROLES.filter((role) => layer[role]).length +
			NORM_ROLES.filter((role) => layer[role]).length,
		tables.length + 1
	);
	let done = 0;
	const step = <T extends { tensor: string }>(measured: T): T => {
		signal?.throwIfAborted();
		onProgress?.(++done, total, measured.tensor);
		return measured;
	};
	const matrix = async (
		read: ReadableMatrix,
		role: MatrixStatistics['role'],
		layer: number | null = null
	) => step(await measureMatrix(read, role, layer, decompose));
	const norm = async (read: ReadableNorm, role: NormStatistics['role'], layer: number | null) =>
		step(await measureNorm(read, role, layer));

	const measuredLayers: LayerStatistics[] = [];
	for (const [index, layer] of layers.entries()) {
		const matrices: Partial<Record<MatrixRole, MatrixStatistics>> = {};
		for (const role of MATRIX_ROLES) {
			const linear = layer[role];
			if (linear) matrices[role] = await matrix(linear.weight, role, index);
		}
		const norms: Partial<Record<NormRole, NormStatistics>> = {};
		for (const role of NORM_ROLES) {
			const read = layer[role];
			if (read) norms[role] = await norm(read, role, index);
		}
		const { gate = null, ...others } = matrices;
		measuredLayers.push({
			matrices: { ...(others as Record<Exclude<MatrixRole, 'gate'>, MatrixStatistics>), gate },
			norms
		});
	}
	return {
		name,
		embedding: await matrix(embedding, 'embedding'),
		positions: positions && (await matrix(positions, 'positions')),
		head: ownHead && (await matrix(ownHead, 'head')),
		layers: measuredLayers,
		finalNorm: await norm(finalNorm, 'finalNorm', null)
	};
}

async function measureMatrix(
	matrix: ReadableMatrix,
	role: MatrixStatistics['role'],
	layer: number | null,
	decompose: Decompose
): Promise<MatrixStatistics> {
	const { name: tensor, rows, columns } = matrix;
	const sampledRows = layer === null ? Math.min(rows, MOST_TABLE_ROWS) : rows;
	const sample = new Float32Array(sampledRows * columns);
	const rowNorms = new Float32Array(rows);
	/** sums of the powers of all values, by power */
	const powers = [0, 0, 0, 0, 0] as [number, number, number, number, number];
	let sampled = 0;
	await inBlocks(matrix, (values, first) => {
		addPowers(values, powers);
		for (let row = first, at = 0; at < values.length; row++, at += columns) {
			rowNorms[row] = lengthOf(values, at, at + columns);
			if (sampled < sampledRows && row === Math.floor((sampled * rows) / sampledRows)) {
				sample.set(values.subarray(at, at + columns), sampled++ * columns);
			}
		}
	});
	const [count, first, second, third, fourth] = powers;
	const mean = first / count;
	const variance = second / count - mean ** 2;
	const frobenius = Math.sqrt(second);
	if (!(variance > 0) || !Number.isFinite(fourth)) {
		throw new SonifyError(
			`All weights of the tensor "${tensor}" are the same or too large to add up, so its spectrum says nothing. Download the model again, or choose another.`
		);
	}
	const aroundMean =
		fourth / count - (4 * mean * third) / count + (6 * mean ** 2 * second) / count - 3 * mean ** 4;
	const deviation = Math.sqrt(variance);
	const histogram = new Float64Array(HISTOGRAM_BINS);
	addToHistogram(sample, histogram, mean, deviation);
	const { s } = await decompose(
		sample,
		sampledRows,
		columns,
		Math.min(KEPT_SINGULAR_VALUES, sampledRows, columns)
	);
	return {
		tensor,
		role,
		layer,
		rows,
		columns,
		singularValues: s.slice(0, KEPT_SINGULAR_VALUES),
		sampledRows,
		frobenius,
		rowNorms,
		mean,
		deviation,
		kurtosis: aroundMean / variance ** 2 - 3,
		histogram: Float32Array.from(histogram, (bin) => bin / sample.length)
	};
}

async function measureNorm(
	{ weight }: ReadableNorm,
	role: NormStatistics['role'],
	layer: number | null
): Promise<NormStatistics> {
	const gains = await weight.floats();
	const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
	const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
	const deviation = Math.sqrt(squares / gains.length);
	return { tensor: weight.name, role, layer, gains, mean, deviation };
}

async function inBlocks(
	matrix: ReadableMatrix,
	visit: (values: Float32Array, firstRow: number) => void
): Promise<void> {
	const rowsAtOnce = Math.max(1, Math.floor(BLOCK_VALUES / matrix.columns));
	for (let first = 0; first < matrix.rows; first += rowsAtOnce) {
		visit(await matrix.floats(first, Math.min(matrix.rows, first + rowsAtOnce)), first);
	}
}

function addPowers(values: Float32Array, powers: [number, number, number, number, number]): void {
	let [, first, second, third, fourth] = powers;
	for (let i = 0; i < values.length; i++) {
		const value = values[i]!;
		const square = value * value;
		first += value;
		second += square;
		third += square * value;
		fourth += square * square;
	}
	powers[0] += values.length;
	powers[1] = first;
	powers[2] = second;
	powers[3] = third;
	powers[4] = fourth;
}

function addToHistogram(
	values: Float32Array,
	histogram: Float64Array,
	mean: number,
	deviation: number
): void {
	const scale = HISTOGRAM_BINS / (2 * HISTOGRAM_REACH * deviation);
	for (let i = 0; i < values.length; i++) {
		const bin = Math.floor((values[i]! - mean) * scale + HISTOGRAM_BINS / 2);
		histogram[Math.max(0, Math.min(HISTOGRAM_BINS - 1, bin))]!++;
	}
}

function lengthOf(values: Float32Array, first: number, end: number): number {
	let squares = 0;
	for (let i = first; i < end; i++) squares += values[i]! ** 2;
	return Math.sqrt(squares);
}
