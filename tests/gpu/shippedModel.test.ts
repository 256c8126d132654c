import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Decoder, DecoderModel } from '../../src/lib/model/decoder';
import { parseModelDescription } from '../../src/lib/model/modelDescription';
import { createReferenceModel } from '../../src/lib/model/reference/referenceModel';
import { selfTest } from '../../src/lib/model/selfTest';
import { frameLayout, type FrameSlab } from '../../src/lib/model/tokenFrame';
import { advance, copyState, initialState } from '../../src/lib/model/tokenGrammar';
import { createGpuModel, type GpuModelOptions } from '../../src/lib/model/wgsl/gpuModel';
import { createWgslModel } from '../../src/lib/model/wgsl/wgslModel';
import { GRAMMAR } from '../../src/lib/music/grammar';
import {
	FIXTURE_FOLDER,
	SHIPPED_FOLDER,
	modelIn,
	readJson,
	type ShippedExpectation
} from '../unit/model/fixtures';
import { FORMS, expectSameFrames } from './frames';
import { largestDifference, readLogits } from './readLogits';
import { testDevice } from './setup';

const model = await modelIn(SHIPPED_FOLDER);
const { config } = model;
const { selfTest: expectation } = parseModelDescription(
	readJson(`${SHIPPED_FOLDER}/instrument.json`)
);
const expected = readJson(`${FIXTURE_FOLDER}/shipped.json`) as ShippedExpectation;

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

describe('the shipped model on the GPU', () => {
	it('computes the logits of PyTorch within 2e-3', async () => {
		const { tokens, logits } = expected;
		const first = tokens.length - logits.length;
		const found = await logitsIn(FORMS[0]![1], tokens, first);
		expect(found.length).toBe(logits.length);
		found.forEach((row, i) => expect(largestDifference(row, logits[i]!)).toBeLessThan(2e-3));
	});

	it.each(FORMS.slice(1))('computes the same logits within 1e-4 with %s', async (_, form) => {
		const few = expected.tokens.slice(0, 4);
		const [found, known] = [await logitsIn(form, few), await logitsIn(FORMS[0]![1], few)];
		found.forEach((row, i) => expect(largestDifference(row, known[i]!)).toBeLessThan(1e-4));
	});

	it('writes 64 tokens and their frames as the reference does', async () => {
		const reference = await createReferenceModel(model, { precision: 'f64' });
		const known = await write(await reference.createDecoder(), expected.tokens);
		const decoder = await onGpu(async (wgsl) => write(await wgsl.createDecoder(), expected.tokens));
		expectSameFrames(decoder, known, 5e-3);
	});

	it('passes its self-test', async () => {
		const result = await onGpu(async (wgsl) => selfTest(await wgsl.createDecoder(), expectation));
		expect(result).toMatchObject({ passed: true, message: '' });
	});
});

async function logitsIn(
	form: GpuModelOptions,
	tokens: readonly number[],
	first = 0
): Promise<Float32Array[]> {
	const gpuModel = await createGpuModel(gpu, model, form);
	const found = await readLogits(gpu.device, config, gpuModel, tokens, first);
	gpuModel.dispose();
	return found;
}

async function onGpu<T>(use: (model: DecoderModel) => Promise<T>): Promise<T> {
	const wgsl = await createWgslModel(gpu, model);
	const result = await use(wgsl);
	wgsl.dispose();
	return result;
}

async function write(decoder: Decoder, opening: readonly number[]): Promise<FrameSlab> {
	const state = initialState(GRAMMAR);
	for (const token of opening) advance(GRAMMAR, state, token);
	await decoder.prefill(opening);
	const bias = new Float32Array(GRAMMAR.scopeCount * GRAMMAR.vocabularySize);
	const sampling = { temperature: 1, topP: 0.95, minP: 0, seed: 2024 };
	const constraint = { grammar: GRAMMAR, state: copyState(state), bias };
	const slab = await decoder.generate(64, sampling, constraint);
	expect(slab.buffer.byteLength).toBe(64 * frameLayout(config.layers, config.heads).stride * 4);
	return slab;
}
