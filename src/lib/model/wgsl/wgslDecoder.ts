/**
 * The Decoder on WebGPU. Several steps go into one submit, sampling included, and come back as one slab of frames, so
 * waiting for the GPU costs once per submit and not once per token.
 */
import type { GpuDevice } from '../../gpu/device';
import { createLossGuard } from '../../gpu/deviceLoss';
import { stagingBuffer } from '../../gpu/buffers';
import { checked } from '../../gpu/pipelines';
import { ModelFileError, type ModelConfig } from '../config';
import { DeviceLostError, type Constraint, type Decoder, type Sampling } from '../decoder';
import type { LoadedModel } from '../loadModel';
import { requireSampling } from '../sampling';
import { Sequence, TRUNCATION_LIMIT, requireTokens } from '../sequence';
import { NONE, createFrameSlab, frameLayout, type FrameSlab } from '../tokenFrame';
import type { GrammarState } from '../tokenGrammar';
import { frameWords, writeUnpredicted } from '../writeFrame';
import { firstNormOf, layerPlanOf } from './constants';
import type { KernelVariant } from './kernels';
import { packSequence } from './packConstraint';
import { packSteps } from './packSteps';
import { createStepProgram } from './stepProgram';

export interface WgslDecoderOptions {
	/** default: `rows` on emulated adapters, `workgroup` on graphics cards */
	variant?: KernelVariant;
	/** default 8 */
	stepsPerSubmit?: number;
}

/** Submits that may be under way at once; each has memory of its own to come back to. */
const SUBMITS_IN_FLIGHT = 3;

/** What the sampling kernel and the attention kernel hold in workgroup memory. */
const LARGEST_VOCABULARY = 2048;
const LARGEST_WINDOW = 2560;

/** Given tokens are not sampled; these values are never used. */
const NO_SAMPLING: Sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };

/**
 * A decoder with an empty sequence on `gpu`, which stays the caller's to destroy.
 * Throws a ModelFileError when the model does not fit these kernels, a GpuError when the driver refuses them.
 */
export async function createWgslDecoder(
	gpu: GpuDevice,
	{ config, weights }: Pick<LoadedModel, 'config' | 'weights'>,
	options: WgslDecoderOptions = {}
): Promise<Decoder> {
	const { device, name, software } = gpu;
	const variant = options.variant ?? (software ? 'rows' : 'workgroup');
	const stepsPerSubmit = options.stepsPerSubmit ?? 8;
	requireFit(config, device.limits);
	const { guard } = createLossGuard(
		device,
		({ message }) =>
			new DeviceLostError(
				`The graphics device was lost${message ? ` (${message})` : ''}, and with it what the model had read. Make a new decoder and prefill it again.`
			)
	);
	const layout = frameLayout(config.layers, config.heads);
	const program = await guard(
		checked(device, 'the model', () =>
			createStepProgram(device, config, weights, variant, stepsPerSubmit)
		)
	);
	const stagings = Array.from({ length: SUBMITS_IN_FLIGHT }, (_, i) =>
		stagingBuffer(device, `frames ${i}`, stepsPerSubmit * layout.stride * 4)
	);
	const sequence = new Sequence(config.slidingWindow);
	let busy = false;
	let disposed = false;

	/**
	 * Runs `count` steps from `position` on and returns their frames from `first` on in `slab`. Steps follow one another
	 * on the GPU, so submits need not wait for the frames of those before them.
	 */
	async function steps(
		slab: FrameSlab,
		first: number,
		position: number,
		forced: readonly number[] | null,
		sampling: Sampling
	): Promise<void> {
		const count = slab.count - first;
		const reads: Promise<void>[] = [];
		try {
			for (let done = 0; done < count; done += stepsPerSubmit) {
				const batch = Math.min(stepsPerSubmit, count - done);
				const submit = reads.length;
				if (submit >= SUBMITS_IN_FLIGHT) await reads[submit - SUBMITS_IN_FLIGHT];
				if (disposed) throw disposedWhileWriting();
				const parameters = packSteps(
					config,
					{
						position: position + done,
						count: batch,
						forced: forced?.slice(done, done + batch) ?? [],
						sampling
					},
					program.stepStride
				);
				const staging = stagings[submit % SUBMITS_IN_FLIGHT]!;
				const bytes = batch * layout.stride * 4;
				device.queue.writeBuffer(program.steps, 0, parameters);
				const encoder = device.createCommandEncoder();
				program.encode(encoder, batch, forced ? 'take' : 'sample');
				encoder.copyBufferToBuffer(program.frames, 0, staging, 0, bytes);
				device.queue.submit([encoder.finish()]);
				reads.push(guard(read(staging, bytes, slab, first + done)));
			}
		} finally {
			const results = await Promise.allSettled(reads);
			for (const result of results) if (result.status === 'rejected') throwFailure(result.reason);
		}
	}

	async function read(
		staging: GPUBuffer,
		bytes: number,
		slab: FrameSlab,
		firstFrame: number
	): Promise<void> {
		await staging.mapAsync(GPUMapMode.READ, 0, bytes);
		const frames = new Uint32Array(staging.getMappedRange(0, bytes));
		new Uint32Array(slab.buffer, firstFrame * layout.stride * 4, frames.length).set(frames);
		staging.unmap();
	}

	function throwFailure(reason: unknown): never {
		throw disposed ? disposedWhileWriting() : reason;
	}

	function writeSequence(token: number, state?: GrammarState): void {
		device.queue.writeBuffer(program.sequence, 0, packSequence(token, state));
	}

	/** Appends the tokens of frames `first` and later. */
	function append(slab: FrameSlab, first: number): void {
		for (let i = first; i < slab.count; i++) {
			const token = frameWords(slab, i).words[layout.token]!;
			if (token === NONE) {
				throw new RangeError(
					`The grammar admits no token at position ${sequence.length}, so the sequence can't go on. This is a mistake in the grammar.`
				);
			}
			sequence.append(token);
		}
	}

	async function alone<T>(work: () => Promise<T>): Promise<T> {
		requireIdle();
		busy = true;
		try {
			return await work();
		} finally {
			busy = false;
		}
	}

	function requireIdle(): void {
		if (disposed) throw new Error('The decoder was disposed: make a new one.');
		if (busy) throw new Error('The decoder is still writing: await that before the next call.');
	}

	function truncate(length: number): void {
		requireIdle();
		sequence.truncate(length);
	}

	return {
		config,
		capabilities: { engine: 'webgpu', device: name, software, truncationLimit: TRUNCATION_LIMIT },
		get length() {
			return sequence.length;
		},
		async prefill(tokens) {
			requireTokens(tokens, config.vocabularySize);
			const given = [...tokens];
			return alone(async () => {
				const slab = createFrameSlab(config.layers, config.heads, given.length);
				let first = 0;
				if (sequence.length === 0 && given.length > 0) {
					writeUnpredicted(frameWords(slab, 0), layout, given[0]!);
					sequence.append(given[0]!);
					first = 1;
				}
				if (first === given.length) return slab;
				writeSequence(sequence.last);
				await steps(slab, first, sequence.length - 1, given.slice(first), NO_SAMPLING);
				append(slab, first);
				return slab;
			});
		},
		async generate(count: number, sampling: Sampling, constraint: Constraint) {
			requireSampling(sampling, constraint, config.vocabularySize);
			sequence.requireNotEmpty();
			return alone(async () => {
				const slab = createFrameSlab(config.layers, config.heads, count);
				program.constrain(constraint.grammar, constraint.bias.slice());
				writeSequence(sequence.last, constraint.state);
				await steps(slab, 0, sequence.length - 1, null, { ...sampling });
				append(slab, 0);
				return slab;
			});
		},
		truncate,
		snapshot: () => ({ length: sequence.length }),
		restore: ({ length }) => truncate(length),
		dispose() {
			if (disposed) return;
			disposed = true;
			program.dispose();
			for (const staging of stagings) staging.destroy();
		}
	};
}

function disposedWhileWriting(): Error {
	return new Error('The decoder was disposed while it was writing.');
}

function requireFit(config: ModelConfig, limits: GPUSupportedLimits): void {
	const advice = 'Choose the CPU engine for it.';
	if (config.vocabularySize > LARGEST_VOCABULARY) {
		throw new ModelFileError(
			`The model can't run on the graphics card: its vocabulary has ${config.vocabularySize} tokens, and the sampling kernel takes at most ${LARGEST_VOCABULARY}. ${advice}`
		);
	}
	if (config.slidingWindow > LARGEST_WINDOW) {
		throw new ModelFileError(
			`The model can't run on the graphics card: its window is ${config.slidingWindow} tokens, and the attention kernel takes at most ${LARGEST_WINDOW}. ${advice}`
		);
	}
	if (config.headSize % 4 !== 0) {
		throw new ModelFileError(
			`The model can't run on the graphics card: its heads are ${config.headSize} wide, and the attention kernel needs a multiple of 4. ${advice}`
		);
	}
	const vectors = Math.max(layerPlanOf(config).size, firstNormOf(config) + config.hiddenSize);
	if (vectors * 16 > limits.maxStorageBufferBindingSize) {
		throw new ModelFileError(
			`The model can't run on the graphics card: one of its layers takes ${vectors * 16} bytes, and this card binds at most ${limits.maxStorageBufferBindingSize} at once. ${advice}`
		);
	}
}
