/** Says what the GPU is and how fast it reads. */
import { requestGpuDevice } from '../../src/lib/gpu/device';
import { measureBandwidth } from './bandwidth';
import type { AdapterReport } from './jobs';

export async function reportAdapter(gpu: GPU): Promise<AdapterReport> {
	const { device, name, software } = await requestGpuDevice(gpu);
	const bandwidth = await measureBandwidth(device, software);
	device.destroy();
	return { name, software, bandwidth };
}
