/**
 * Runs one kernel alone on buffers that a test fills. Every buffer that the kernel may write and the test does not give
 * begins as a pattern that is not a number, so a kernel that writes nothing can't pass.
 */
import { filledBuffer, stagingBuffer, uniformBuffer } from '../../src/lib/gpu/buffers';
import { bufferGroup, checked } from '../../src/lib/gpu/pipelines';
import type { ModelConfig } from '../../src/lib/model/config';
import type { Sampling } from '../../src/lib/model/decoder';
import { frameLayout } from '../../src/lib/model/tokenFrame';
import { bindingNumbers, compileKernel, stepLayout } from '../../src/lib/model/wgsl/compileKernel';
import {
	activationsOf,
	cacheFloats,
	recordingFloats,
	residualFloats,
	type Activations
} from '../../src/lib/model/wgsl/constants';
import type { WeightFormat } from '../../src/lib/model/wgsl/form';
import type { Kernel, Resource } from '../../src/lib/model/wgsl/kernel';
import {
	VECTOR_BYTES,
	inputFloats,
	matrixBytes,
	vectorsOf
} from '../../src/lib/model/wgsl/matrixShapes';
import { sequenceWords } from '../../src/lib/model/wgsl/packConstraint';
import { packSteps, stepStride } from '../../src/lib/model/wgsl/packSteps';
import { packRows, type RowBlock } from '../../src/lib/model/wgsl/packWeights';

/** A quiet NaN that no computation makes. */
export const POISON = 0x7fc0dead;

type Words = Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
export type BufferName = Resource | 'activations' | 'sequence' | 'frames';

export interface KernelRun {
	config: ModelConfig;
	kernel: Kernel;
	/** whose buffers the kernel works on; default 0 */
	layer?: number;
	position?: number;
	forced?: number;
	sampling?: Sampling;
	/** contents; the others are poisoned */
	buffers: Partial<Record<BufferName, Words>>;
}

/** Runs the kernel and returns the contents of every buffer afterwards. Throws when WebGPU finds anything invalid. */
export async function runKernel(
	device: GPUDevice,
	{ config, kernel, layer = 0, position = 0, forced, sampling, buffers }: KernelRun
): Promise<(name: BufferName) => Float32Array> {
	return checked(device, kernel.name, async () => {
		const contents = new Map<BufferName, GPUBuffer>();
		const bufferOf = (name: BufferName): GPUBuffer => {
			const data = buffers[name] ?? new Uint32Array(sizeOf(name, config, layer)).fill(POISON);
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
		const layout = stepLayout(device);
		const { pipeline, layout: own } = await compileKernel(device, layout, kernel);
		const stepGroup = bufferGroup(device, 'step', layout, [
			{ buffer: uniformBuffer(device, 'steps', new Uint32Array(parameters)), size: stride },
			bufferOf('activations'),
			bufferOf('sequence'),
			bufferOf('frames')
		]);
		const bound = kernel.bindings.map(([name]) =>
			name === 'layer'
				? uniformBuffer(device, name, Uint32Array.of(layer, 0, 0, 0))
				: bufferOf(name)
		);
		const encoder = device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, stepGroup, [0]);
		pass.setBindGroup(1, bufferGroup(device, kernel.name, own, bound, bindingNumbers(kernel)));
		pass.dispatchWorkgroups(...kernel.workgroups);
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
	const result = new Float32Array(inputFloats(values.length));
	result.set(values);
	return result;
}

/** Packed rows as a buffer holds them, and the scales that int8 needs. */
export async function packed(
	blocks: readonly RowBlock[],
	shape: { rows: number; columns: number },
	format: WeightFormat
): Promise<{ words: Uint32Array<ArrayBuffer>; scales: Float32Array }> {
	const bytes = new Uint8Array(matrixBytes(shape, format));
	const scales = new Float32Array(shape.rows);
	const rowBytes = vectorsOf(shape.columns, format) * VECTOR_BYTES;
	await packRows(blocks, format, async (first, rows, rowScales) => {
		bytes.set(rows, first * rowBytes);
		if (rowScales) scales.set(rowScales, first);
	});
	return { words: new Uint32Array(bytes.buffer), scales };
}

/** Poisoned activations with some of them given, each at the place it has. */
export function activationsWith(
	config: ModelConfig,
	given: Partial<Record<Exclude<keyof Activations, 'size'>, ArrayLike<number>>>
): Float32Array<ArrayBuffer> {
	const places = activationsOf(config);
	const words = new Uint32Array(places.size).fill(POISON);
	const floats = new Float32Array(words.buffer);
	for (const [name, values] of Object.entries(given)) {
		floats.set(values, places[name as keyof typeof given]);
	}
	return floats;
}

function sizeOf(name: BufferName, config: ModelConfig, layer: number): number {
	const { hiddenSize, heads, headSize, intermediateSize } = config;
	switch (name) {
		case 'activations':
			return activationsOf(config).size;
		case 'sequence':
			return sequenceWords(config.vocabularySize);
		case 'frames':
			return frameLayout(config.layers, heads).stride;
		case 'normed':
			return inputFloats(hiddenSize);
		case 'mixed':
			return inputFloats(heads * headSize);
		case 'hidden':
			return inputFloats(intermediateSize);
		case 'keys':
		case 'values':
			return cacheFloats(config, layer);
		case 'recording':
			return recordingFloats(config, layer);
		case 'residuals':
			return residualFloats(config);
		case 'positions':
			return 4;
		default:
			throw new Error(`A test must give the contents of ${name}.`);
	}
}
