import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Decoder } from '../../src/lib/model/decoder';
import { parseModelDescription } from '../../src/lib/model/modelDescription';
import { createForwardPass } from '../../src/lib/model/reference/forwardPass';
import { createReferenceDecoder } from '../../src/lib/model/reference/referenceDecoder';
import { selfTest } from '../../src/lib/model/selfTest';
import { createFrameSlab, frameLayout, type FrameSlab } from '../../src/lib/model/tokenFrame';
import { advance, copyState, initialState } from '../../src/lib/model/tokenGrammar';
import { frameWords } from '../../src/lib/model/writeFrame';
import { activationsOf } from '../../src/lib/model/wgsl/constants';
import { packSequence } from '../../src/lib/model/wgsl/packConstraint';
import { packSteps } from '../../src/lib/model/wgsl/packSteps';
import { createStepProgram } from '../../src/lib/model/wgsl/stepProgram';
import { createWgslDecoder } from '../../src/lib/model/wgsl/wgslDecoder';
import { GRAMMAR } from '../../src/lib/music/grammar';
import {
	FIXTURE_FOLDER,
	SHIPPED_FOLDER,
	modelIn,
	readJson,
	type ShippedExpectation
} from '../unit/model/fixtures';
import { expectSameFrames } from './frames';
import { readBack } from './kernelHarness';
import { testDevice } from './setup';

const model = modelIn(SHIPPED_FOLDER);
const { config, weights } = model;
const { selfTest: expectation } = parseModelDescription(
	readJson(`${SHIPPED_FOLDER}/instrument.json`)
);
const { tokens } = readJson(`${FIXTURE_FOLDER}/shipped.json`) as ShippedExpectation;

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

describe('the shipped model on the GPU', () => {
	it.each(['rows', 'workgroup'] as const)(
		'computes the logits of the f64 reference within 2e-3, variant "%s"',
		async (variant) => {
			const read = tokens.slice(0, 16);
			const reference = createForwardPass(config, weights, 'f64');
			const frame = frameWords(createFrameSlab(config.layers, config.heads, 1), 0);
			const program = await createStepProgram(gpu.device, config, weights, variant, 1);
			const { logits } = activationsOf(config);
			const sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };
			for (const [position, token] of read.entries()) {
				const expected = reference.run(token, position, frame);
				const forced = [read[position + 1] ?? 0];
				const parameters = packSteps(
					config,
					{ position, count: 1, forced, sampling },
					program.stepStride
				);
				gpu.device.queue.writeBuffer(program.steps, 0, parameters);
				if (position === 0) gpu.device.queue.writeBuffer(program.sequence, 0, packSequence(token));
				const encoder = gpu.device.createCommandEncoder();
				program.encode(encoder, 1, 'take');
				gpu.device.queue.submit([encoder.finish()]);
				const found = await readBack(gpu.device, program.activations);
				expected.forEach((logit, i) => {
					expect(Math.abs(found[logits + i]! - logit)).toBeLessThan(2e-3);
				});
			}
			program.dispose();
		}
	);

	it('writes 64 tokens and their frames as the reference does', async () => {
		const reference = await write(createReferenceDecoder(model, { precision: 'f64' }), tokens);
		const decoder = await createWgslDecoder(gpu, model);
		expectSameFrames(await write(decoder, tokens), reference, 5e-3);
		decoder.dispose();
	});

	it('passes its self-test', async () => {
		const decoder = await createWgslDecoder(gpu, model);
		expect(await selfTest(decoder, expectation)).toMatchObject({ passed: true, message: '' });
		decoder.dispose();
	});
});

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
