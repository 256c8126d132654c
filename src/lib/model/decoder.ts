/**
 * The Decoder contract: a decoder-only transformer that continues one sequence, batch 1, and reports every token as a
 * frame. `wgsl/`, `onnx/` and `reference/` implement it; `generate/` is its one caller.
 *
 * A step is: run the last token of the sequence through the model, choose the next one (sampled or forced), append it.
 * So the sequence is always one token ahead of the key-value cache, and truncating costs nothing.
 */
import type { ModelConfig } from './config';
import type { Inspector } from './inspector';
import type { GrammarState, TokenGrammar } from './tokenGrammar';
import type { FrameSlab } from './tokenFrame';

/** How a token is chosen; sampling.ts defines what each does. */
export interface Sampling {
	/** > 0; 1 leaves the model's distribution as it is */
	temperature: number;
	/** keep the k best tokens and their equals; 0 (default) keeps all, 1 is greedy */
	topK?: number;
	/** 0..1: keep the smallest set of tokens that holds this mass; 1 keeps all */
	topP: number;
	/** 0..1: drop tokens less probable than this share of the best one; 0 keeps all */
	minP: number;
	/** > 0: logits of tokens among the latest `repetitionWindow` are divided by it when positive, multiplied when not; 1 (default) leaves them */
	repetitionPenalty?: number;
	/** tokens back that count as repeated, default 64 */
	repetitionWindow?: number;
	/** u32. The noise depends on (seed, position, token) alone, so the same seed gives the same tokens on one engine. */
	seed: number;
}

/** What may be sampled. All arrays are copied at the call. */
export interface Constraint {
	readonly grammar: TokenGrammar;
	/** where the grammar stands after the last token of the sequence */
	readonly state: GrammarState;
	/** [scopes × vocabulary], added to the logits divided by nothing: -1e4 excludes a token, but never all of them */
	readonly bias: Float32Array;
	/** [states], each > 0: what the temperature is multiplied with where the grammar stands there; 1 everywhere when absent */
	readonly stateTemperature?: Float32Array;
	/** the first tokens of the call, given instead of sampled; the grammar must admit each */
	readonly forced?: readonly number[];
}

export type EngineName = 'webgpu' | 'wasm' | 'cpu';

export interface DecoderCapabilities {
	readonly engine: EngineName;
	/** what it runs on, in words for the page: adapter name, "WebAssembly, 2 threads" or "TypeScript" */
	readonly device: string;
	/** a GPU adapter that is emulated on the CPU */
	readonly software: boolean;
	/** the most tokens that truncate() can take back once the window has slid */
	readonly truncationLimit: number;
	/** tokens that a sequence can have; Infinity with rotary positions */
	readonly longestSequence: number;
}

/** A place to return to. Restoring it is a truncation; the tokens before it must not have changed since. */
export interface DecoderSnapshot {
	readonly length: number;
}

export interface Decoder {
	readonly config: ModelConfig;
	readonly capabilities: DecoderCapabilities;
	/** tokens in the sequence */
	readonly length: number;
	/** looks at attention, queries, keys and residuals of the latest tokens, on demand; null where recording is off */
	readonly inspector: Inspector | null;

	/**
	 * Appends given tokens and returns a frame for each. Throws a RangeError for an id outside the vocabulary, or when the
	 * sequence would grow beyond `longestSequence`.
	 */
	prefill(tokens: readonly number[]): Promise<FrameSlab>;

	/**
	 * Samples `count` tokens, appends them and returns a frame for each. Throws a RangeError when the sequence is empty
	 * or would grow beyond `longestSequence`, a DeviceLostError when the GPU went away (the sequence is lost with it).
	 */
	generate(count: number, sampling: Sampling, constraint: Constraint): Promise<FrameSlab>;

	/** Takes back the end of the sequence. Throws a RangeError beyond `truncationLimit` or the length. */
	truncate(length: number): void;
	snapshot(): DecoderSnapshot;
	restore(snapshot: DecoderSnapshot): void;
	/** Frees what is this decoder's own; the weights stay with the model. */
	dispose(): void;
}

/** What a decoder should keep and report beyond its tokens. */
export interface DecoderOptions {
	/** default true: frames hold heads, layers and alternatives; otherwise index and token alone, and the rest is zero */
	frames?: boolean;
	/** default true: queries, keys and residuals are recorded, for the inspector */
	recording?: boolean;
}

/** A model on an engine: weights that any number of decoders share. */
export interface DecoderModel {
	readonly config: ModelConfig;
	readonly capabilities: DecoderCapabilities;
	/** A decoder with an empty sequence of its own. Throws a GpuError when there is no memory for it. */
	createDecoder(options?: DecoderOptions): Promise<Decoder>;
	/** Frees the weights; its decoders must not be used any more. */
	dispose(): void;
}

/** The GPU went away: a driver reset, a sleeping phone, a closed device. Make a new decoder and prefill it again. */
export class DeviceLostError extends Error {
	override readonly name = 'DeviceLostError';
}
