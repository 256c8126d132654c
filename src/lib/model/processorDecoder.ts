/**
 * The Decoder over a forward pass on the processor, in this thread. Tokens that are known beforehand, an opening or forced
 * ones, run several at a time where the pass can; those to be sampled one by one. Other messages of the thread are let in
 * between runs.
 */
import type { ModelConfig } from './config';
import type {
	Constraint,
	Decoder,
	DecoderCapabilities,
	DecoderSnapshot,
	Sampling
} from './decoder';
import type { Inspector } from './inspector';
import {
	REPETITION_WINDOW,
	createDistribution,
	createSamplerMemory,
	describeDistribution,
	requireSampling,
	sampleToken,
	type Logits
} from './sampling';
import { Sequence, requireTokens } from './sequence';
import { createFrameSlab, frameLayout, type FrameSlab } from './tokenFrame';
import { advance, copyState } from './tokenGrammar';
import { frameWords, writePrediction, writeUnpredicted, type FrameWords } from './writeFrame';

/** A forward pass with a cache of its own. */
export interface CachedPass {
	/** tokens that a run takes at most */
	readonly tokensPerRun: number;
	readonly inspector: Inspector | null;
	/** Throws when it can't run any more. */
	requireAlive(): void;
	/**
	 * Runs tokens behind the positions that ran before, and returns the logits [tokens × vocabulary], which the next run
	 * overwrites. Head and layer blocks of their `frames` are written, where there are any.
	 */
	run(tokens: readonly number[], frames: readonly FrameWords[] | null): Logits;
	/** Forgets all positions from `position` on. */
	truncate(position: number): void;
	dispose(): void;
}

/** Work at most this long before other tasks of the thread get their turn. */
const SLICE_MILLISECONDS = 8;

/** A decoder with an empty sequence. Without `frames`, they hold index and token alone. */
export function createProcessorDecoder(
	config: ModelConfig,
	capabilities: DecoderCapabilities,
	pass: CachedPass,
	frames: boolean
): Decoder {
	const { vocabularySize, layers, heads } = config;
	const layout = frameLayout(layers, heads);
	const sequence = new Sequence(config);
	const distribution = createDistribution();
	const memory = createSamplerMemory(vocabularySize);
	let busy = false;
	let disposed = false;

	/** Appends `count` tokens and reports them: those of `known` first, then each as `choose` says. */
	async function steps(
		count: number,
		known: readonly number[],
		choose: (logits: Logits) => number
	): Promise<FrameSlab> {
		requireIdle();
		requireAlive();
		sequence.requireRoom(count);
		busy = true;
		try {
			const slab = createFrameSlab(layers, heads, count);
			let sliceBegan = performance.now();
			for (let i = 0; i < count;) {
				if (performance.now() - sliceBegan > SLICE_MILLISECONDS) {
					await nextTask();
					requireAlive();
					sliceBegan = performance.now();
				}
				i += step(slab, i, known.slice(i, Math.min(count, i + pass.tokensPerRun)), choose);
			}
			return slab;
		} finally {
			busy = false;
			if (disposed) pass.dispose();
		}
	}

	/** Appends the `known` tokens, or one that is chosen; returns how many. */
	function step(
		slab: FrameSlab,
		index: number,
		known: readonly number[],
		choose: (logits: Logits) => number
	): number {
		if (sequence.length === 0) {
			const [first] = known;
			writeUnpredicted(frameWords(slab, index), layout, first!);
			sequence.append(first!);
			return 1;
		}
		/** one position ahead where a choice has failed */
		pass.truncate(sequence.length - 1);
		const words = Array.from({ length: Math.max(1, known.length) }, (_, i) =>
			frameWords(slab, index + i)
		);
		const logits = pass.run([sequence.last, ...known.slice(0, -1)], frames ? words : null);
		words.forEach((frame, i) => {
			const own = logits.subarray(i * vocabularySize, (i + 1) * vocabularySize);
			const token = known[i] ?? choose(own);
			if (frames) {
				describeDistribution(own, distribution);
				writePrediction(frame, layout, sequence.length, token, own, distribution);
			} else {
				frame.words[layout.index] = sequence.length;
				frame.words[layout.token] = token;
			}
			sequence.append(token);
		});
		return words.length;
	}

	function requireIdle(): void {
		if (busy) throw new Error('The decoder is still writing: await that before the next call.');
	}

	function requireAlive(): void {
		if (disposed) {
			throw new Error('The decoder was disposed. Make a new one and prefill it again.');
		}
		pass.requireAlive();
	}

	function truncate(length: number): void {
		requireIdle();
		sequence.truncate(length);
		pass.truncate(Math.max(0, length - 1));
	}

	return {
		config,
		capabilities,
		inspector: pass.inspector,
		get length() {
			return sequence.length;
		},
		async prefill(tokens) {
			requireTokens(tokens, vocabularySize);
			return steps(tokens.length, [...tokens], () => sequence.last);
		},
		async generate(count: number, sampling: Sampling, constraint: Constraint) {
			requireSampling(sampling, constraint, vocabularySize);
			sequence.requireNotEmpty();
			const settings = { ...sampling };
			const bounds = { ...constraint, bias: constraint.bias.slice() };
			const state = copyState(constraint.state);
			const forced = (constraint.forced ?? []).slice(0, count);
			for (const token of forced) advance(bounds.grammar, state, token);
			const { repetitionWindow = REPETITION_WINDOW } = settings;
			return steps(count, forced, (logits) => {
				const recent = sequence.recent(repetitionWindow);
				const position = sequence.length;
				const token = sampleToken(logits, position, settings, bounds, state, memory, recent);
				advance(bounds.grammar, state, token);
				return token;
			});
		},
		truncate,
		snapshot: () => ({ length: sequence.length }),
		restore: ({ length }: DecoderSnapshot) => truncate(length),
		dispose() {
			if (disposed) return;
			disposed = true;
			if (!busy) pass.dispose();
		}
	};
}

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
