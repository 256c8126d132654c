import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../src/lib/model/decoder';
import { unconstrained } from '../../src/lib/model/sampling';
import { createWgslModel } from '../../src/lib/model/wgsl/wgslModel';
import { TINY, randomModel } from '../unit/model/randomModel';
import { testDevice } from './setup';

const SAMPLING = { temperature: 1, topP: 1, minP: 0, seed: 1 };
/** compiled sooner than what a self-test would have to try */
const ROWS = { form: { kind: 'rows' } } as const;
const OPEN = unconstrained(TINY.vocabularySize);

describe('a device that is lost', () => {
	it('ends a call that is waiting, and every call after it, with a DeviceLostError', async () => {
		const gpu = await testDevice();
		const model = await createWgslModel(gpu, randomModel(TINY), ROWS);
		const decoder = await model.createDecoder();
		await decoder.prefill([1, 2, 3]);
		const writing = decoder.generate(200, SAMPLING, OPEN);
		const looking = decoder.inspector?.attention(1, 1);
		gpu.device.destroy();
		await expect(looking).rejects.toThrow(DeviceLostError);
		await expect(writing).rejects.toThrow(DeviceLostError);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(DeviceLostError);
		await expect(decoder.inspector?.residual(0, 1)).rejects.toThrow(DeviceLostError);
		await expect(decoder.inspector?.residuals(0, 0, 2)).rejects.toThrow(DeviceLostError);
		await expect(decoder.prefill([4])).rejects.toThrow(/Make a new decoder/);
		await expect(model.createDecoder()).rejects.toThrow(DeviceLostError);
		decoder.dispose();
		model.dispose();
	});

	it('ends every decoder of a model', async () => {
		const gpu = await testDevice();
		const model = await createWgslModel(gpu, randomModel(TINY), ROWS);
		const decoders = await Promise.all([1, 2, 3].map(() => model.createDecoder()));
		const writing = decoders.map(async (decoder) => {
			await decoder.prefill([1, 2, 3]);
			await decoder.generate(200, SAMPLING, OPEN);
		});
		gpu.device.destroy();
		for (const result of await Promise.allSettled(writing)) {
			expect(result).toMatchObject({ status: 'rejected', reason: { name: 'DeviceLostError' } });
		}
	});

	it('refuses a model', async () => {
		const gpu = await testDevice();
		gpu.device.destroy();
		await gpu.device.lost;
		await expect(createWgslModel(gpu, randomModel(TINY), ROWS)).rejects.toThrow(DeviceLostError);
	});

	it('leaves nothing behind that a new device would miss', async () => {
		const weights = randomModel(TINY);
		const write = async () => {
			const gpu = await testDevice();
			const model = await createWgslModel(gpu, weights, ROWS);
			const decoder = await model.createDecoder();
			await decoder.prefill([1, 2, 3]);
			const slab = await decoder.generate(8, SAMPLING, OPEN);
			gpu.device.destroy();
			return new Uint32Array(slab.buffer);
		};
		expect(await write()).toStrictEqual(await write());
	});

	it('is not confused with a decoder that was disposed', async () => {
		const gpu = await testDevice();
		const model = await createWgslModel(gpu, randomModel(TINY), ROWS);
		const decoder = await model.createDecoder();
		await decoder.prefill([1, 2, 3]);
		const writing = decoder.generate(100, SAMPLING, OPEN);
		decoder.dispose();
		decoder.dispose();
		await expect(writing).rejects.toThrow(/disposed/);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/disposed/);
		gpu.device.destroy();
	});
});
