import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import { ModelFileError, limitWindow, type ModelConfig } from '../../src/lib/model/config';
import { frameLayout } from '../../src/lib/model/tokenFrame';
import { activationsOf, type KernelOptions } from '../../src/lib/model/wgsl/constants';
import type { Form } from '../../src/lib/model/wgsl/form';
import { createGpuModel, type GpuModelOptions } from '../../src/lib/model/wgsl/gpuModel';
import { packSequence } from '../../src/lib/model/wgsl/packConstraint';
import { packSteps } from '../../src/lib/model/wgsl/packSteps';
import type { StepProgram } from '../../src/lib/model/wgsl/stepProgram';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel } from '../unit/model/randomModel';
import { POISON, readBack } from './kernelHarness';
import { testDevice } from './setup';

const ALL: KernelOptions = { frames: true, recording: true };
const ROWS: Form = { kind: 'rows' };

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

/** Reads `tokens` from position 0 on, in submits of at most `atOnce`; returns the logits behind the last. */
async function logitsAfter(
	config: ModelConfig,
	program: StepProgram,
	tokens: readonly number[],
	atOnce = 4
): Promise<Float32Array> {
	const { device } = gpu;
	device.queue.writeBuffer(program.sequence, 0, packSequence(tokens[0]!));
	for (let position = 0; position < tokens.length; position += atOnce) {
		const forced = tokens.slice(position + 1, position + atOnce + 1);
		const count = Math.min(atOnce, tokens.length - position);
		while (forced.length < count) forced.push(0);
		const sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };
		const batch = { position, count, forced, sampling };
		device.queue.writeBuffer(program.steps, 0, packSteps(config, batch, program.stepStride));
		const encoder = device.createCommandEncoder();
		program.encode(encoder, count, 'take');
		device.queue.submit([encoder.finish()]);
	}
	const { logits } = activationsOf(config);
	const activations = await readBack(device, program.activations);
	return activations.slice(logits, logits + config.vocabularySize);
}

const TOKENS = Array.from({ length: 6 }, (_, i) => (i * 17 + 3) % TINY.vocabularySize);

async function logitsOf(
	config: ModelConfig,
	options: GpuModelOptions,
	kernels = ALL
): Promise<Float32Array> {
	const model = await createGpuModel(gpu, randomModel(config, 5), options);
	const program = await model.createProgram(kernels);
	const logits = await logitsAfter(config, program, TOKENS);
	program.dispose();
	model.dispose();
	return logits;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
	expect(a.length).toBe(b.length);
	return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

const MODELS: Record<string, ModelConfig> = {
	llama: TINY,
	gpt2: TINY_GPT2,
	gemma: { ...TINY_GEMMA, tiedEmbeddings: false }
};

describe.each(Object.entries(MODELS))('a model like %s', (_, config) => {
	it('computes the same in every form, and with workgroups in rows', async () => {
		const plain = await logitsOf(config, { form: ROWS, fused: false, reduction: 'narrow' });
		expect(Math.max(...plain) - Math.min(...plain), 'logits differ').toBeGreaterThan(1);
		const others: GpuModelOptions[] = [
			{ form: ROWS, fused: true, reduction: 'wide', largestRow: 1 },
			{ form: { kind: 'workgroup', lanes: 8 }, fused: true, reduction: 'wide' },
			{ form: { kind: 'subgroup', lanes: 4 }, fused: false, reduction: 'narrow' }
		];
		for (const options of others) {
			const logits = await logitsOf(config, options);
			expect(largestDifference(logits, plain), JSON.stringify(options)).toBeLessThan(2e-4);
		}
	});

	it('computes the same bits whatever is reported and recorded', async () => {
		const options: GpuModelOptions = { form: ROWS, fused: false };
		const plain = await logitsOf(config, options);
		for (const frames of [true, false]) {
			const logits = await logitsOf(config, options, { frames, recording: !frames });
			expect([...logits]).toStrictEqual([...plain]);
		}
	});

	it('comes near with int8 weights', async () => {
		const plain = await logitsOf(config, { form: ROWS });
		const coarse = await logitsOf(config, { form: ROWS, weights: 'int8' });
		const difference = largestDifference(coarse, plain);
		expect(difference).toBeGreaterThan(0);
		expect(difference).toBeLessThan(0.1 * (Math.max(...plain) - Math.min(...plain)));
	});
});

describe('a model on the GPU', () => {
	it('takes five dispatches a layer and three around them, and one more with norms of heads', async () => {
		const counts = async (config: ModelConfig, fused: boolean) => {
			const model = await createGpuModel(gpu, randomModel(config), { form: ROWS, fused });
			model.dispose();
			return model.dispatchesPerStep;
		};
		expect(await counts(TINY, true)).toBe(5 * TINY.layers + 3);
		expect(await counts(TINY_GEMMA, true)).toBe(6 * TINY_GEMMA.layers + 3);
		expect(await counts(TINY, false)).toBe(7 * TINY.layers + 4);
	});

	it('splits tables that one binding does not take', async () => {
		const config = { ...TINY, vocabularySize: 3001, tiedEmbeddings: false };
		const whole = await logitsOf(config, { form: ROWS });
		const split = await logitsOf(config, { form: ROWS, bindingBytes: 220_000 });
		expect([...split]).toStrictEqual([...whole]);
		const model = await createGpuModel(gpu, randomModel(config), {
			form: ROWS,
			fused: true,
			bindingBytes: 220_000
		});
		model.dispose();
		expect(model.dispatchesPerStep, 'embedding and head lie in two parts').toBe(5 * 2 + 3 + 2);
	});

	it('says what it chose', async () => {
		const options = { form: ROWS, weights: 'int8', reduction: 'wide', fused: true } as const;
		const model = await createGpuModel(gpu, randomModel(TINY), options);
		model.dispose();
		expect(model.description).toBe(
			'int8 weights, a thread for four rows, wide reductions, norms inside the products'
		);
	});

	it('serves several sequences that do not meet', async () => {
		const model = await createGpuModel(gpu, randomModel(TINY, 5), { form: ROWS });
		const first = await model.createProgram(ALL);
		const second = await model.createProgram({ frames: false, recording: false });
		const expected = await logitsAfter(TINY, first, TOKENS);
		const other = await logitsAfter(TINY, second, [...TOKENS].reverse());
		expect([...other]).not.toStrictEqual([...expected]);
		first.dispose();
		expect([...(await logitsAfter(TINY, second, TOKENS))]).toStrictEqual([...expected]);
		second.dispose();
		model.dispose();
	});

	it('writes nothing but index and token into frames that nobody wants', async () => {
		const options: GpuModelOptions[] = [
			{ form: ROWS, fused: false },
			{ form: ROWS, fused: true }
		];
		for (const option of options) {
			const model = await createGpuModel(gpu, randomModel(TINY, 5), option);
			const program = await model.createProgram({ frames: false, recording: false });
			expect(program.recordings).toBeNull();
			expect(program.residuals).toBeNull();
			const layout = frameLayout(TINY.layers, TINY.heads);
			const poison = new Uint32Array(program.frames.size / 4).fill(POISON);
			gpu.device.queue.writeBuffer(program.frames, 0, poison);
			await logitsAfter(TINY, program, [4], 1);
			const frame = new Uint32Array((await readBack(gpu.device, program.frames)).buffer);
			expect([frame[layout.index], frame[layout.token]]).toStrictEqual([1, 0]);
			const others = frame.filter((_, i) => i !== layout.index && i !== layout.token);
			expect(others.length, 'no memory for what nobody wants').toBeLessThan(layout.stride);
			expect(others.every((word) => word === POISON)).toBe(true);
			model.dispose();
			program.dispose();
		}
	});

	it('takes the plainest form on an emulated adapter', async () => {
		const model = await createGpuModel(gpu, randomModel(TINY, 5));
		expect(gpu.software).toBe(true);
		expect(model.form).toMatchObject({ form: ROWS, reduction: 'narrow', fused: false });
		model.dispose();
	});

	it('refuses a model that does not fit, in words', async () => {
		const wide = limitWindow({ ...TINY, layerWindows: [9000, 9000] }, 8192);
		const loading = createGpuModel(gpu, randomModel(wide), { form: ROWS });
		await expect(loading).rejects.toThrow(ModelFileError);
		await expect(loading).rejects.toThrow(/attention over 8192 keys.*workgroup memory/);
		const small = { form: ROWS, bindingBytes: 16_000 };
		await expect(createGpuModel(gpu, randomModel(TINY), small)).rejects.toThrow(
			/takes \d+ bytes, and this card binds at most 16000 bytes/
		);
	});
});
