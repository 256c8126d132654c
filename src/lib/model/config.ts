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

/** What an entry of a JSON object may hold before it is looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

const FAMILIES = ['mistral', 'llama'];

/** Sizes above these are mistakes, not models; they would only run the memory out. */
const LARGEST = {
	vocabularySize: 2 ** 20,
	width: 2 ** 16,
	layers: 512,
	heads: 512,
	window: 2 ** 24
};

/**
 * Reads the parsed contents of a `config.json`; `file` is named in errors.
 * Throws a ModelFileError when it describes another architecture or can't describe any model.
 */
export function parseModelConfig(json: unknown, file = 'config.json'): ModelConfig {
	const config = jsonObject(json, file);
	requireFamily(config, file);
	const hiddenSize = wholeNumber(config, 'hidden_size', LARGEST.width, file);
	const heads = wholeNumber(config, 'num_attention_heads', LARGEST.heads, file);
	const keyValueHeads = isAbsent(config['num_key_value_heads'])
		? heads
		: wholeNumber(config, 'num_key_value_heads', LARGEST.heads, file);
	if (heads % keyValueHeads !== 0) {
		throw unusable(
			file,
			`${heads} attention heads can't share ${keyValueHeads} key-value heads evenly`
		);
	}
	return {
		vocabularySize: wholeNumber(config, 'vocab_size', LARGEST.vocabularySize, file),
		hiddenSize,
		layers: wholeNumber(config, 'num_hidden_layers', LARGEST.layers, file),
		heads,
		keyValueHeads,
		headSize: headSizeOf(config, hiddenSize, heads, file),
		intermediateSize: wholeNumber(config, 'intermediate_size', LARGEST.width, file),
		rmsNormEpsilon: positiveNumber(config, 'rms_norm_eps', file),
		ropeTheta: ropeThetaOf(config, file),
		slidingWindow: isAbsent(config['sliding_window'])
			? wholeNumber(config, 'max_position_embeddings', LARGEST.window, file)
			: wholeNumber(config, 'sliding_window', LARGEST.window, file),
		tiedEmbeddings: config['tie_word_embeddings'] === true
	};
}

/** `json` as an object. Throws a ModelFileError when it is something else. */
export function jsonObject(json: unknown, file: string): JsonObject {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw unusable(file, 'it holds no JSON object');
	}
	return json as JsonObject;
}

function requireFamily(config: JsonObject, file: string): void {
	const family = config['model_type'];
	if (typeof family !== 'string' || !FAMILIES.includes(family)) {
		throw unusable(
			file,
			`its "model_type" is ${JSON.stringify(family) ?? 'missing'}, and this version runs ${FAMILIES.join(' and ')} only`
		);
	}
	const activation = config['hidden_act'];
	if (!isAbsent(activation) && activation !== 'silu') {
		throw unusable(
			file,
			`its "hidden_act" is ${JSON.stringify(activation)}, and this version runs silu only`
		);
	}
	for (const key of ['attention_bias', 'mlp_bias']) {
		if (config[key] === true) {
			throw unusable(file, `it asks for "${key}", which this version does not run`);
		}
	}
}

function headSizeOf(config: JsonObject, hiddenSize: number, heads: number, file: string): number {
	if (isAbsent(config['head_dim']) && hiddenSize % heads !== 0) {
		throw unusable(file, `its hidden size ${hiddenSize} does not divide into ${heads} heads`);
	}
	const headSize = isAbsent(config['head_dim'])
		? hiddenSize / heads
		: wholeNumber(config, 'head_dim', LARGEST.width, file);
	if (headSize % 2 !== 0) {
		throw unusable(
			file,
			`its heads are ${headSize} wide, and rotary positions need an even number`
		);
	}
	return headSize;
}

/** Where the frequency base lives: at the top, or in `rope_parameters` since Transformers 5. Scaled RoPE is refused. */
function ropeThetaOf(config: JsonObject, file: string): number {
	for (const key of ['rope_scaling', 'rope_parameters']) {
		if (isAbsent(config[key])) continue;
		const parameters = jsonObject(config[key], file);
		const kind = parameters['rope_type'] ?? parameters['type'] ?? 'default';
		if (kind !== 'default') {
			throw unusable(
				file,
				`it scales rotary positions (${JSON.stringify(kind)}), which this version does not run`
			);
		}
		if (!isAbsent(parameters['rope_theta'])) return positiveNumber(parameters, 'rope_theta', file);
	}
	return isAbsent(config['rope_theta']) ? 10_000 : positiveNumber(config, 'rope_theta', file);
}

function wholeNumber(config: JsonObject, key: string, largest: number, file: string): number {
	const value = config[key];
	if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > largest) {
		throw unusable(
			file,
			`"${key}" should be a whole number from 1 to ${largest}, and is ${JSON.stringify(value) ?? 'missing'}`
		);
	}
	return value;
}

function positiveNumber(config: JsonObject, key: string, file: string): number {
	const value = config[key];
	if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
		throw unusable(
			file,
			`"${key}" should be a number above 0, and is ${JSON.stringify(value) ?? 'missing'}`
		);
	}
	return value;
}

function isAbsent(value: unknown): boolean {
	return value === undefined || value === null;
}

function unusable(file: string, reason: string): ModelFileError {
	return new ModelFileError(
		`The model can't be used: in ${file}, ${reason}. Choose a model of the Llama or Mistral family with a complete ${file}.`
	);
}
