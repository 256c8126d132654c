/** Our WGSL engine as the benchmark runs it. */
import { requestGpuDevice } from '../../src/lib/gpu/device';
import { createWgslModel } from '../../src/lib/model/wgsl/wgslModel';
import type { BenchEngine } from './engine';
import { createOwnEngine } from './ownEngine';
import type { SizedModel } from './sizes';

export interface WgslEngineSetting {
	readonly weights: 'f16' | 'int8';
	readonly stepsPerSubmit: number;
	readonly frames: boolean;
	readonly recording: boolean;
}

export async function createWgslEngine(
	gpu: GPU | undefined,
	model: SizedModel,
	{ weights, stepsPerSubmit, frames, recording }: WgslEngineSetting
): Promise<BenchEngine> {
	if (!gpu) throw new Error('There is no WebGPU here.');
	const device = await requestGpuDevice(gpu);
	const decoderModel = await createWgslModel(device, model, { weights, stepsPerSubmit });
	const engine = await createOwnEngine(decoderModel, {
		decoder: { frames, recording },
		stepsPerCall: stepsPerSubmit,
		bytesPerWeight: weights === 'f16' ? 2 : 1
	});
	return {
		...engine,
		async dispose() {
			await engine.dispose();
			device.device.destroy();
		}
	};
}
