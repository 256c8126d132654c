/**
 * Everything on the GPU that a decoder needs, made once: buffers, pipelines, bind groups, and the encoding of a batch of
 * steps into one compute pass. It knows the order of the kernels; what they compute stands in `shaders/decode`.
 */
import { filledBuffer, storageBuffer, uniformBuffer } from '../../gpu/buffers';
import { bufferGroup, bufferLayout, computePipeline } from '../../gpu/pipelines';
import type { ModelConfig } from '../config';
import { cacheCapacity } from '../sequence';
import { frameLayout } from '../tokenFrame';
import type { TokenGrammar } from '../tokenGrammar';
import type { ModelWeights } from '../weights';
import { VECTOR, activationsOf, vectorsOf } from './constants';
import { stepKernels, type Kernel, type KernelVariant, type Resource } from './kernels';
import { SEQUENCE_WORDS, packGrammar } from './packConstraint';
import { stepStride } from './packSteps';
import { packEmbedding, packHead, packLayer } from './packWeights';

export interface StepProgram {
	/** bytes from one step's parameters to the next in `steps` */
	readonly stepStride: number;
	readonly steps: GPUBuffer;
	readonly sequence: GPUBuffer;
	/** one frame for each step of a submit */
	readonly frames: GPUBuffer;
	/** for tests to look at; `activationsOf` says where each lies */
	readonly activations: GPUBuffer;
	/** What the next samples are bound by. Buffers are made anew only when the sizes change. */
	constrain(grammar: TokenGrammar, bias: Float32Array<ArrayBuffer>): void;
	/** Encodes `count` steps that end by taking given tokens or by sampling. */
	encode(encoder: GPUCommandEncoder, count: number, ending: 'take' | 'sample'): void;
	dispose(): void;
}

/** A kernel that was compiled, and its second bind group's layout. */
interface Compiled {
	readonly kernel: Kernel;
	readonly pipeline: GPUComputePipeline;
	readonly layout: GPUBindGroupLayout;
}

/** A kernel with the buffers that it runs on. */
interface Bound {
	readonly pipeline: GPUComputePipeline;
	readonly workgroups: number;
	readonly group: GPUBindGroup;
}

type Resources = Partial<Record<Resource, GPUBuffer>>;

/** Uploads the weights and compiles the kernels. Throws a GpuError or ModelFileError. */
export async function createStepProgram(
	device: GPUDevice,
	config: ModelConfig,
	weights: ModelWeights,
	variant: KernelVariant,
	stepsPerSubmit: number
): Promise<StepProgram> {
	const stepLayout = bufferLayout(
		device,
		'step',
		['read-only-storage', 'storage', 'storage', 'storage'],
		true
	);
	const compile = async (kernel: Kernel): Promise<Compiled> => {
		const { name, code, bindings } = kernel;
		const kinds = bindings.map(([, kind]) => kind);
		const layout = bufferLayout(device, name, kinds);
		const pipeline = await computePipeline(device, { name, code, layouts: [stepLayout, layout] });
		return { kernel, pipeline, layout };
	};
	const kernels = stepKernels(config, variant);
	const [embedKernel, layerKernels, logitsKernel, describeKernel, takeKernel, sampleKernel] =
		await Promise.all([
			compile(kernels.embed),
			Promise.all(kernels.layer.map(compile)),
			compile(kernels.logits),
			compile(kernels.describe),
			compile(kernels.take),
			compile(kernels.sample)
		]);

	const owned: GPUBuffer[] = [];
	const own = (buffer: GPUBuffer): GPUBuffer => {
		owned.push(buffer);
		return buffer;
	};
	const zeros = (name: string, bytes: number) => own(storageBuffer(device, name, bytes));
	/** a vector that matrices are multiplied with, padded with zeros */
	const input = (name: string, size: number) => zeros(name, vectorsOf(size) * VECTOR * 4);

	const stride = stepStride(config, device.limits.minStorageBufferOffsetAlignment);
	const frameBytes = frameLayout(config.layers, config.heads).stride * 4;
	const steps = zeros('steps', stride * stepsPerSubmit);
	const activations = zeros('activations', activationsOf(config).size * 4);
	const sequence = zeros('sequence', SEQUENCE_WORDS * 4);
	const frames = zeros('frames', frameBytes * stepsPerSubmit);
	const stepGroup = bufferGroup(device, 'step', stepLayout, [
		{ buffer: steps, size: stride },
		activations,
		sequence,
		frames
	]);

	const shared: Resources = {
		normed: input('normed', config.hiddenSize),
		mixed: input('mixed', config.heads * config.headSize),
		hidden: input('hidden', config.intermediateSize)
	};
	const bind = ({ kernel, pipeline, layout }: Compiled, resources: Resources): Bound => {
		const buffers = kernel.bindings.map(([name]) => {
			const buffer = resources[name] ?? shared[name];
			if (!buffer) throw new Error(`${kernel.name} binds ${name}, and nobody made it.`);
			return buffer;
		});
		const group = bufferGroup(device, kernel.name, layout, buffers);
		return { pipeline, workgroups: kernel.workgroups, group };
	};

	const embedding = own(filledBuffer(device, 'embedding', packEmbedding(config, weights)));
	const head = config.tiedEmbeddings
		? embedding
		: own(filledBuffer(device, 'head', packHead(config, weights)));
	const cacheBytes =
		config.keyValueHeads * cacheCapacity(config.slidingWindow) * config.headSize * 4;
	const before = [bind(embedKernel, { matrix: embedding })];
	for (let i = 0; i < config.layers; i++) {
		const resources: Resources = {
			weights: own(filledBuffer(device, `weights ${i}`, packLayer(config, weights, i))),
			keys: zeros(`keys ${i}`, cacheBytes),
			values: zeros(`values ${i}`, cacheBytes),
			layer: own(uniformBuffer(device, `layer ${i}`, Uint32Array.of(i, 0, 0, 0)))
		};
		before.push(...layerKernels.map((kernel) => bind(kernel, resources)));
	}
	before.push(bind(logitsKernel, { matrix: head }), bind(describeKernel, {}));
	const take = bind(takeKernel, {});

	let constraint: { grammar: GPUBuffer; bias: GPUBuffer; sample: Bound } | null = null;
	let constrainedBy: TokenGrammar | null = null;

	function constrain(grammar: TokenGrammar, bias: Float32Array<ArrayBuffer>): void {
		const packed = grammar === constrainedBy ? null : packGrammar(grammar);
		constrainedBy = grammar;
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
			grammar: filledBuffer(device, 'grammar', packed ?? packGrammar(grammar)),
			bias: filledBuffer(device, 'bias', bias)
		};
		constraint = { ...resources, sample: bind(sampleKernel, resources) };
	}

	function encode(encoder: GPUCommandEncoder, count: number, ending: 'take' | 'sample'): void {
		const last = ending === 'take' ? take : constraint?.sample;
		if (!last) throw new Error('Sampling needs a constraint first.');
		const pass = encoder.beginComputePass({ label: `${count} steps` });
		for (let i = 0; i < count; i++) {
			pass.setBindGroup(0, stepGroup, [i * stride]);
			for (const { pipeline, workgroups, group } of [...before, last]) {
				pass.setPipeline(pipeline);
				pass.setBindGroup(1, group);
				pass.dispatchWorkgroups(workgroups);
			}
		}
		pass.end();
	}

	return {
		stepStride: stride,
		steps,
		sequence,
		frames,
		activations,
		constrain,
		encode,
		dispose() {
			for (const buffer of owned) buffer.destroy();
			constraint?.grammar.destroy();
			constraint?.bias.destroy();
		}
	};
}
