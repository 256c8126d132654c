/**
 * Weights as the kernels read them: matrixShapes.ts says how they lie. Rows come from the file a few megabytes at a time
 * and go straight to the GPU, so the whole is never in memory beside the file itself.
 */
import { ModelFileError, type ModelConfig } from '../config';
import type { LayerWeights, Linear, Matrix, Norm, Vector } from '../weights';
import type { WeightFormat } from './form';
import { WEIGHTS_PER_VECTOR, vectorsOf } from './matrixShapes';

/** Rows of a matrix that follow one another. */
interface RowRange {
	readonly matrix: Matrix;
	readonly bias: Vector | null;
	readonly first: number;
	readonly end: number;
}

/** Rows as they are packed: those of a range, or of two in turn: a, b, a, b. */
export type RowBlock = readonly [RowRange] | readonly [a: RowRange, b: RowRange];

/** Takes packed rows from row `first` on, and their scales where the format has them. */
export type RowSink = (
	first: number,
	rows: Uint8Array<ArrayBuffer>,
	scales: Float32Array<ArrayBuffer> | null
) => Promise<void>;

/** Bytes of weights that are read and packed at once. */
const CHUNK_BYTES = 4 * 2 ** 20;

/** All rows of a matrix, or some. */
export function plainRows(matrix: Matrix, first = 0, end = matrix.rows): RowBlock[] {
	return [[{ matrix, bias: null, first, end }]];
}

/** All rows of a matrix with a bias. */
export function linearRows(linear: Linear): RowBlock[] {
	return [[allRows(linear)]];
}

function allRows({ weight: matrix, bias }: Linear): RowRange {
	return { matrix, bias, first: 0, end: matrix.rows };
}

/** Queries, keys and values: channel j of a head beside channel j + headSize / 2, with which it turns. */
export function projectionRows({ headSize }: ModelConfig, layer: LayerWeights): RowBlock[] {
	const half = headSize / 2;
	return [layer.query, layer.key, layer.value].flatMap(({ weight: matrix, bias }) =>
		Array.from({ length: matrix.rows / headSize }, (_, head): RowBlock => {
			const first = head * headSize;
			return [
				{ matrix, bias, first, end: first + half },
				{ matrix, bias, first: first + half, end: first + headSize }
			];
		})
	);
}

/** A unit's gate row beside its up row. */
export function mlpRows({ gate, up }: LayerWeights): RowBlock[] {
	return gate ? [[allRows(gate), allRows(up)]] : linearRows(up);
}

/** Packs blocks of rows one behind the other. Throws a ModelFileError when a weight can't be kept in the format. */
export async function packRows(
	blocks: readonly RowBlock[],
	format: WeightFormat,
	sink: RowSink
): Promise<void> {
	let packed = 0;
	for (const block of blocks) {
		for (const chunk of chunksOf(block)) {
			const count = rowsOf(chunk);
			const read = { f16: readHalves, int8: readBytes }[format];
			const { rows, scales } = await read(chunk, count);
			await sink(packed, rows, scales);
			packed += count;
		}
	}
}

function rowsOf(block: RowBlock): number {
	return block.reduce((sum, { first, end }) => sum + end - first, 0);
}

/** The block in pieces of at most CHUNK_BYTES, as f32 that is read. */
function* chunksOf(block: RowBlock): Generator<RowBlock> {
	const [{ matrix, first, end }] = block;
	const rows = Math.max(2, Math.floor(CHUNK_BYTES / (4 * matrix.columns * block.length) / 2) * 2);
	for (let begin = 0; begin < end - first; begin += rows) {
		const count = Math.min(rows, end - first - begin);
		yield block.map((range) => ({
			...range,
			first: range.first + begin,
			end: range.first + begin + count
		})) as unknown as RowBlock;
	}
}

interface PackedRows {
	readonly rows: Uint8Array<ArrayBuffer>;
	readonly scales: Float32Array<ArrayBuffer> | null;
}

async function readHalves(chunk: RowBlock, count: number): Promise<PackedRows> {
	const columns = chunk[0].matrix.columns;
	const stride = vectorsOf(columns, 'f16') * WEIGHTS_PER_VECTOR.f16;
	const packed = new Uint16Array(count * stride);
	for (const [i, { matrix, first, end }] of chunk.entries()) {
		const halves = await matrix.halves(first, end);
		for (let row = 0; row < end - first; row++) {
			const values = halves.subarray(row * columns, (row + 1) * columns);
			packed.set(values, (row * chunk.length + i) * stride);
		}
	}
	return { rows: new Uint8Array(packed.buffer), scales: null };
}

async function readBytes(chunk: RowBlock, count: number): Promise<PackedRows> {
	const columns = chunk[0].matrix.columns;
	const stride = vectorsOf(columns, 'int8') * WEIGHTS_PER_VECTOR.int8;
	const packed = new Int8Array(count * stride);
	const scales = new Float32Array(count);
	for (const [i, { matrix, first, end }] of chunk.entries()) {
		const floats = await matrix.floats(first, end);
		for (let row = 0; row < end - first; row++) {
			const at = row * chunk.length + i;
			const values = floats.subarray(row * columns, (row + 1) * columns);
			scales[at] = quantizeRow(values, packed.subarray(at * stride, at * stride + columns), matrix);
		}
	}
	return { rows: new Uint8Array(packed.buffer), scales };
}

/** Rounds a row to shares -127 .. 127 of its largest weight, which is returned. Half a share is the most that is lost. */
function quantizeRow(values: Float32Array, target: Int8Array, { name }: Matrix): number {
	let largest = 0;
	for (const value of values) largest = Math.max(largest, Math.abs(value));
	if (!Number.isFinite(largest)) {
		throw new ModelFileError(
			`The model can't run on the graphics card: the tensor "${name}" holds a weight that is no number. Download the model again, or choose another.`
		);
	}
	const perWeight = largest > 0 ? 127 / largest : 0;
	for (let i = 0; i < values.length; i++) target[i] = Math.round(values[i]! * perWeight);
	return largest;
}

/** A norm's or bias's values from float `at` on. Nothing for one that is absent, which stays zero. */
export async function putVector(
	target: Float32Array,
	at: number,
	vector: Vector | null | undefined
): Promise<void> {
	if (vector) target.set(await vector.floats(), at);
}

export async function putNorm(
	target: Float32Array,
	at: number,
	biasAt: number,
	norm: Norm | null | undefined
): Promise<void> {
	await putVector(target, at, norm?.weight);
	await putVector(target, biasAt, norm?.bias);
}

/** Biases in the order of packed rows. */
export async function putBiases(
	target: Float32Array,
	at: number,
	blocks: readonly RowBlock[]
): Promise<void> {
	let packed = at;
	for (const block of blocks) {
		for (const [i, { bias, first, end }] of block.entries()) {
			const values = await bias?.floats();
			values?.subarray(first, end).forEach((value, row) => {
				target[packed + row * block.length + i] = value;
			});
		}
		packed += rowsOf(block);
	}
}
