/**
 * Runs one kernel alone on buffers that a test fills. Every buffer that the kernel may write and the test does not give
 * begins as a pattern that is not a number, so a kernel that writes nothing can't pass.
 */
import { filledBuffer, stagingBuffer } from '../../src/lib/gpu/buffers';
import { bufferGroup, bufferLayout, checked, computePipeline } from '../../src/lib/gpu/pipelines';
import type { ModelConfig } from '../../src/lib/model/config';
import { frameLayout } from '../../src/lib/model/tokenFrame';
import { activationsOf, vectorsOf } from '../../src/lib/model/wgsl/constants';
import type { Kernel, Resource } from '../../src/lib/model/wgsl/kernels';
import { SEQUENCE_WORDS } from '../../src/lib/model/wgsl/packConstraint';
import { packSteps, stepStride } from '../../src/lib/model/wgsl/packSteps';
import { cacheCapacity } from '../../src/lib/model/sequence';
import type { Sampling } from '../../src/lib/model/decoder';

/** A quiet NaN that no computation makes. */
export const POISON = 0x7fc0dead;

type Words = Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
export type BufferName = Resource | 'activations' | 'sequence' | 'frames';

export interface KernelRun {
	config: ModelConfig;
	kernel: Kernel;
	position?: number;
	forced?: number;
	sampling?: Sampling;
	/** contents; the others are poisoned */
	buffers: Partial<Record<BufferName, Words>>;
}

/** Runs the kernel and returns the contents of every buffer afterwards. Throws when WebGPU finds anything invalid. */
export async function runKernel(
	device: GPUDevice,
	{ config, kernel, position = 0, forced, sampling, buffers }: KernelRun
): Promise<(name: BufferName) => Float32Array> {
	return checked(device, kernel.name, async () => {
		const contents = new Map<BufferName, GPUBuffer>();
		const bufferOf = (name: BufferName): GPUBuffer => {
			const data = buffers[name] ?? new Uint32Array(sizeOf(name, config)).fill(POISON);
			const buffer = filledBuffer(device, name, data);
			contents.set(name, buffer);
			return buffer;
		};
		const stride = stepStride(config, 256);
		const parameters = packSteps(
			config,
			{
				position,
				count: 1,
				forced: forced === undefined ? [] : [forced],
				sampling: sampling ?? { temperature: 1, topP: 1, minP: 0, seed: 0 }
			},
			stride
		);
		const kinds = kernel.bindings.map(([, kind]) => kind);
		const layouts = [
			bufferLayout(device, 'step', ['read-only-storage', 'storage', 'storage', 'storage'], true),
			bufferLayout(device, kernel.name, kinds)
		] as const;
		const pipeline = await computePipeline(device, { ...kernel, layouts });
		const groups = [
			bufferGroup(device, 'step', layouts[0], [
				filledBuffer(device, 'steps', new Uint32Array(parameters)),
				bufferOf('activations'),
				bufferOf('sequence'),
				bufferOf('frames')
			]),
			bufferGroup(
				device,
				kernel.name,
				layouts[1],
				kernel.bindings.map(([name, kind]) =>
					kind === 'uniform' ? layerUniform(device, buffers[name]) : bufferOf(name)
				)
			)
		] as const;
		const encoder = device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, groups[0], [0]);
		pass.setBindGroup(1, groups[1]);
		pass.dispatchWorkgroups(kernel.workgroups);
		pass.end();
		device.queue.submit([encoder.finish()]);
		const results = new Map<BufferName, Float32Array>();
		for (const [name, buffer] of contents) results.set(name, await readBack(device, buffer));
		return (name) => {
			const result = results.get(name);
			if (!result) throw new Error(`${kernel.name} does not bind ${name}.`);
			return result;
		};
	});
}

/** The contents of a storage buffer. */
export async function readBack(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
	const staging = stagingBuffer(device, 'result', buffer.size);
	const encoder = device.createCommandEncoder();
	encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
	device.queue.submit([encoder.finish()]);
	await staging.mapAsync(GPUMapMode.READ);
	const copy = new Float32Array(staging.getMappedRange().slice(0));
	staging.destroy();
	return copy;
}

/** Values padded with zeros to whole vectors, as kernels expect their inputs. */
export function padded(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
	const result = new Float32Array(vectorsOf(values.length) * 8);
	result.set(values);
	return result;
}

/** Poisoned activations with some of them given, each at the place it has. */
export function activationsWith(
	config: ModelConfig,
	given: Partial<Record<'residual' | 'query' | 'update' | 'logits', ArrayLike<number>>>
): Float32Array<ArrayBuffer> {
	const places = activationsOf(config);
	const words = new Uint32Array(places.size).fill(POISON);
	const floats = new Float32Array(words.buffer);
	for (const name of ['residual', 'query', 'update', 'logits'] as const) {
		const values = given[name];
		if (values) floats.set(values, places[name]);
	}
	return floats;
}

function sizeOf(name: BufferName, config: ModelConfig): number {
	const { hiddenSize, heads, headSize, intermediateSize, keyValueHeads, slidingWindow } = config;
	switch (name) {
		case 'activations':
			return activationsOf(config).size;
		case 'sequence':
			return SEQUENCE_WORDS;
		case 'frames':
			return frameLayout(config.layers, heads).stride;
		case 'normed':
			return vectorsOf(hiddenSize) * 8;
		case 'mixed':
			return vectorsOf(heads * headSize) * 8;
		case 'hidden':
			return vectorsOf(intermediateSize) * 8;
		case 'keys':
		case 'values':
			return keyValueHeads * headSize * cacheCapacity(slidingWindow);
		default:
			throw new Error(`A test must give the contents of ${name}.`);
	}
}

function layerUniform(device: GPUDevice, data: Words | undefined): GPUBuffer {
	const buffer = device.createBuffer({
		size: 16,
		usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
	});
	device.queue.writeBuffer(buffer, 0, data ?? Uint32Array.of(0, 0, 0, 0));
	return buffer;
}
