/**
 * What a decoder-only transformer is, read from a Hugging Face `config.json`. This version runs the Llama family as
 * Mistral publishes it: RMSNorm, rotary positions, SwiGLU, grouped key-value heads, a sliding window.
 */

export interface ModelConfig {
	readonly vocabularySize: number;
	/** width of the residual stream */
	readonly hiddenSize: number;
	readonly layers: number;
	/** query heads of a layer */
	readonly heads: number;
	/** key-value heads of a layer; divides `heads` */
	readonly keyValueHeads: number;
	readonly headSize: number;
	/** width of the MLP */
	readonly intermediateSize: number;
	readonly rmsNormEpsilon: number;
	readonly ropeTheta: number;
	/** keys that a query sees, itself included */
	readonly slidingWindow: number;
	readonly tiedEmbeddings: boolean;
}

/** A model file that can't be used: which file, what is wrong, what to do. */
export class ModelFileError extends Error {
	override readonly name = 'ModelFileError';
}
