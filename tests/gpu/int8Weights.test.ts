import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Decoder } from '../../src/lib/model/decoder';
import { createReferenceModel } from '../../src/lib/model/reference/referenceModel';
import { unconstrained } from '../../src/lib/model/sampling';
import type { Linear, Matrix, ModelWeights } from '../../src/lib/model/weights';
import { createGpuModel } from '../../src/lib/model/wgsl/gpuModel';
import { createWgslModel } from '../../src/lib/model/wgsl/wgslModel';
import {
	FIXTURE_FOLDER,
	SHIPPED_FOLDER,
	modelIn,
	readJson,
	type ShippedExpectation
} from '../unit/model/fixtures';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel } from '../unit/model/randomModel';
import { FORMS, expectSameFrames } from './frames';
import { largestDifference, readLogits } from './readLogits';
import { testDevice } from './setup';

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

/** The same weights rounded to what int8 with a scale for each row can hold, so that int8 loses nothing. */
function heldByInt8(weights: ModelWeights): ModelWeights {
	const rounded = new Map<Matrix, Matrix>();
	const matrix = (exact: Matrix): Matrix => {
		const known = rounded.get(exact);
		if (known) return known;
		const floats: Matrix['floats'] = async (first, end) => {
			const values = await exact.floats(first, end);
			for (let row = 0; row < values.length; row += exact.columns) {
				const own = values.subarray(row, row + exact.columns);
				const unit = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
				own.forEach((value, i) => (own[i] = Math.round(value / unit) * unit));
			}
			return values;
		};
		const result = { ...exact, floats };
		rounded.set(exact, result);
		return result;
	};
	const linear = (exact: Linear): Linear => ({ ...exact, weight: matrix(exact.weight) });
	return {
		...weights,
		embedding: matrix(weights.embedding),
		positions: weights.positions && matrix(weights.positions),
		head: matrix(weights.head),
		layers: weights.layers.map((layer) => ({
			...layer,
			query: linear(layer.query),
			key: linear(layer.key),
			value: linear(layer.value),
			output: linear(layer.output),
			gate: layer.gate && linear(layer.gate),
			up: linear(layer.up),
			down: linear(layer.down)
		}))
	};
}

describe('weights as int8', () => {
	const [[, rows], , [, subgroups]] = FORMS as [
		(typeof FORMS)[number],
		(typeof FORMS)[number],
		(typeof FORMS)[number]
	];

	it.each([
		['Llama', TINY, rows],
		['GPT-2', TINY_GPT2, rows],
		['Gemma', TINY_GEMMA, subgroups]
	])(
		'write greedily what the reference writes, on a model like %s whose weights they hold',
		async (_, config, form) => {
			const model = { config, weights: heldByInt8(randomModel(config).weights) };
			const write = async (decoder: Decoder) => {
				await decoder.prefill([3, 5, 7, 11, 13]);
				const greedy = { temperature: 1, topK: 1, topP: 1, minP: 0, seed: 1 };
				return decoder.generate(100, greedy, unconstrained(config.vocabularySize));
			};
			const reference = await createReferenceModel(model, { precision: 'f64' });
			const expected = await write(await reference.createDecoder());
			const wgsl = await createWgslModel(gpu, model, { ...form, weights: 'int8' });
			const found = await write(await wgsl.createDecoder());
			wgsl.dispose();
			expectSameFrames(found, expected);
		}
	);

	it('move the logits of the shipped model by less than a fiftieth of their range, and not its best tokens', async () => {
		const model = await modelIn(SHIPPED_FOLDER);
		const { tokens, logits } = readJson(`${FIXTURE_FOLDER}/shipped.json`) as ShippedExpectation;
		const gpuModel = await createGpuModel(gpu, model, { ...rows, weights: 'int8' });
		const first = tokens.length - logits.length;
		const found = await readLogits(gpu.device, model.config, gpuModel, tokens, first);
		gpuModel.dispose();
		expect(found.length).toBe(logits.length);
		found.forEach((row, i) => {
			const expected = logits[i]!;
			const range = Math.max(...expected) - Math.min(...expected);
			expect(largestDifference(row, expected)).toBeLessThan(range / 50);
			expect(row.indexOf(Math.max(...row))).toBe(expected.indexOf(Math.max(...expected)));
		});
	});
});
