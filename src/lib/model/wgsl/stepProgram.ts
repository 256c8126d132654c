/**
 * Everything on the GPU that one sequence needs, made once: buffers, bind groups, and the encoding of a batch of steps
 * into one compute pass. Weights and kernels belong to the model.
 */
import { filledBuffer, storageBuffer } from '../../gpu/buffers';
import { bufferGroup } from '../../gpu/pipelines';
import type { ModelConfig } from '../config';
import type { Constraint } from '../decoder';
import { frameLayout } from '../tokenFrame';
import { bindingNumbers, type CompiledKernel } from './compileKernel';
import {
	activationsOf,
	cacheFloats,
	recordingFloats,
	residualFloats,
	type KernelOptions
} from './constants';
import { endingKernels, type Ending } from './endingKernels';
import type { KernelForm } from './form';
import type { GpuWeights } from './gpuWeights';
import type { Kernel, Resource } from './kernel';
import { forwardDispatches } from './kernels';
import { inputFloats } from './matrixShapes';
import { packGrammar, sequenceWords } from './packConstraint';
import { stepStride } from './packSteps';

export interface StepProgram {
	/** bytes from one step's parameters to the next in `steps` */
	readonly stepStride: number;
	readonly steps: GPUBuffer;
	readonly sequence: GPUBuffer;
	/** one frame for each step of a submit */
	readonly frames: GPUBuffer;
	/** words of a frame: the whole of it, or what stands in front of its alternatives where nobody wants frames */
	readonly frameWords: number;
	/** `activationsOf` says where each lies */
	readonly activations: GPUBuffer;
	/** of each layer */
	readonly keys: readonly GPUBuffer[];
	readonly values: readonly GPUBuffer[];
	/** of each layer, for the inspector; null without recording */
	readonly recordings: readonly GPUBuffer[] | null;
	readonly residuals: GPUBuffer | null;
	/** What the next samples are bound by. Buffers are made anew only when the sizes change. */
	constrain(constraint: Pick<Constraint, 'grammar' | 'bias' | 'stateTemperature'>): void;
	/** Encodes `count` steps that end by taking given tokens or by sampling. */
	encode(encoder: GPUCommandEncoder, count: number, ending: Ending): void;
	dispose(): void;
}

/** What the programs of a model share. */
export interface ProgramParts {
	readonly device: GPUDevice;
	readonly config: ModelConfig;
	readonly form: KernelForm;
	readonly weights: GpuWeights;
	readonly stepsPerSubmit: number;
	/** of the first bind group */
	readonly layout: GPUBindGroupLayout;
	compile(kernel: Kernel): Promise<CompiledKernel>;
}

/** A kernel with the buffers that it runs on. */
interface Bound {
	readonly pipeline: GPUComputePipeline;
	readonly workgroups: readonly [number, number];
	readonly group: GPUBindGroup;
}

type Buffers = Partial<Record<Resource, GPUBuffer>>;

/** Words of a buffer that stands where nothing is recorded. */
const UNUSED_WORDS = 4;

export async function createStepProgram(
	parts: ProgramParts,
	options: KernelOptions
): Promise<StepProgram> {
	const { device, config, form, weights, stepsPerSubmit, layout, compile } = parts;
	const { reduction } = form;
	const dispatches = forwardDispatches(config, form, options);
	const endings = endingKernels(config, { ...options, reduction });
	const [forwardKernels, takeKernel, sampleKernel] = await Promise.all([
		Promise.all(dispatches.map(({ kernel }) => compile(kernel))),
		compile(endings.take),
		compile(endings.sample)
	]);

	const owned: GPUBuffer[] = [];
	const zeros = (name: string, words: number): GPUBuffer => {
		const buffer = storageBuffer(device, name, words * 4);
		owned.push(buffer);
		return buffer;
	};
	const eachLayer = (name: string, words: (layer: number) => number): GPUBuffer[] =>
		weights.layers.map((_, layer) => zeros(`${name} ${layer}`, words(layer)));

	const stride = stepStride(config, device.limits.minUniformBufferOffsetAlignment);
	const frame = frameLayout(config.layers, config.heads);
	const frameWords = options.frames ? frame.stride : frame.alternativeTokens;
	const steps = device.createBuffer({
		label: 'steps',
		size: stride * stepsPerSubmit,
		usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
	});
	owned.push(steps);
	const activations = zeros('activations', activationsOf(config).size);
	const sequence = zeros('sequence', sequenceWords(config.vocabularySize));
	const frames = zeros('frames', frameWords * stepsPerSubmit);
	const stepGroup = bufferGroup(device, 'step', layout, [
		{ buffer: steps, size: stride },
		activations,
		sequence,
		frames
	]);

	const keys = eachLayer('keys', (layer) => cacheFloats(config, layer));
	const values = eachLayer('values', (layer) => cacheFloats(config, layer));
	const recordings = eachLayer('recording', (layer) =>
		options.recording ? recordingFloats(config, layer) : UNUSED_WORDS
	);
	const residuals = zeros('residuals', options.recording ? residualFloats(config) : UNUSED_WORDS);
	const shared: Buffers = {
		normed: zeros('normed', inputFloats(config.hiddenSize)),
		mixed: zeros('mixed', inputFloats(config.heads * config.headSize)),
		hidden: zeros('hidden', inputFloats(config.intermediateSize)),
		positions: weights.positions,
		residuals
	};
	const buffersOf = (layer: number, part: number): Buffers => {
		const own = weights.layers[layer];
		return own
			? { ...own, keys: keys[layer]!, values: values[layer]!, recording: recordings[layer]! }
			: { ...weights.outer, embedding: weights.embedding[part]!, head: weights.head[part]! };
	};
	const bind = ({ kernel, pipeline, layout: own }: CompiledKernel, buffers: Buffers): Bound => {
		const bound = kernel.bindings.map(([name]) => {
			const buffer = buffers[name] ?? shared[name];
			if (!buffer) throw new Error(`${kernel.name} binds ${name}, and nobody made it.`);
			return buffer;
		});
		const group = bufferGroup(device, kernel.name, own, bound, bindingNumbers(kernel));
		return { pipeline, workgroups: kernel.workgroups, group };
	};

	const forward = dispatches.map(({ layer, part }, i) =>
		bind(forwardKernels[i]!, buffersOf(layer, part))
	);
	const take = bind(takeKernel, {});
	let constraint: { grammar: GPUBuffer; bias: GPUBuffer; sample: Bound } | null = null;
	let constrainedBy: Pick<Constraint, 'grammar' | 'stateTemperature'> | null = null;

	function constrain(asked: Pick<Constraint, 'grammar' | 'bias' | 'stateTemperature'>): void {
		const { grammar, stateTemperature } = asked;
		const bias = asked.bias.slice();
		const isPacked =
			grammar === constrainedBy?.grammar && stateTemperature === constrainedBy.stateTemperature;
		const packed = isPacked ? null : packGrammar(grammar, stateTemperature);
		constrainedBy = asked;
		const fits =
			constraint?.bias.size === bias.byteLength &&
			(!packed || constraint.grammar.size === packed.byteLength);
		if (constraint && fits) {
			if (packed) device.queue.writeBuffer(constraint.grammar, 0, packed);
			device.queue.writeBuffer(constraint.bias, 0, bias);
			return;
		}
		constraint?.grammar.destroy();
		constraint?.bias.destroy();
		const resources = {
			grammar: filledBuffer(device, 'grammar', packed ?? packGrammar(grammar, stateTemperature)),
			bias: filledBuffer(device, 'bias', bias)
		};
		constraint = { ...resources, sample: bind(sampleKernel, resources) };
	}

	function encode(encoder: GPUCommandEncoder, count: number, ending: Ending): void {
		const last = ending === 'take' ? take : constraint?.sample;
		if (!last) throw new Error('Sampling needs a constraint first.');
		const step = [...forward, last];
		const pass = encoder.beginComputePass({ label: `${count} steps` });
		for (let i = 0; i < count; i++) {
			pass.setBindGroup(0, stepGroup, [i * stride]);
			for (const { pipeline, workgroups, group } of step) {
				pass.setPipeline(pipeline);
				pass.setBindGroup(1, group);
				pass.dispatchWorkgroups(...workgroups);
			}
		}
		pass.end();
	}

	return {
		stepStride: stride,
		steps,
		sequence,
		frames,
		frameWords,
		activations,
		keys,
		values,
		recordings: options.recording ? recordings : null,
		residuals: options.recording ? residuals : null,
		constrain,
		encode,
		dispose() {
			for (const buffer of owned) buffer.destroy();
			constraint?.grammar.destroy();
			constraint?.bias.destroy();
		}
	};
}
