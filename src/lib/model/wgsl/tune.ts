/**
 * A short self-test at load: the forms that a kernel can have, timed on the model's own widest layer matrix, and compared
 * with one another. A form that computes something else than the plainest one is not taken, however fast.
 */
import { stagingBuffer, storageBuffer, uniformBuffer } from '../../gpu/buffers';
import { createMapRead } from '../../gpu/mapRead';
import { bufferGroup } from '../../gpu/pipelines';
import type { ModelConfig } from '../config';
import { frameLayout } from '../tokenFrame';
import { bindingNumbers, compileKernel, stepLayout } from './compileKernel';
import { activationsOf } from './constants';
import type { Form, KernelForm } from './form';
import type { Kernel, Resource } from './kernel';
import { layerKernels } from './kernels';
import { inputFloats, layerMatrices, layerVectors, matrixBytes } from './matrixShapes';
import { sequenceWords } from './packConstraint';
import { stepStride } from './packSteps';

export interface Adapter {
	readonly software: boolean;
	readonly subgroupSize: number;
}

/** A form and how long one multiplication took. */
export interface Timing {
	readonly form: Form;
	readonly milliseconds: number;
}

/** A measurement shorter than this says nothing. */
const SHORTEST_MILLISECONDS = 2;
const MOST_REPEATS = 1024;
const ROUNDS = 3;

/** How much faster than the favourite a form must be to be taken. */
const CLEARLY_FASTER = 1.25;

/**
 * The forms worth trying on an adapter, from the plainest to the one that most adapters like best. Emulated adapters have
 * one: their barriers cost too much, and handing values around gains nothing.
 */
export function candidateForms({ software, subgroupSize }: Adapter): Form[] {
	const forms: Form[] = [{ kind: 'rows' }];
	if (software) return forms;
	forms.push({ kind: 'workgroup', lanes: 32 }, { kind: 'workgroup', lanes: 8 });
	const largest = Math.min(32, 2 ** Math.floor(Math.log2(subgroupSize)));
	if (largest >= 4 && largest !== 8) forms.push({ kind: 'subgroup', lanes: largest });
	if (largest >= 8) forms.push({ kind: 'subgroup', lanes: 8 });
	return forms;
}

/**
 * A fast form on this device: the favourite of those that work, unless another is clearly faster, so that the choice, and
 * with it the rounding of every sum, is the same from load to load. Throws a GpuError when a kernel does not compile.
 */
export async function chooseForm(
	device: GPUDevice,
	config: ModelConfig,
	base: Omit<KernelForm, 'form'>,
	adapter: Adapter
): Promise<Form> {
	const forms = candidateForms(adapter);
	if (forms.length === 1) return forms[0]!;
	return preferred(await timeForms(device, config, base, forms));
}

/** Of forms in the order of candidateForms. */
export function preferred(timings: readonly Timing[]): Form {
	const favourite = timings.at(-1)!;
	const fastest = timings.reduce((best, next) =>
		next.milliseconds < best.milliseconds ? next : best
	);
	const isClear = fastest.milliseconds * CLEARLY_FASTER < favourite.milliseconds;
	return (isClear ? fastest : favourite).form;
}

/** Times forms on random weights of the model's shape. Those that do not agree with the first are left out. */
export async function timeForms(
	device: GPUDevice,
	config: ModelConfig,
	base: Omit<KernelForm, 'form'>,
	forms: readonly Form[]
): Promise<Timing[]> {
	const bench = createBench(device, config, base.weights);
	try {
		const runs = await Promise.all(
			forms.map(async (form) => {
				const run = await bench.prepare(wideKernel(config, { ...base, form }));
				return { form, run, milliseconds: Infinity };
			})
		);
		const agreeing: typeof runs = [];
		let expected: Float32Array | null = null;
		for (const candidate of runs) {
			const { result } = await candidate.run(1);
			expected ??= result;
			if (agree(result, expected)) agreeing.push(candidate);
		}
		let repeats = 1;
		while (
			repeats < MOST_REPEATS &&
			(await runs[0]!.run(repeats)).milliseconds < SHORTEST_MILLISECONDS
		) {
			repeats *= 4;
		}
		for (let round = 0; round < ROUNDS; round++) {
			for (const candidate of agreeing) {
				const { milliseconds } = await candidate.run(repeats);
				candidate.milliseconds = Math.min(candidate.milliseconds, milliseconds / repeats);
			}
		}
		return agreeing.map(({ form, milliseconds }) => ({ form, milliseconds }));
	} finally {
		bench.dispose();
	}
}

/** The wide half of the first layer's MLP: the largest matrix of a layer. */
function wideKernel(config: ModelConfig, form: KernelForm): Kernel {
	const kernels = layerKernels(config, form, { frames: false, recording: false }, 0);
	return kernels.find(({ name }) => name === 'mlp.wgsl')!;
}

interface Run {
	readonly milliseconds: number;
	/** the hidden units */
	readonly result: Float32Array;
}

/** Within the rounding of f32 sums in another order. */
function agree(a: Float32Array, b: Float32Array): boolean {
	const size = Math.max(...b.map(Math.abs));
	return a.every((value, i) => Math.abs(value - b[i]!) <= 1e-4 * size);
}

/** Buffers of the model's shape with random contents, and kernels to run on them. */
function createBench(device: GPUDevice, config: ModelConfig, format: KernelForm['weights']) {
	const owned: GPUBuffer[] = [];
	const own = (buffer: GPUBuffer): GPUBuffer => {
		owned.push(buffer);
		return buffer;
	};
	const words = (name: string, count: number, data?: Uint32Array<ArrayBuffer>): GPUBuffer => {
		const buffer = own(storageBuffer(device, name, count * 4));
		if (data) device.queue.writeBuffer(buffer, 0, data);
		return buffer;
	};
	const shape = layerMatrices(config).mlp;
	const matrixWords = matrixBytes(shape, format) / 4;
	const activationWords = activationsOf(config).size;
	const vectorWords = layerVectors(config, format).size;
	const hidden = words('hidden', inputFloats(config.intermediateSize));
	const buffers: Partial<Record<Resource, GPUBuffer>> = {
		mlp: words('matrix', matrixWords, randomWeights(matrixWords)),
		vectors: words('vectors', vectorWords, smallFloats(vectorWords)),
		normed: words('normed', inputFloats(config.hiddenSize), smallFloats(config.hiddenSize)),
		layer: own(uniformBuffer(device, 'layer', Uint32Array.of(0, 0, 0, 0))),
		residuals: words('residuals', 4),
		hidden
	};
	const layout = stepLayout(device);
	const stride = stepStride(config, device.limits.minUniformBufferOffsetAlignment);
	const stepGroup = bufferGroup(device, 'step', layout, [
		own(device.createBuffer({ label: 'steps', size: stride, usage: GPUBufferUsage.UNIFORM })),
		words('activations', activationWords, smallFloats(activationWords)),
		words('sequence', sequenceWords(config.vocabularySize)),
		words('frames', frameLayout(config.layers, config.heads).stride)
	]);
	const staging = own(stagingBuffer(device, 'result', hidden.size));
	const mapRead = createMapRead(device);

	return {
		/** Compiles a kernel; what is returned runs it a number of times. */
		async prepare(kernel: Kernel): Promise<(repeats: number) => Promise<Run>> {
			const { pipeline, layout: own } = await compileKernel(device, layout, kernel);
			const bound = kernel.bindings.map(([name]) => buffers[name]!);
			const group = bufferGroup(device, 'tune', own, bound, bindingNumbers(kernel));
			return async (repeats) => {
				const began = performance.now();
				const encoder = device.createCommandEncoder();
				encoder.clearBuffer(hidden);
				const pass = encoder.beginComputePass();
				pass.setPipeline(pipeline);
				pass.setBindGroup(0, stepGroup, [0]);
				pass.setBindGroup(1, group);
				for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(...kernel.workgroups);
				pass.end();
				encoder.copyBufferToBuffer(hidden, 0, staging, 0, hidden.size);
				device.queue.submit([encoder.finish()]);
				const result = await mapRead(
					staging,
					hidden.size,
					(bytes) => new Float32Array(bytes.slice(0))
				);
				return { milliseconds: performance.now() - began, result };
			};
		},
		dispose() {
			for (const buffer of owned) buffer.destroy();
		}
	};
}

/** Bits that are ordinary weights in either format: small f16 numbers of either sign. */
function randomWeights(words: number): Uint32Array<ArrayBuffer> {
	const data = new Uint32Array(words);
	for (let i = 0; i < words; i++) data[i] = (Math.imul(i + 1, 0x9e3779b1) & 0xa7ffa7ff) >>> 0;
	return data;
}

function smallFloats(count: number): Uint32Array<ArrayBuffer> {
	const floats = Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1));
	return new Uint32Array(floats.buffer);
}
