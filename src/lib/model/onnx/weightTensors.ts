/**
 * Puts the weights of a model into the memory of the runtime, once, in f32: matrices transposed and joined as the graph
 * wants them. Matrices are read some rows at a time, so beside the tensors there is never more than one piece in memory.
 */
import { ModelFileError, type ModelConfig } from '../config';
import type { LayerWeights, Linear, Matrix, ModelWeights, Norm, Vector } from '../weights';
import type { DecoderGraph } from './decoderGraph';
import type { OrtRuntime, TensorHandle } from './runtime';

/** Memory that WebAssembly has beside the weights is needed for caches and the runtime itself. */
const LARGEST_BYTES = 1.5e9;

/** Values read from a file at a time. */
const PIECE = 2 ** 18;

export interface WeightTensors {
	/** in the order of the graph's weights */
	readonly tensors: readonly TensorHandle[];
	/** Writes the embedding of `token` [hiddenSize]: its row, as it lies in the file. */
	embed(token: number, into: Float32Array): void;
	/** Learned positions [learnedPositions × hiddenSize]. */
	readonly positions: Float32Array | null;
	dispose(): void;
}

/** What one weight of the graph is made of: matrices side by side, or vectors end to end. */
interface Source {
	readonly matrices: readonly Matrix[];
	readonly vectors: readonly Vector[];
}

/** Throws a ModelFileError when a weight can't be used, or there are more of them than WebAssembly can hold. */
export async function loadWeightTensors(
	runtime: OrtRuntime,
	graph: Pick<DecoderGraph, 'weights'>,
	config: ModelConfig,
	weights: ModelWeights
): Promise<WeightTensors> {
	const sources = weightSources(config, weights);
	const wanted = graph.weights.map(({ name, dimensions }) => {
		const source = sources.get(name);
		if (!source) throw new Error(`The graph needs a weight "${name}" that no model has.`);
		return { source, dimensions: dimensions.map(Number) };
	});
	const tied = weights.head === weights.embedding;
	requireRoom(wanted, tied ? [] : [weights.embedding], weights.positions);

	const owned: number[] = [];
	const allocate = (count: number) => {
		const pointer = runtime.allocate(4 * count);
		owned.push(pointer);
		return pointer;
	};
	const tensors: TensorHandle[] = [];
	const dispose = () => {
		tensors.forEach((tensor) => runtime.releaseTensor(tensor));
		owned.forEach((pointer) => runtime.free(pointer));
	};
	try {
		let head = new Float32Array();
		for (const { source, dimensions } of wanted) {
			const count = dimensions.reduce((product, size) => product * size, 1);
			const pointer = allocate(count);
			const target = runtime.floats(pointer, count);
			await fill(target, source);
			tensors.push(runtime.createTensor('float', pointer, dimensions));
			if (source.matrices[0] === weights.head) head = target as typeof head;
		}
		const readRows = async (matrix: Matrix) => {
			const count = matrix.rows * matrix.columns;
			const target = runtime.floats(allocate(count), count);
			await eachPiece(matrix, (piece, first) => target.set(piece, first * matrix.columns));
			return target;
		};
		const rows = tied ? null : await readRows(weights.embedding);
		const positions = weights.positions && (await readRows(weights.positions));
		const { hiddenSize, vocabularySize } = config;
		const embed = rows
			? (token: number, into: Float32Array) =>
					into.set(rows.subarray(token * hiddenSize, (token + 1) * hiddenSize))
			: (token: number, into: Float32Array) => {
					for (let k = 0; k < hiddenSize; k++) into[k] = head[k * vocabularySize + token]!;
				};
		return { tensors, embed, positions, dispose };
	} catch (error) {
		dispose();
		throw error;
	}
}

/** Every weight of a graph by the name that it has there. */
function weightSources(config: ModelConfig, weights: ModelWeights): Map<string, Source> {
	const sources = new Map<string, Source>();
	const add = (name: string, matrices: Matrix[], vectors: Vector[]) =>
		sources.set(name, { matrices, vectors });
	const addLinear = (name: string, ...parts: (Linear | null)[]) => {
		const present = parts.filter((part) => part !== null);
		add(
			name,
			present.map(({ weight }) => weight),
			[]
		);
		const biases = present.flatMap(({ bias }) => bias ?? []);
		if (biases.length > 0) add(`${name} bias`, [], biases);
	};
	const addNorm = (name: string, norm: Norm | null) => {
		if (norm) add(name, [], [norm.weight]);
		if (norm?.bias) add(`${name} bias`, [], [norm.bias]);
	};
	const addLayer = (layer: LayerWeights, i: number) => {
		addNorm(`${i} attention norm`, layer.attentionNorm);
		addLinear(`${i} projection`, layer.query, layer.key, layer.value);
		if (layer.queryNorm && layer.keyNorm) {
			const query = Array.from({ length: config.heads }, () => layer.queryNorm!.weight);
			const key = Array.from({ length: config.keyValueHeads }, () => layer.keyNorm!.weight);
			add(`${i} head norms`, [], [...query, ...key]);
		}
		addLinear(`${i} output`, layer.output);
		addNorm(`${i} attention update norm`, layer.attentionUpdateNorm);
		addNorm(`${i} MLP norm`, layer.mlpNorm);
		addLinear(`${i} up`, layer.gate, layer.up);
		addLinear(`${i} down`, layer.down);
		addNorm(`${i} MLP update norm`, layer.mlpUpdateNorm);
	};
	weights.layers.forEach(addLayer);
	addNorm('final norm', weights.finalNorm);
	add('head', [weights.head], []);
	return sources;
}

function requireRoom(
	wanted: readonly { dimensions: readonly number[] }[],
	...tables: readonly (readonly (Matrix | null)[] | Matrix | null)[]
): void {
	const inGraph = wanted.map(({ dimensions }) => dimensions.reduce((a, b) => a * b, 1));
	const inTables = tables.flat().map((table) => (table ? table.rows * table.columns : 0));
	const bytes = 4 * [...inGraph, ...inTables].reduce((sum, count) => sum + count, 0);
	if (bytes <= LARGEST_BYTES) return;
	throw new ModelFileError(
		`The model can't be used here: its weights need ${(bytes / 1e9).toFixed(1)} GB on the processor, and WebAssembly has room for ${LARGEST_BYTES / 1e9} GB. Choose a smaller model, or a browser with WebGPU.`
	);
}

async function fill(target: Float32Array, { matrices, vectors }: Source): Promise<void> {
	const columns = matrices.reduce((sum, { rows }) => sum + rows, 0);
	let before = 0;
	for (const matrix of matrices) {
		const begin = before;
		await eachPiece(matrix, (piece, first) =>
			transpose(piece, matrix.columns, target, columns, begin + first)
		);
		before += matrix.rows;
	}
	for (const vector of vectors) {
		target.set(await vector.floats(), before);
		before += vector.size;
	}
}

/** Gives the rows of a matrix to `take`, some at a time, with the number of the first. */
async function eachPiece(
	matrix: Matrix,
	take: (piece: Float32Array, first: number) => void
): Promise<void> {
	const rows = Math.max(1, Math.floor(PIECE / matrix.columns));
	for (let first = 0; first < matrix.rows; first += rows) {
		take(await matrix.floats(first, Math.min(matrix.rows, first + rows)), first);
	}
}

/** Writes rows of `width` values as columns `begin` and following of `target`, which has `columns`. */
function transpose(
	rows: Float32Array,
	width: number,
	target: Float32Array,
	columns: number,
	begin: number
): void {
	const count = rows.length / width;
	for (let k = 0; k < width; k++) {
		const to = k * columns + begin;
		for (let r = 0; r < count; r++) target[to + r] = rows[r * width + k]!;
	}
}
