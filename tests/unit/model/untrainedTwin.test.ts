/** Untrained twins of models of every family: which weights they have, and that engines agree on them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/lib/model/config';
import { loadModel, parameterCount, type LoadedModel } from '../../../src/lib/model/loadModel';
import { createOnnxModel } from '../../../src/lib/model/onnx/onnxModel';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { unconstrained } from '../../../src/lib/model/sampling';
import { computeExpectation, selfTest } from '../../../src/lib/model/selfTest';
import { untrainedTwin, untrainedWeights } from '../../../src/lib/model/untrainedTwin';
import {
	halfToFloat,
	type Linear,
	type Matrix,
	type ModelWeights,
	type Norm
} from '../../../src/lib/model/weights';
import { expectSameFrames } from '../../gpu/frames';
import { FAMILY_NAMES, SHIPPED_FOLDER, familyFixtures, folderOnDisk, type Model } from './fixtures';
import { ORT_FILES } from './onnxFiles';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel } from './randomModel';

function loaded(
	{ config, weights }: { config: ModelConfig; weights: ModelWeights },
	name = 'tiny'
): LoadedModel {
	return { name, config, description: null, weights, bytes: 0 };
}

/** All parts of the layers that are there, by role. */
function partsOf<T extends Linear | Norm>(
	{ layers }: ModelWeights,
	isWanted: (part: Linear | Norm) => part is T
): { role: string; part: T }[] {
	return layers.flatMap((layer, i) =>
		(Object.entries(layer) as [string, Linear | Norm | null][]).flatMap(([role, part]) =>
			part && isWanted(part) ? [{ role: `${i} ${role}`, part }] : []
		)
	);
}

const isLinear = (part: Linear | Norm): part is Linear => 'rows' in part.weight;
const isNorm = (part: Linear | Norm): part is Norm => !isLinear(part);

function matricesOf(weights: ModelWeights): Matrix[] {
	const { embedding, positions, head } = weights;
	const outer = [embedding, positions, head === embedding ? null : head];
	return [
		...outer.filter((matrix) => matrix !== null),
		...partsOf(weights, isLinear).map(({ part }) => part.weight)
	];
}

/** Sizes of everything, by role; null where the model has none. */
function shapeOf(weights: ModelWeights): unknown {
	return JSON.parse(
		JSON.stringify(weights, (_, value: unknown) => (typeof value === 'function' ? null : value))
	);
}

async function valuesOf(weights: ModelWeights): Promise<number[]> {
	const parts = await Promise.all(matricesOf(weights).map((matrix) => matrix.floats()));
	return parts.flatMap((part) => [...part]);
}

/** Of values that should be normal around 0: deviation, and the third and fourth standardised moments. */
function momentsOf(values: Float32Array) {
	const moment = (power: number) =>
		values.reduce((sum, value) => sum + value ** power, 0) / values.length;
	const deviation = Math.sqrt(moment(2));
	return {
		mean: moment(1) / deviation,
		deviation,
		skewness: moment(3) / deviation ** 3,
		kurtosis: moment(4) / deviation ** 4
	};
}

let families: readonly (Model & { name: string })[];
let shipped: LoadedModel;

beforeAll(async () => {
	families = await familyFixtures();
	shipped = await loadModel(folderOnDisk(SHIPPED_FOLDER));
});

describe('an untrained twin', () => {
	it('has the same weights from the same seed, and others from another', async () => {
		const { weights } = randomModel(TINY);
		const first = await valuesOf(untrainedWeights(weights, 1));
		expect(await valuesOf(untrainedWeights(weights, 1))).toEqual(first);
		const other = await valuesOf(untrainedWeights(weights, 2));
		const same = other.filter((value, i) => value === first[i]).length;
		expect(same).toBeLessThan(first.length / 50);
	});

	it('has the weights of its seed on every machine', async () => {
		const { embedding, layers } = untrainedTwin(shipped, 1).weights;
		expect([...(await embedding.halves(0, 1)).slice(0, 4)]).toEqual(PINNED.embedding);
		expect([...(await layers[5]!.down.weight.halves(255, 256)).slice(-4)]).toEqual(PINNED.down);
	});

	it('depends on the shape and not on the weights it is a twin of', async () => {
		const [one, other] = [randomModel(TINY, 1), randomModel(TINY, 2)];
		expect(await valuesOf(untrainedWeights(one.weights, 5))).toEqual(
			await valuesOf(untrainedWeights(other.weights, 5))
		);
	});

	it('gives any rows the same in both forms as all of them together', async () => {
		for (const matrix of matricesOf(untrainedWeights(randomModel(TINY_GPT2).weights, 7))) {
			const { rows, columns } = matrix;
			const all = await matrix.floats();
			expect(all).toHaveLength(rows * columns);
			expect(await matrix.floats(3, 9)).toEqual(all.slice(3 * columns, 9 * columns));
			expect(await matrix.floats(rows - 1)).toEqual(all.slice(-columns));
			expect(Float32Array.from(await matrix.halves(), halfToFloat)).toEqual(all);
		}
	});

	it('draws from a normal distribution, narrower where it adds to the residual', async () => {
		const { weights } = untrainedTwin(shipped, 1);
		const added = 0.02 / Math.sqrt(2 * shipped.config.layers);
		for (const [matrix, deviation] of [
			[weights.embedding, 0.02],
			[weights.layers[0]!.query.weight, 0.02],
			[weights.layers[3]!.gate!.weight, 0.02],
			[weights.layers[3]!.up.weight, 0.02],
			[weights.layers[2]!.output.weight, added],
			[weights.layers[5]!.down.weight, added]
		] as const) {
			const values = await matrix.floats();
			const found = momentsOf(values);
			const error = 5 / Math.sqrt(values.length);
			expect(Math.abs(found.mean)).toBeLessThan(error);
			expect(found.deviation / deviation).toBeCloseTo(1, 1);
			expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(error);
			expect(Math.abs(found.skewness)).toBeLessThan(3 * error);
			/** of twelve uniform numbers 2.9, of a normal one 3 */
			expect(Math.abs(found.kurtosis - 2.9)).toBeLessThan(5 * error);
		}
	});

	it('draws neighbours, rows and matrices independently', async () => {
		const { layers } = untrainedTwin(shipped, 1).weights;
		const [query, key] = await Promise.all([
			layers[0]!.query.weight.floats(),
			layers[0]!.key.weight.floats()
		]);
		const { columns } = layers[0]!.query.weight;
		const correlation = (a: Float32Array, b: Float32Array) =>
			b.reduce((sum, value, i) => sum + value * a[i]!, 0) / b.length / 0.02 ** 2;
		for (const other of [query.slice(1), query.slice(columns), key]) {
			expect(Math.abs(correlation(query, other))).toBeLessThan(0.025);
		}
	});

	it('is named for what it is, and comes without the answers of the trained weights', () => {
		const twin = untrainedTwin(shipped, 12);
		expect(twin.name).toBe('kqv-small, untrained (seed 12)');
		expect(twin.description).toBeNull();
		expect(parameterCount(twin)).toBe(shipped.description!.parameters);
	});

	it('is refused in words where it would take too long to make', () => {
		const { weights } = randomModel(TINY);
		const large = { ...weights, embedding: { ...weights.embedding, rows: 10_000_000 } };
		expect(() => untrainedTwin(loaded({ config: TINY, weights: large }), 1)).toThrow(
			/no untrained twin of tiny: it has 640 million weights.*Choose a smaller model/
		);
	});
});

describe.each(FAMILY_NAMES)('the untrained twin of %s', (name) => {
	it('has the shape of its config, norms of 1 and no biases, and tied tables where the model has', async () => {
		const family = families.find((one) => one.name === name)!;
		const { config } = family;
		const { weights } = untrainedTwin(loaded(family), 1);
		expect(shapeOf(weights)).toEqual(shapeOf(family.weights));
		expect(weights.embedding).toMatchObject({
			rows: config.vocabularySize,
			columns: config.hiddenSize
		});
		expect(weights.layers).toHaveLength(config.layers);
		expect(weights.head === weights.embedding).toBe(config.tiedEmbeddings);
		expect(weights.positions?.rows ?? 0).toBe(config.learnedPositions);
		expect(weights.layers[0]!.queryNorm !== null).toBe(config.queryKeyNorm);
		expect(weights.layers[0]!.gate !== null).toBe(config.gatedMlp);
		expect(weights.layers[0]!.key.weight.rows).toBe(config.keyValueHeads * config.headSize);
		for (const { part } of [
			...partsOf(weights, isNorm),
			{ role: 'final', part: weights.finalNorm }
		]) {
			expect(new Set(await part.weight.floats())).toEqual(new Set([1]));
			expect(new Set(await part.bias?.floats())).toEqual(new Set(part.bias ? [0] : []));
		}
		for (const { part } of partsOf(weights, isLinear)) {
			expect(new Set(await part.bias?.floats())).toEqual(new Set(part.bias ? [0] : []));
		}
	});
});

describe.each([
	['Llama', TINY],
	['GPT-2', TINY_GPT2],
	['Gemma', TINY_GEMMA]
])('the untrained twin of a tiny %s', (_, config) => {
	it('writes the same in WebAssembly as in TypeScript, and passes the self-test that TypeScript sets', async () => {
		const twin = untrainedTwin(loaded(randomModel(config)), 1);
		const wasm = await createOnnxModel(twin, { files: ORT_FILES, threads: 1 });
		const reference = await createReferenceModel(twin, { precision: 'f64' });
		const [decoder, oracle] = [await wasm.createDecoder(), await reference.createDecoder()];
		expect(await selfTest(decoder, await computeExpectation(oracle))).toMatchObject({
			passed: true,
			message: ''
		});
		const prompt = [1, 5, 60, 17, 33, 4, 4, 9];
		const sampling = { temperature: 1, topP: 0.95, minP: 0, seed: 3 };
		for (const one of [decoder, oracle]) await one.prefill(prompt);
		const constraint = unconstrained(config.vocabularySize);
		const written = await decoder.generate(24, sampling, constraint);
		expectSameFrames(written, await oracle.generate(24, sampling, constraint), 1e-4);
		decoder.dispose();
		wasm.dispose();
	});
});

/** f16 bits of the shipped model's twin with seed 1, by the formula in Python: its first four weights and its last. */
const PINNED = {
	embedding: [10296, 43023, 9124, 7987],
	down: [39988, 8927, 36708, 7196]
};
