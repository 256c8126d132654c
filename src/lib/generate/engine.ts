/**
 * Which decoder runs: WebGPU where the adapter is real and passes a self-test, plain TypeScript otherwise. Every step
 * down has a reason in words, which the page shows.
 */
import { requestGpuDevice } from '../gpu/device';
import type { Decoder } from '../model/decoder';
import type { LoadedModel } from '../model/loadModel';
import { createReferenceDecoder } from '../model/reference/referenceDecoder';
import { selfTest } from '../model/selfTest';
import { createWgslDecoder } from '../model/wgsl/wgslDecoder';
import type { EngineChoice } from './protocol';

export interface Engine {
	decoder: Decoder;
	/** why not a faster one; empty for the first choice */
	reason: string;
	tokensPerSecond: number;
	/** the device of a WebGPU decoder */
	device: GPUDevice | null;
}

/**
 * Makes the decoder that `choice` asks for, or the nearest that works. `gpu` is `navigator.gpu` where there is one.
 * Throws what the CPU decoder throws: that one is the last resort.
 */
export async function chooseEngine(
	model: LoadedModel,
	choice: EngineChoice,
	gpu: GPU | undefined
): Promise<Engine> {
	if (choice === 'cpu') return cpuEngine(model, '');
	if (!gpu) return cpuEngine(model, 'This browser has no WebGPU.');
	try {
		return await webgpuEngine(model, gpu, choice === 'webgpu');
	} catch (error) {
		return cpuEngine(model, error instanceof Error ? error.message : String(error));
	}
}

/** The TypeScript decoder. `reason` says why it was taken. */
export async function cpuEngine(model: LoadedModel, reason: string): Promise<Engine> {
	const decoder = createReferenceDecoder(model, { precision: 'f32' });
	const result = await selfTest(decoder, model.description.selfTest);
	return { decoder, reason, tokensPerSecond: result.tokensPerSecond, device: null };
}

async function webgpuEngine(model: LoadedModel, gpu: GPU, evenSoftware: boolean): Promise<Engine> {
	const gpuDevice = await requestGpuDevice(gpu);
	const { device, software } = gpuDevice;
	if (software && !evenSoftware) {
		device.destroy();
		throw new Error('The graphics adapter is emulated in software, which is slower than the CPU.');
	}
	const decoder = await createWgslDecoder(gpuDevice, model);
	const result = await selfTest(decoder, model.description.selfTest);
	if (!result.passed) {
		decoder.dispose();
		device.destroy();
		throw new Error(`The graphics adapter computes wrong results: ${result.message}`);
	}
	return { decoder, reason: '', tokensPerSecond: result.tokensPerSecond, device };
}
