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
import { Workload, sampledRowsOf, type MeasureProgress } from './workload';

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

/**
 * The `count` largest singular values of a matrix, row by row, descending. Whoever measures says who finds them: a graphics
 * card or the processor.
 */
export type SingularValues = (
	matrix: { readonly rows: number; readonly columns: number; readonly values: Float32Array },
	count: number,
	options: {
		readonly signal?: AbortSignal | undefined;
		/** told the share 0..1 that is done */
		readonly onProgress?: ((share: number) => void) | undefined;
	}
) => Promise<Float32Array>;

export interface MeasureOptions {
	readonly singularValues: SingularValues;
	/** called after every tensor, and now and then within one */
	readonly onProgress?: (progress: MeasureProgress) => void;
	/** asked to stop: its reason is thrown */
	readonly signal?: AbortSignal;
}

/** Values that are read at a time: 16 MB in f32. */
const BLOCK_VALUES = 2 ** 22;

/** Deviations from the mean to the outermost bin of a histogram. */
const HISTOGRAM_REACH = 4;

/**
 * The statistics of a model that people know as `name`. Throws a SonifyError where weights are all zero or not finite or
 * there are no layers, and what reading and decomposing throw.
 */
export async function measureModel(
	name: string,
	weights: ReadableWeights,
	{ singularValues, onProgress = () => undefined, signal }: MeasureOptions
): Promise<ModelStatistics> {
	const { embedding, positions, head, layers, finalNorm } = weights;
	if (layers.length === 0) {
		throw new SonifyError(
			`${name} has no layers, so there is nothing to make music of. Choose another model.`
		);
	}
	const workload = new Workload(weights, onProgress);
	const matrix = async (
		read: ReadableMatrix,
		role: MatrixStatistics['role'],
		layer: number | null = null
	) => {
		const measured = await measureMatrix(read, role, layer, {
			onRead(share) {
				signal?.throwIfAborted();
				workload.read(read, layer, share);
			},
			singularValues: (sample, count) =>
				singularValues(sample, count, {
					signal,
					onProgress: (share) => workload.decomposed(read, layer, share)
				})
		});
		signal?.throwIfAborted();
		workload.finishMatrix(read, layer);
		return measured;
	};
	const norm = async (read: ReadableNorm, role: NormStatistics['role'], layer: number | null) => {
		const measured = await measureNorm(read, role, layer);
		signal?.throwIfAborted();
		workload.finishNorm(measured.tensor);
		return measured;
	};

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
		head: head === embedding ? null : await matrix(head, 'head'),
		layers: measuredLayers,
		finalNorm: await norm(finalNorm, 'finalNorm', null)
	};
}

interface MatrixWork {
	/** told the share 0..1 of its values that has been read */
	onRead(share: number): void;
	singularValues(sample: Parameters<SingularValues>[0], count: number): Promise<Float32Array>;
}

async function measureMatrix(
	matrix: ReadableMatrix,
	role: MatrixStatistics['role'],
	layer: number | null,
	{ onRead, singularValues }: MatrixWork
): Promise<MatrixStatistics> {
	const { name: tensor, rows, columns } = matrix;
	const sampledRows = sampledRowsOf(matrix, layer);
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
		onRead((first + values.length / columns) / rows);
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
	return {
		tensor,
		role,
		layer,
		rows,
		columns,
		singularValues: await singularValues(
			{ rows: sampledRows, columns, values: sample },
			Math.min(KEPT_SINGULAR_VALUES, sampledRows, columns)
		),
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
