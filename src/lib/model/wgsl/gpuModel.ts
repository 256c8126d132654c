/** A model on the GPU: weights and compiled kernels, which any number of step programs share. */
import type { GpuDevice } from '../../gpu/device';
import { checked } from '../../gpu/pipelines';
import type { ModelConfig } from '../config';
import type { ModelWeights } from '../weights';
import { compileKernel, stepLayout, type CompiledKernel } from './compileKernel';
import type { KernelOptions } from './constants';
import { requireFit } from './fit';
import { describeForm, type Form, type KernelForm, type WeightFormat } from './form';
import { uploadWeights } from './gpuWeights';
import type { Kernel, Reduction } from './kernel';
import { forwardDispatches } from './kernels';
import { createStepProgram, type StepProgram } from './stepProgram';
import { chooseForm } from './tune';

export interface GpuModelOptions {
	/** default f16 */
	readonly weights?: WeightFormat;
	/** default: what a short self-test finds fastest */
	readonly form?: Form;
	/** default: narrow on emulated adapters, wide on graphics cards */
	readonly reduction?: Reduction;
	/** default: on graphics cards */
	readonly fused?: boolean;
	/** default 8 */
	readonly stepsPerSubmit?: number;
	/** default: what the device allows */
	readonly bindingBytes?: number;
	/** the most workgroups in one dimension; default: what the device allows */
	readonly largestRow?: number;
}

export interface GpuModel {
	readonly form: KernelForm;
	/** the form in words */
	readonly description: string;
	readonly dispatchesPerStep: number;
	readonly stepsPerSubmit: number;
	/** Buffers of its own for one sequence. Throws a GpuError when there is no memory for them. */
	createProgram(options: KernelOptions): Promise<StepProgram>;
	/** Frees the weights; programs must not be used any more. */
	dispose(): void;
}

/**
 * Chooses a form, and uploads the weights. Throws a ModelFileError when the model does not fit these kernels or this
 * device, a GpuError when the driver refuses them.
 */
export async function createGpuModel(
	{ device, software, subgroupSize }: GpuDevice,
	{ config, weights }: { readonly config: ModelConfig; readonly weights: ModelWeights },
	options: GpuModelOptions = {}
): Promise<GpuModel> {
	const stepsPerSubmit = options.stepsPerSubmit ?? 8;
	const base = {
		weights: options.weights ?? 'f16',
		reduction: options.reduction ?? (software ? 'narrow' : 'wide'),
		bindingBytes: Math.min(
			options.bindingBytes ?? Infinity,
			device.limits.maxStorageBufferBindingSize,
			device.limits.maxBufferSize
		),
		largestRow: options.largestRow ?? device.limits.maxComputeWorkgroupsPerDimension
	};
	const fused = requireFit(config, base, device.limits) && (options.fused ?? !software);
	const untuned = { ...base, fused };
	const layout = stepLayout(device);
	const compiled = new Map<string, Promise<CompiledKernel>>();
	/** Kernels of equal code are compiled once. */
	const compile = async (kernel: Kernel): Promise<CompiledKernel> => {
		const known = compiled.get(kernel.code) ?? compileKernel(device, layout, kernel);
		compiled.set(kernel.code, known);
		return { ...(await known), kernel };
	};

	const { form, gpuWeights } = await checked(device, 'the model', async () => {
		const form: KernelForm = {
			...untuned,
			form: options.form ?? (await chooseForm(device, config, untuned, { software, subgroupSize }))
		};
		return { form, gpuWeights: await uploadWeights(device, config, weights, form) };
	});
	return {
		form,
		description: describeForm(form),
		dispatchesPerStep:
			forwardDispatches(config, form, { frames: true, recording: true }).length + 1,
		stepsPerSubmit,
		createProgram: (kernelOptions) =>
			checked(device, 'a decoder', () =>
				createStepProgram(
					{ device, config, form, weights: gpuWeights, stepsPerSubmit, layout, compile },
					kernelOptions
				)
			),
		dispose: () => gpuWeights.dispose()
	};
}
