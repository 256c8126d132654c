/**
 * What a decoder-only transformer is, read from a Hugging Face `config.json`. Engines see no families, only the features
 * that families are made of: which norm, which activation, gated or not, how positions are told, how far a layer looks.
 */
import { FAMILIES, FAMILY_NAMES } from './families/families';
import { entriesOf, shown } from './jsonEntries';

export { plainRotation } from './families/rotations';
export { jsonObject, type JsonObject } from './jsonEntries';
export { ModelFileError } from './modelFileError';

/** `rms`: x / √(mean(x²) + ε) · w. `layer`: (x - mean) / √(variance + ε) · w + b. */
export interface Normalization {
	readonly kind: 'rms' | 'layer';
	readonly epsilon: number;
}

/** `gelu` is x Φ(x), with the error function; `gelu-tanh` its approximation by tanh. */
export type Activation = 'silu' | 'gelu' | 'gelu-tanh';

/** Rotary positions: channel j of a head turns with channel j + headSize / 2 by position × frequencies[j]. */
export interface Rotation {
	/** radians per position, [headSize / 2]; scaling of positions is already in them */
	readonly frequencies: readonly number[];
	/** cosine and sine are multiplied by this: YaRN's attention factor, otherwise 1 */
	readonly magnitude: number;
}

export interface ModelConfig {
	/** the `model_type` it came from, for messages */
	readonly family: string;
	readonly vocabularySize: number;
	/** width of the residual stream */
	readonly hiddenSize: number;
	readonly layers: number;
	/** query heads of a layer */
	readonly heads: number;
	/** key-value heads of a layer; divides `heads` */
	readonly keyValueHeads: number;
	/** channels of a head; even */
	readonly headSize: number;
	/** width of the MLP */
	readonly intermediateSize: number;
	readonly normalization: Normalization;
	readonly activation: Activation;
	/** the MLP is down(activation(gate x) · up x); otherwise down(activation(up x)) */
	readonly gatedMlp: boolean;
	/** queries and keys of a head are RMS-normalised, with a weight of [headSize], before they turn */
	readonly queryKeyNorm: boolean;
	/** what attention and MLP add to the residual is normalised first */
	readonly updateNorms: boolean;
	/** of the query, key and value projections; of the attention output; of the MLP */
	readonly biases: {
		readonly projection: boolean;
		readonly output: boolean;
		readonly mlp: boolean;
	};
	/** multiplies the embedding: √hiddenSize in Gemma, otherwise 1 */
	readonly embeddingScale: number;
	/** multiplies query · key */
	readonly attentionScale: number;
	/** rows of a learned position table, and so the longest sequence; 0 with rotary positions */
	readonly learnedPositions: number;
	/** the ways in which layers turn queries and keys; empty with learned positions */
	readonly rotations: readonly Rotation[];
	/** [layers] index into `rotations` */
	readonly layerRotations: readonly number[];
	/** [layers] keys that a query of the layer sees, itself included */
	readonly layerWindows: readonly number[];
	/** the widest of `layerWindows` */
	readonly window: number;
	/** the output matrix is the embedding matrix */
	readonly tiedEmbeddings: boolean;
}

/** What of it tells which tensors there are and how they are shaped. */
export type WeightLayout = Pick<
	ModelConfig,
	| 'family'
	| 'vocabularySize'
	| 'hiddenSize'
	| 'layers'
	| 'heads'
	| 'keyValueHeads'
	| 'headSize'
	| 'intermediateSize'
	| 'queryKeyNorm'
	| 'updateNorms'
	| 'biases'
	| 'learnedPositions'
	| 'tiedEmbeddings'
>;

/** `config` with no layer looking further back than `keys`. What it computes is unchanged up to that many tokens. */
export function limitWindow(config: ModelConfig, keys: number): ModelConfig {
	const layerWindows = config.layerWindows.map((window) => Math.min(window, keys));
	return { ...config, layerWindows, window: Math.max(...layerWindows) };
}

/**
 * Reads the parsed contents of a `config.json`; `file` is named in errors.
 * Throws a ModelFileError when it describes another architecture or can't describe any model.
 */
export function parseModelConfig(json: unknown, file = 'config.json'): ModelConfig {
	const entries = entriesOf(json, file);
	const name = entries.word('model_type');
	const family = FAMILIES.get(name);
	if (family) return family.readConfig(entries);
	throw entries.refusal(
		`"model_type" is ${shown(name)}, and the families that run are ${FAMILY_NAMES}`
	);
}
