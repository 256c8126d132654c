/**
 * The Decoder on WebGPU. Several steps go into one submit, sampling included, and come back as one slab of frames, so
 * waiting for the GPU costs once per submit and not once per token; and submits follow one another without waiting.
 */
import { stagingBuffer } from '../../gpu/buffers';
import type { MapRead } from '../../gpu/mapRead';
import type { ModelConfig } from '../config';
import type { Constraint, Decoder, DecoderCapabilities, Sampling } from '../decoder';
import { createResidualSlots } from '../recordings';
import { LARGEST_REPETITION_WINDOW, requireSampling } from '../sampling';
import { Sequence, requireTokens } from '../sequence';
import { NONE, createFrameSlab, frameLayout, type FrameSlab } from '../tokenFrame';
import type { GrammarState } from '../tokenGrammar';
import { frameWords, writeUnpredicted } from '../writeFrame';
import { FIRST_PACE, MOST_STEPS, nextPace } from './adaptiveSteps';
import type { Ending } from './endingKernels';
import { SEQUENCE_HEADER_WORDS, packLastSeen, packSequence } from './packConstraint';
import { packSteps } from './packSteps';
import type { StepProgram } from './stepProgram';
import { createWgslInspector, type AttentionKernel } from './wgslInspector';

/** What a decoder is made of. */
export interface WgslDecoderParts {
	readonly device: GPUDevice;
	readonly config: ModelConfig;
	readonly capabilities: DecoderCapabilities;
	/** its own, which it disposes of */
	readonly program: StepProgram;
	/** rejects with a DeviceLostError */
	readonly read: MapRead;
	readonly stepsPerSubmit: number | 'adaptive';
	attentionKernel(): Promise<AttentionKernel>;
}

/** Submits that may be under way at once; each has memory of its own to come back to. */
const SUBMITS_IN_FLIGHT = 3;

/** Given tokens are not sampled; these values are never used. */
const NO_SAMPLING: Sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };

/** Steps that are to be run, one for each frame of a slab from `first` on. */
interface Order {
	readonly slab: FrameSlab;
	readonly first: number;
	readonly ending: Ending;
	/** given tokens, from the first step on */
	readonly forced: readonly number[];
	readonly sampling: Sampling;
	/** of the grammar; absent when tokens are taken */
	readonly state?: GrammarState;
}

/** A decoder with an empty sequence. */
export function createWgslDecoder(parts: WgslDecoderParts): Decoder {
	const { device, config, program, read, stepsPerSubmit } = parts;
	const { vocabularySize, layers, heads } = config;
	const layout = frameLayout(layers, heads);
	const frameBytes = program.frameWords * 4;
	const stagings = Array.from({ length: SUBMITS_IN_FLIGHT }, (_, i) =>
		stagingBuffer(device, `frames ${i}`, MOST_STEPS * frameBytes)
	);
	const sequence = new Sequence(config);
	let pace = FIRST_PACE;
	/** positions that have been submitted, of the sequence as it is, and at most since it began */
	let run = 0;
	let reached = 0;
	const residualSlots = createResidualSlots();
	/** `last_seen` on the GPU knows what has been taken back, or does not know the beginning */
	let lastSeenIsStale = true;
	let busy = false;
	let disposed = false;

	/** Runs the steps and appends their tokens as they come back. */
	async function execute(order: Order): Promise<void> {
		const { slab, first, sampling } = order;
		writeSequence(order);
		const position = sequence.length - 1;
		const count = slab.count - first;
		const results: Promise<void>[] = [];
		let finished = 0;
		try {
			for (let done = 0; done < count;) {
				const room = results.length - SUBMITS_IN_FLIGHT;
				if (room >= 0) await results[room];
				if (disposed) throw disposedWhileWriting();
				const steps = stepsPerSubmit === 'adaptive' ? pace.steps : stepsPerSubmit;
				const batch = Math.min(steps, count - done);
				const begin = first + done;
				const staging = stagings[results.length % SUBMITS_IN_FLIGHT]!;
				const forced = order.forced.slice(done, done + batch);
				submit(
					{ position: position + done, count: batch, forced, sampling },
					order.ending,
					staging
				);
				const submitted = performance.now();
				const copied = read(staging, batch * frameBytes, (mapped) =>
					putFrames(slab, begin, batch, mapped)
				);
				/** in order, whatever the browser does */
				const before = results.at(-1);
				results.push(
					Promise.all([copied, before]).then(() => {
						append(slab, begin, batch);
						const now = performance.now();
						const milliseconds = now - Math.max(submitted, finished);
						pace = nextPace(pace, { steps: batch, milliseconds });
						finished = now;
					})
				);
				done += batch;
			}
		} finally {
			/** nothing may come back after the call has ended */
			await Promise.allSettled(results);
		}
		await Promise.all(results);
	}

	function submit(
		batch: Parameters<typeof packSteps>[1],
		ending: Ending,
		staging: GPUBuffer
	): void {
		device.queue.writeBuffer(
			program.steps,
			0,
			packSteps(config, batch, program.stepStride, program.frameWords)
		);
		const encoder = device.createCommandEncoder();
		program.encode(encoder, batch.count, ending);
		encoder.copyBufferToBuffer(program.frames, 0, staging, 0, batch.count * frameBytes);
		device.queue.submit([encoder.finish()]);
		run = batch.position + batch.count;
		reached = batch.position === 0 ? run : Math.max(reached, run);
		for (let position = batch.position; position < run; position++) residualSlots.fill(position);
	}

	/** Copies what came back into frames of the slab. */
	function putFrames(slab: FrameSlab, begin: number, count: number, mapped: ArrayBuffer): void {
		for (let i = 0; i < count; i++) {
			const words = new Uint32Array(mapped, i * frameBytes, program.frameWords);
			frameWords(slab, begin + i).words.set(words);
		}
	}

	/** Tells the GPU where the sequence stands. */
	function writeSequence({ state, sampling }: Order): void {
		device.queue.writeBuffer(program.sequence, 0, packSequence(sequence.last, state));
		if (!lastSeenIsStale || (sampling.repetitionPenalty ?? 1) === 1) return;
		const recent = sequence.recent(LARGEST_REPETITION_WINDOW);
		const lastSeen = packLastSeen(vocabularySize, sequence.length, recent);
		device.queue.writeBuffer(program.sequence, SEQUENCE_HEADER_WORDS * 4, lastSeen);
		lastSeenIsStale = false;
	}

	/** Appends the tokens of some frames. */
	function append(slab: FrameSlab, begin: number, count: number): void {
		for (let i = begin; i < begin + count; i++) {
			const token = frameWords(slab, i).words[layout.token]!;
			if (token === NONE) {
				throw new RangeError(
					`The grammar admits no token at position ${sequence.length}, so the sequence can't go on. This is a mistake in the grammar.`
				);
			}
			sequence.append(token);
		}
	}

	/** Does the one thing that a decoder does at a time. */
	async function alone<T>(work: () => Promise<T>): Promise<T> {
		requireIdle();
		busy = true;
		try {
			return await work();
		} catch (error) {
			lastSeenIsStale = true;
			throw disposed ? disposedWhileWriting() : error;
		} finally {
			busy = false;
			run = Math.max(0, sequence.length - 1);
		}
	}

	function requireUsable(): void {
		if (disposed) throw new Error('The decoder was disposed: make a new one.');
	}

	function requireIdle(): void {
		requireUsable();
		if (busy) throw new Error('The decoder is still writing: await that before the next call.');
	}

	function truncate(length: number): void {
		requireIdle();
		sequence.truncate(length);
		run = Math.max(0, length - 1);
		lastSeenIsStale = true;
	}

	const { recordings, residuals } = program;
	const inspector =
		recordings && residuals
			? createWgslInspector({
					device,
					config,
					keys: program.keys,
					recordings,
					residuals,
					run() {
						requireUsable();
						return run;
					},
					reached: () => reached,
					residualSlots,
					read,
					kernel: parts.attentionKernel
				})
			: null;

	return {
		config,
		capabilities: parts.capabilities,
		inspector,
		get length() {
			return sequence.length;
		},
		async prefill(tokens) {
			requireTokens(tokens, vocabularySize);
			const given = [...tokens];
			return alone(async () => {
				sequence.requireRoom(given.length);
				const slab = createFrameSlab(layers, heads, given.length);
				let first = 0;
				if (sequence.length === 0 && given.length > 0) {
					writeUnpredicted(frameWords(slab, 0), layout, given[0]!);
					sequence.append(given[0]!);
					first = 1;
				}
				const forced = given.slice(first);
				if (forced.length > 0) {
					await execute({ slab, first, ending: 'take', forced, sampling: NO_SAMPLING });
				}
				return slab;
			});
		},
		async generate(count: number, sampling: Sampling, constraint: Constraint) {
			requireSampling(sampling, constraint, vocabularySize);
			sequence.requireNotEmpty();
			return alone(async () => {
				sequence.requireRoom(count);
				const slab = createFrameSlab(layers, heads, count);
				program.constrain(constraint);
				await execute({
					slab,
					first: 0,
					ending: 'sample',
					forced: [...(constraint.forced ?? [])],
					sampling: { ...sampling },
					state: constraint.state
				});
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
