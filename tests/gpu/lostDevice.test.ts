import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../src/lib/model/decoder';
import { unconstrained } from '../../src/lib/model/sampling';
import { createWgslDecoder } from '../../src/lib/model/wgsl/wgslDecoder';
import { TINY, randomModel } from '../unit/model/randomModel';
import { testDevice } from './setup';

const SAMPLING = { temperature: 1, topP: 1, minP: 0, seed: 1 };
const OPEN = unconstrained(TINY.vocabularySize);

describe('a device that is lost', () => {
	it('ends a call that is waiting, and every call after it, with a DeviceLostError', async () => {
		const gpu = await testDevice();
		const decoder = await createWgslDecoder(gpu, randomModel(TINY));
		await decoder.prefill([1, 2, 3]);
		const writing = decoder.generate(200, SAMPLING, OPEN);
		gpu.device.destroy();
		await expect(writing).rejects.toThrow(DeviceLostError);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(DeviceLostError);
		await expect(decoder.prefill([4])).rejects.toThrow(/Make a new decoder/);
		decoder.dispose();
	});

	it('leaves nothing behind that a new device would miss', async () => {
		const model = randomModel(TINY);
		const write = async () => {
			const gpu = await testDevice();
			const decoder = await createWgslDecoder(gpu, model);
			await decoder.prefill([1, 2, 3]);
			const slab = await decoder.generate(8, SAMPLING, OPEN);
			gpu.device.destroy();
			return new Uint32Array(slab.buffer);
		};
		expect(await write()).toStrictEqual(await write());
	});

	it('is not confused with a decoder that was disposed', async () => {
		const gpu = await testDevice();
		const decoder = await createWgslDecoder(gpu, randomModel(TINY));
		await decoder.prefill([1, 2, 3]);
		const writing = decoder.generate(100, SAMPLING, OPEN);
		decoder.dispose();
		decoder.dispose();
		await expect(writing).rejects.toThrow(/disposed/);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/disposed/);
		gpu.device.destroy();
	});
});
