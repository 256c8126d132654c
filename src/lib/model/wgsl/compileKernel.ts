/** Kernels compiled for the bind groups of a decoding step. */
import { bufferLayout, computePipeline } from '../../gpu/pipelines';
import type { Kernel } from './kernel';

/** A kernel that was compiled, and its second bind group's layout. */
export interface CompiledKernel {
	readonly kernel: Kernel;
	readonly pipeline: GPUComputePipeline;
	readonly layout: GPUBindGroupLayout;
}

/** Numbers of a kernel's bindings. */
export function bindingNumbers({ bindings }: Kernel): number[] {
	return bindings.map(([, , number], i) => number ?? i);
}

/** The layout of the first bind group, of step.wgsl. */
export function stepLayout(device: GPUDevice): GPUBindGroupLayout {
	return bufferLayout(device, 'step', ['uniform', 'storage', 'storage', 'storage'], {
		dynamicFirst: true
	});
}

/** Compiles a kernel for a first bind group of `layout`. Throws a GpuError. */
export async function compileKernel(
	device: GPUDevice,
	layout: GPUBindGroupLayout,
	kernel: Kernel
): Promise<CompiledKernel> {
	const { name, code, bindings } = kernel;
	const kinds = bindings.map(([, kind]) => kind);
	const own = bufferLayout(device, name, kinds, { numbers: bindingNumbers(kernel) });
	const pipeline = await computePipeline(device, { name, code, layouts: [layout, own] });
	return { kernel, pipeline, layout: own };
}
