/**
 * The Decoder in plain TypeScript: the oracle of the tests in f64, and in f32 the engine of machines whose graphics card
 * can't be used. It runs in a worker and lets other messages in between tokens.
 */
import type { Constraint, Decoder, DecoderSnapshot, Sampling } from '../decoder';
import type { LoadedModel } from '../loadModel';
import {
	createDistribution,
	createSamplerMemory,
	describeDistribution,
	requireSampling,
	sampleToken,
	type Logits
} from '../sampling';
import { Sequence, TRUNCATION_LIMIT, requireTokens } from '../sequence';
import { createFrameSlab, frameLayout, type FrameSlab } from '../tokenFrame';
import { advance, copyState } from '../tokenGrammar';
import { frameWords, writePrediction, writeUnpredicted } from '../writeFrame';
import { createForwardPass, type Precision } from './forwardPass';

export interface ReferenceDecoderOptions {
	/** of activations and cache; sums are f64 either way */
	precision: Precision;
}

/** Work at most this long before other tasks of the thread get their turn. */
const SLICE_MILLISECONDS = 8;

/** A decoder with an empty sequence. Holds the weights as f32 (twice the size of an f16 file). */
export function createReferenceDecoder(
	{ config, weights }: Pick<LoadedModel, 'config' | 'weights'>,
	{ precision }: ReferenceDecoderOptions
): Decoder {
	const { vocabularySize, layers, heads } = config;
	const layout = frameLayout(layers, heads);
	const sequence = new Sequence(config.slidingWindow);
	const pass = createForwardPass(config, weights, precision);
	const distribution = createDistribution();
	const memory = createSamplerMemory(vocabularySize);
	let busy = false;
	let disposed = false;

	/** Appends `count` tokens, each as `choose` says, and reports them. */
	async function steps(
		count: number,
		choose: (index: number, logits: Logits) => number
	): Promise<FrameSlab> {
		requireIdle();
		busy = true;
		try {
			const slab = createFrameSlab(layers, heads, count);
			let sliceBegan = performance.now();
			for (let i = 0; i < count; i++) {
				if (performance.now() - sliceBegan > SLICE_MILLISECONDS) {
					await nextTask();
					if (disposed) throw new Error('The decoder was disposed while it was writing.');
					sliceBegan = performance.now();
				}
				step(slab, i, choose);
			}
			return slab;
		} finally {
			busy = false;
		}
	}

	function step(
		slab: FrameSlab,
		index: number,
		choose: (index: number, logits: Logits) => number
	): void {
		const frame = frameWords(slab, index);
		const position = sequence.length;
		if (position === 0) {
			const token = choose(index, NO_LOGITS);
			writeUnpredicted(frame, layout, token);
			sequence.append(token);
			return;
		}
		const logits = pass.run(sequence.last, position - 1, frame);
		describeDistribution(logits, distribution);
		const token = choose(index, logits);
		writePrediction(frame, layout, position, token, logits, distribution);
		sequence.append(token);
	}

	function requireIdle(): void {
		if (busy) throw new Error('The decoder is still writing: await that before the next call.');
	}

	function truncate(length: number): void {
		requireIdle();
		sequence.truncate(length);
	}

	return {
		config,
		capabilities: {
			engine: 'cpu',
			device: 'TypeScript',
			software: true,
			truncationLimit: TRUNCATION_LIMIT
		},
		get length() {
			return sequence.length;
		},
		async prefill(tokens) {
			requireTokens(tokens, vocabularySize);
			const given = [...tokens];
			return steps(given.length, (i) => given[i]!);
		},
		async generate(count: number, sampling: Sampling, constraint: Constraint) {
			requireSampling(sampling, constraint, vocabularySize);
			sequence.requireNotEmpty();
			const settings = { ...sampling };
			const bounds = { grammar: constraint.grammar, bias: constraint.bias.slice() };
			const state = copyState(constraint.state);
			return steps(count, (_, logits) => {
				const token = sampleToken(logits, sequence.length, settings, bounds, state, memory);
				advance(bounds.grammar, state, token);
				return token;
			});
		},
		truncate,
		snapshot: () => ({ length: sequence.length }),
		restore: ({ length }: DecoderSnapshot) => truncate(length),
		dispose() {
			disposed = true;
		}
	};
}

const NO_LOGITS = new Float32Array(0);

/** Resolves when the tasks that wait now have had their turn. A timer would be clamped to 4 ms; a message is not. */
function nextTask(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}
