/**
 * The Decoder contract: a decoder-only transformer that continues one sequence, batch 1, and reports every token as a
 * frame. `wgsl/`, `reference/` (and later `onnx/`) implement it; `generate/` is its one caller.
 *
 * A step is: run the last token of the sequence through the model, choose the next one (sampled or forced), append it.
 * So the sequence is always one token ahead of the key-value cache, and truncating costs nothing.
 */
import type { ModelConfig } from './config';
import type { GrammarState, TokenGrammar } from './tokenGrammar';
import type { FrameSlab } from './tokenFrame';

export interface Sampling {
	/** > 0; 1 leaves the model's distribution as it is */
	temperature: number;
	/** 0..1: keep the smallest set of tokens that holds this mass; 1 keeps all */
	topP: number;
	/** 0..1: drop tokens less probable than this share of the best one; 0 keeps all */
	minP: number;
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
}

export interface DecoderCapabilities {
	readonly engine: 'webgpu' | 'cpu';
	/** what it runs on, in words for the page: adapter name or "TypeScript" */
	readonly device: string;
	/** a GPU adapter that is emulated on the CPU */
	readonly software: boolean;
	/** the most tokens that truncate() can take back once the window has slid */
	readonly truncationLimit: number;
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

	/** Appends given tokens and returns a frame for each. Throws a RangeError for an id outside the vocabulary. */
	prefill(tokens: readonly number[]): Promise<FrameSlab>;

	/**
	 * Samples `count` tokens, appends them and returns a frame for each. Throws a RangeError when the sequence is empty,
	 * a DeviceLostError when the GPU went away (the sequence is then lost with it).
	 */
	generate(count: number, sampling: Sampling, constraint: Constraint): Promise<FrameSlab>;

	/** Takes back the end of the sequence. Throws a RangeError beyond `truncationLimit` or the length. */
	truncate(length: number): void;
	snapshot(): DecoderSnapshot;
	restore(snapshot: DecoderSnapshot): void;
	dispose(): void;
}

/** The GPU went away: a driver reset, a sleeping phone, a closed device. Make a new decoder and prefill it again. */
export class DeviceLostError extends Error {
	override readonly name = 'DeviceLostError';
}
