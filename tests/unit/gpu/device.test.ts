import { describe, expect, it } from 'vitest';
import { GpuError, requestGpuDevice } from '../../../src/lib/gpu/device';

/** A browser's GPU object whose adapter says this of itself. */
function gpuWith(
	info: object,
	requestDevice: (asked: GPUDeviceDescriptor) => Promise<GPUDevice> = async () => ({}) as GPUDevice,
	features: string[] = []
): GPU {
	const adapter = { info, requestDevice, features: new Set(features) };
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

	it.each([
		['as small as the adapter says', ['subgroups'], { subgroupMinSize: 32 }, 32],
		['four where it does not say', ['subgroups', 'shader-f16'], {}, 4],
		['of one where there are none', ['shader-f16'], { subgroupMinSize: 32 }, 1]
	])('asks for subgroups, %s', async (_, features, info, subgroupSize) => {
		const asked: GPUFeatureName[] = [];
		const requestDevice = async ({ requiredFeatures }: GPUDeviceDescriptor) => {
			asked.push(...(requiredFeatures ?? []));
			return {} as GPUDevice;
		};
		const gpu = gpuWith({ vendor: 'nvidia', ...info }, requestDevice, features);
		expect(await requestGpuDevice(gpu)).toMatchObject({ subgroupSize });
		expect(asked).toStrictEqual(subgroupSize > 1 ? ['subgroups'] : []);
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
