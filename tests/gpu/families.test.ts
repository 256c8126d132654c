/**
 * Models of every family against what PyTorch computes with them (tests/fixtures/decoder, written by
 * training/kqv_training/family_fixtures.py).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { DecoderModel } from '../../src/lib/model/decoder';
import { unconstrained } from '../../src/lib/model/sampling';
import { createGpuModel } from '../../src/lib/model/wgsl/gpuModel';
import { createWgslModel } from '../../src/lib/model/wgsl/wgslModel';
import { FAMILY_NAMES, familyFixture, type FamilyFixture } from '../unit/model/fixtures';
import { tokensOf } from './frames';
import { largestDifference, readLogits } from './readLogits';
import { testDevice } from './setup';

const FORM = { form: { kind: 'rows' } } as const;

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

/** The sharded model has the weights of another; how they are read is no matter of the GPU. */
const NAMES = FAMILY_NAMES.filter((name) => name !== 'llama-sharded');

describe.each(NAMES)('the model "%s" on the GPU', (name) => {
	let fixture: FamilyFixture;
	let model: DecoderModel;
	beforeAll(async () => {
		fixture = await familyFixture(name);
		model = await createWgslModel(gpu, fixture, FORM);
	});
	afterAll(() => model.dispose());

	it('computes the logits of PyTorch within 1e-4', async () => {
		const { config, expected } = fixture;
		const gpuModel = await createGpuModel(gpu, fixture, FORM);
		const { tokens, logits } = expected;
		const first = tokens.length - logits.length;
		const found = await readLogits(gpu.device, config, gpuModel, tokens, first);
		gpuModel.dispose();
		const worst = found.map((row, i) => largestDifference(row, logits[i]!));
		expect(found.length).toBe(logits.length);
		for (const difference of worst) expect(difference).toBeLessThan(1e-4);
	});

	it('attends as PyTorch does, within 1e-5', async () => {
		const { config, expected } = fixture;
		const decoder = await model.createDecoder();
		for (const { query, weights } of expected.attention) {
			/** the query has been run when the token behind it is there */
			await decoder.prefill([...expected.tokens, 0].slice(decoder.length, query + 2));
			for (let layer = 0; layer < config.layers; layer++) {
				for (let head = 0; head < config.heads; head++) {
					const { first, count, weights: found } = await decoder.inspector!.attention(layer, head);
					expect(first + count - 1).toBe(query);
					const row = new Float32Array(query + 1);
					row.set(found.slice(-count), first);
					const difference = largestDifference(row, weights[layer]![head]!);
					expect(difference, `layer ${layer}, head ${head}, query ${query}`).toBeLessThan(1e-5);
				}
			}
		}
		decoder.dispose();
	});

	it('decodes the same 256 tokens greedily', async () => {
		const { config, expected } = fixture;
		const decoder = await model.createDecoder({ recording: false });
		await decoder.prefill(expected.tokens);
		const greedy = { temperature: 1, topK: 1, topP: 1, minP: 0, seed: 1 };
		const slab = await decoder.generate(256, greedy, unconstrained(config.vocabularySize));
		expect(tokensOf(slab)).toStrictEqual(expected.greedy);
		decoder.dispose();
	});
});
