import { describe, expect, it } from 'vitest';
import { GpuError, requestGpuDevice } from '../../../src/lib/gpu/device';

/** A browser's GPU object whose adapter says this of itself. */
function gpuWith(info: object, requestDevice = async () => ({}) as GPUDevice): GPU {
	const adapter = { info, requestDevice };
	return { requestAdapter: async () => adapter } as unknown as GPU;
}

describe('requesting a device', () => {
	it.each([
		['its description', { description: 'Apple M2', vendor: 'apple' }, 'Apple M2'],
		['vendor and architecture', { vendor: 'nvidia', architecture: 'ada' }, 'nvidia ada'],
		['vendor and device', { vendor: 'amd', architecture: '', device: 'gfx9' }, 'amd gfx9'],
		['nothing', { vendor: '', architecture: '', device: '', description: '' }, 'unnamed']
	])('names the adapter by %s', async (_, info, name) => {
		expect(await requestGpuDevice(gpuWith(info))).toMatchObject({ name, software: false });
	});

	it.each([
		['says so', { vendor: 'google', isFallbackAdapter: true }],
		['is called SwiftShader', { vendor: 'google', architecture: 'swiftshader' }],
		['is called llvmpipe', { description: 'llvmpipe (LLVM 15)' }]
	])('knows a software adapter that %s', async (_, info) => {
		expect(await requestGpuDevice(gpuWith(info))).toMatchObject({ software: true });
	});

	it('explains that there is no adapter', async () => {
		const none = { requestAdapter: async () => null } as unknown as GPU;
		await expect(requestGpuDevice(none)).rejects.toThrow(GpuError);
		await expect(requestGpuDevice(none)).rejects.toThrow(/no graphics adapter/);
	});

	it('explains that the adapter gives no device', async () => {
		const refusing = gpuWith({}, () => Promise.reject(new Error('busy')));
		await expect(requestGpuDevice(refusing)).rejects.toThrow(GpuError);
		await expect(requestGpuDevice(refusing)).rejects.toThrow(/refused a device/);
	});
});
