/** Compute pipelines, compiled in the background, and errors that name the kernel and the line. */
import { GpuError } from './device';

export interface ComputeKernel {
	/** the file it is in, for errors */
	readonly name: string;
	/** WGSL with an entry point `main` */
	readonly code: string;
	readonly layouts: readonly GPUBindGroupLayout[];
}

/** Compiles a kernel. Throws a GpuError with the compiler's complaint and the line it is about. */
export async function computePipeline(
	device: GPUDevice,
	{ name, code, layouts }: ComputeKernel
): Promise<GPUComputePipeline> {
	const module = device.createShaderModule({ label: name, code });
	const complaints = (await module.getCompilationInfo()).messages.filter(
		({ type }) => type === 'error'
	);
	const [first] = complaints;
	if (first) {
		const line = code.split('\n')[first.lineNum - 1]?.trim() ?? '';
		throw new GpuError(
			`The kernel ${name} does not compile on this graphics driver: ${first.message} (near "${line}"). Update the browser, or go on with the CPU.`
		);
	}
	try {
		return await device.createComputePipelineAsync({
			label: name,
			layout: device.createPipelineLayout({ label: name, bindGroupLayouts: [...layouts] }),
			compute: { module, entryPoint: 'main' }
		});
	} catch (error) {
		throw new GpuError(
			`The kernel ${name} can't run on this graphics driver: ${messageOf(error)}. Update the browser, or go on with the CPU.`,
			{ cause: error }
		);
	}
}

/** What a binding of a compute kernel is. */
export type BindingKind = 'read-only-storage' | 'storage' | 'uniform';

/** A layout of buffers; the first takes a dynamic offset where `dynamicFirst` is set. */
export function bufferLayout(
	device: GPUDevice,
	label: string,
	kinds: readonly BindingKind[],
	{ dynamicFirst = false, numbers }: { dynamicFirst?: boolean; numbers?: readonly number[] } = {}
): GPUBindGroupLayout {
	return device.createBindGroupLayout({
		label,
		entries: kinds.map((type, i) => ({
			binding: numbers?.[i] ?? i,
			visibility: GPUShaderStage.COMPUTE,
			buffer: { type, hasDynamicOffset: dynamicFirst && i === 0 }
		}))
	});
}

/** A group of whole buffers, or of parts of them, with the `numbers` of its layout: by default from 0 on. */
export function bufferGroup(
	device: GPUDevice,
	label: string,
	layout: GPUBindGroupLayout,
	buffers: readonly (GPUBuffer | GPUBufferBinding)[],
	numbers?: readonly number[]
): GPUBindGroup {
	return device.createBindGroup({
		label,
		layout,
		entries: buffers.map((buffer, i) => ({
			binding: numbers?.[i] ?? i,
			resource: 'buffer' in buffer ? buffer : { buffer }
		}))
	});
}

/**
 * Runs `create` and reports what WebGPU would only have logged: invalid use, and memory that is not there. `what` is
 * being made, for the error. Throws a GpuError, or what `create` throws.
 */
export async function checked<T>(
	device: GPUDevice,
	what: string,
	create: () => Promise<T>
): Promise<T> {
	device.pushErrorScope('validation');
	device.pushErrorScope('out-of-memory');
	let result: T | undefined;
	let thrown: unknown;
	try {
		result = await create();
	} catch (error) {
		thrown = error;
	}
	const memory = await device.popErrorScope();
	const validation = await device.popErrorScope();
	if (memory) {
		throw new GpuError(
			`The graphics card has no memory left for ${what}. Close other pages and programs that use it, or go on with the CPU.`
		);
	}
	if (thrown !== undefined) throw thrown;
	if (validation) {
		throw new GpuError(
			`The graphics driver refused ${what}: ${validation.message}. Update the browser, or go on with the CPU.`
		);
	}
	return result as T;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
