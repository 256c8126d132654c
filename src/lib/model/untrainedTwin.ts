/**
 * The untrained twin of a model: the same shape, and weights such as training begins with. Matrices are normal with a
 * deviation of 0.02, those whose products are added to the residual 1/√(2 layers) of that; norms are 1 and biases 0, as
 * GPT-2 began (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", 2.3).
 *
 * Weight i, counted through all matrices in the order below, is (s - 1530) / 256 deviations, rounded to f16, where s is
 * the sum of the twelve bytes of hash(hash(seed) + 3i + 0, 1, 2). Twelve uniform numbers add up to a normal one, cut off at
 * six deviations. These are whole numbers only, so a seed gives the same weights on every machine; and any rows can be
 * made without the others, so nothing keeps them all.
 */
import { parameterCount, type LoadedModel } from './loadModel';
import { hash } from './sampling';
import {
	floatToHalf,
	halfToFloat,
	type LayerWeights,
	type Linear,
	type Matrix,
	type ModelWeights,
	type Norm,
	type Vector
} from './weights';

const DEVIATION = 0.02;

/** Making more weights than this takes longer than a person waits for a comparison. */
const MOST_WEIGHTS = 300e6;

/** Sums of twelve bytes: 0 .. 3060. */
const SUMS = 12 * 255 + 1;
const MEAN_SUM = (12 * 255) / 2;
/** of the sum, to within 1 in 100,000 */
const SUM_DEVIATION = 256;

/** The hashed numbers that make one weight. */
const WORDS = 3;

/**
 * A model of the same shape with random weights; `seed` is a u32. It comes without a description, since the answers that
 * one holds are those of the trained weights. Throws a RangeError that says so when the model is too large.
 */
export function untrainedTwin(trained: LoadedModel, seed: number): LoadedModel {
	const twin: LoadedModel = {
		name: `${trained.name}, untrained (seed ${seed})`,
		config: trained.config,
		description: null,
		weights: untrainedWeights(trained.weights, seed),
		bytes: 0
	};
	const count = parameterCount(twin);
	if (count <= MOST_WEIGHTS) return twin;
	throw new RangeError(
		`There is no untrained twin of ${trained.name}: it has ${millions(count)} weights, and making more than ${millions(MOST_WEIGHTS)} in the page takes too long. Choose a smaller model to compare.`
	);
}

/** Random weights in the places of others. Nothing of those is read but their shapes. */
export function untrainedWeights(trained: ModelWeights, seed: number): ModelWeights {
	const start = hash(seed);
	/** weights of the matrices that come before */
	let before = 0;
	const matrix = ({ name, rows, columns }: Matrix, levels: Levels): Matrix => {
		const from = before;
		before += rows * columns;
		const fill = <T extends Float32Array | Uint16Array>(values: T, first: number, level: T): T => {
			let counter = (start + WORDS * (from + first * columns)) | 0;
			for (let i = 0; i < values.length; i++) {
				values[i] = level[sumOfBytes(counter)]!;
				counter = (counter + WORDS) | 0;
			}
			return values;
		};
		return {
			name,
			rows,
			columns,
			floats: async (first = 0, end = rows) =>
				fill(new Float32Array((end - first) * columns), first, levels.floats),
			halves: async (first = 0, end = rows) =>
				fill(new Uint16Array((end - first) * columns), first, levels.halves)
		};
	};
	const plain = levelsOf(DEVIATION);
	const added = levelsOf(DEVIATION / Math.sqrt(2 * trained.layers.length));
	const linear = ({ weight, bias }: Linear, levels = plain): Linear => ({
		weight: matrix(weight, levels),
		bias: bias && constant(bias, 0)
	});
	const embedding = matrix(trained.embedding, plain);
	return {
		embedding,
		positions: trained.positions && matrix(trained.positions, plain),
		layers: trained.layers.map((layer): LayerWeights => ({
			attentionNorm: neutral(layer.attentionNorm),
			query: linear(layer.query),
			key: linear(layer.key),
			value: linear(layer.value),
			queryNorm: layer.queryNorm && neutral(layer.queryNorm),
			keyNorm: layer.keyNorm && neutral(layer.keyNorm),
			output: linear(layer.output, added),
			attentionUpdateNorm: layer.attentionUpdateNorm && neutral(layer.attentionUpdateNorm),
			mlpNorm: neutral(layer.mlpNorm),
			gate: layer.gate && linear(layer.gate),
			up: linear(layer.up),
			down: linear(layer.down, added),
			mlpUpdateNorm: layer.mlpUpdateNorm && neutral(layer.mlpUpdateNorm)
		})),
		finalNorm: neutral(trained.finalNorm),
		head: trained.head === trained.embedding ? embedding : matrix(trained.head, plain)
	};
}

/** The value for every sum of bytes, in the two forms of weights: the same, since both are exact in f16. */
interface Levels {
	readonly floats: Float32Array<ArrayBuffer>;
	readonly halves: Uint16Array<ArrayBuffer>;
}

function levelsOf(deviation: number): Levels {
	const halves = Uint16Array.from({ length: SUMS }, (_, sum) =>
		floatToHalf(((sum - MEAN_SUM) / SUM_DEVIATION) * deviation)
	);
	return { halves, floats: Float32Array.from(halves, halfToFloat) };
}

/** The sum of the bytes of the hashes of three numbers from `counter` on, two bytes of each at a time. */
function sumOfBytes(counter: number): number {
	let pairs = 0;
	for (let word = 0; word < WORDS; word++) {
		const bits = hash((counter + word) | 0);
		pairs += (bits & 0xff00ff) + ((bits >>> 8) & 0xff00ff);
	}
	return (pairs & 0xffff) + (pairs >>> 16);
}

function neutral({ weight, bias }: Norm): Norm {
	return { weight: constant(weight, 1), bias: bias && constant(bias, 0) };
}

function constant({ name, size }: Vector, value: number): Vector {
	return { name, size, floats: async () => new Float32Array(size).fill(value) };
}

function millions(count: number): string {
	return `${Math.round(count / 1e6)} million`;
}
