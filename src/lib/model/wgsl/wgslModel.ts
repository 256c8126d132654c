/**
 * A model on WebGPU: its weights and kernels are made once, and every decoder of it has buffers of its own, so that
 * several may write at the same time.
 */
import type { GpuDevice } from '../../gpu/device';
import { createLossGuard } from '../../gpu/deviceLoss';
import { createMapRead, type MapRead } from '../../gpu/mapRead';
import { checked } from '../../gpu/pipelines';
import { DeviceLostError, type DecoderCapabilities, type DecoderModel } from '../decoder';
import type { LoadedModel } from '../loadModel';
import { TRUNCATION_LIMIT, longestSequence } from '../sequence';
import { MOST_STEPS } from './adaptiveSteps';
import type { FormMemory } from './formMemory';
import { createGpuModel, type GpuModelOptions } from './gpuModel';
import { createWgslDecoder } from './wgslDecoder';
import { compileAttention, type AttentionKernel } from './wgslInspector';

export interface WgslModelOptions extends Omit<GpuModelOptions, 'stepsPerSubmit'> {
	/** Where the form that the self-tune chose is kept, so that the same seed gives the same tokens the next time too. */
	readonly forms?: FormMemory;
	/**
	 * 1 .. MOST_STEPS. Default: on graphics cards as many as leave pictures their time; on emulated adapters, which draw
	 * nothing, the most.
	 */
	readonly stepsPerSubmit?: number | 'adaptive';
	/** what the browser calls itself; default: what it says */
	readonly userAgent?: string;
}

/**
 * Puts a model on `gpu`, which stays the caller's to destroy. Throws a ModelFileError when the model does not fit these
 * kernels or can't be read, a GpuError when the driver refuses it, a DeviceLostError when the device goes away meanwhile.
 */
export async function createWgslModel(
	gpu: GpuDevice,
	{ config, weights }: Pick<LoadedModel, 'config' | 'weights'>,
	{ stepsPerSubmit, userAgent, forms, ...options }: WgslModelOptions = {}
): Promise<DecoderModel> {
	const { device, name, software } = gpu;
	const { guard } = createLossGuard(
		device,
		({ message }) =>
			new DeviceLostError(
				`The graphics device was lost${message ? ` (${message})` : ''}, and with it what the model had read. Make a new decoder and prefill it again.`
			)
	);
	const mapRead = createMapRead(device, userAgent);
	const read: MapRead = (staging, bytes, use) => guard(mapRead(staging, bytes, use));
	const form = options.form ?? (await forms?.recall(gpu, config)) ?? undefined;
	const model = await guard(
		createGpuModel(
			gpu,
			{ config, weights },
			{ ...options, ...(form && { form }), stepsPerSubmit: MOST_STEPS }
		)
	);
	if (!form) await forms?.remember(gpu, config, model.form.form);
	let attention: Promise<AttentionKernel> | null = null;
	const capabilities: DecoderCapabilities = {
		engine: 'webgpu',
		device: name,
		software,
		truncationLimit: TRUNCATION_LIMIT,
		longestSequence: longestSequence(config)
	};
	return {
		config,
		capabilities,
		async createDecoder({ frames = true, recording = true } = {}) {
			const program = await guard(model.createProgram({ frames, recording }));
			return createWgslDecoder({
				device,
				config,
				capabilities,
				program,
				read,
				stepsPerSubmit: stepsPerSubmit ?? (software ? MOST_STEPS : 'adaptive'),
				attentionKernel: () =>
					(attention ??= guard(
						checked(device, 'the inspector', () => compileAttention(device, config))
					))
			});
		},
		dispose: () => model.dispose()
	};
}
