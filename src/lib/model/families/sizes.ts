/** What the config.json of every family tells in its own words: sizes, heads, the activation, who sees how far. */
import type { Activation } from '../config';
import { shown, type Entries } from '../jsonEntries';

/** Sizes above these are mistakes, not models; they would only run the memory out. */
export const LARGEST = {
	vocabularySize: 2 ** 20,
	width: 2 ** 16,
	layers: 512,
	heads: 512,
	headSize: 1024,
	positions: 2 ** 24
};

export interface Sizes {
	readonly vocabularySize: number;
	readonly hiddenSize: number;
	readonly intermediateSize: number;
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headSize: number;
}

/** What a family assumes where its config.json is silent. */
export type SizeDefaults = Partial<Sizes>;

/** Reads the sizes under the names that all but GPT-2 use. Heads are as many and as wide as the width allows by default. */
export function readSizes(entries: Entries, defaults: SizeDefaults = {}): Sizes {
	const hiddenSize = entries.whole('hidden_size', LARGEST.width, defaults.hiddenSize);
	const heads = entries.whole('num_attention_heads', LARGEST.heads, defaults.heads);
	const keyValueHeads = entries.whole(
		'num_key_value_heads',
		LARGEST.heads,
		defaults.keyValueHeads ?? heads
	);
	if (heads % keyValueHeads !== 0) {
		throw entries.refusal(
			`${heads} attention heads can't share ${keyValueHeads} key-value heads evenly`
		);
	}
	return {
		vocabularySize: entries.whole('vocab_size', LARGEST.vocabularySize, defaults.vocabularySize),
		hiddenSize,
		intermediateSize: entries.whole('intermediate_size', LARGEST.width, defaults.intermediateSize),
		layers: entries.whole('num_hidden_layers', LARGEST.layers, defaults.layers),
		heads,
		keyValueHeads,
		headSize:
			entries.has('head_dim') || defaults.headSize !== undefined
				? evenHeadSize(entries, entries.whole('head_dim', LARGEST.headSize, defaults.headSize))
				: sharedHeadSize(entries, hiddenSize, heads)
	};
}

/** The width of a head where heads share the width of the residual stream. */
export function sharedHeadSize(entries: Entries, hiddenSize: number, heads: number): number {
	if (hiddenSize % heads !== 0) {
		throw entries.refusal(`its hidden size ${hiddenSize} does not divide into ${heads} heads`);
	}
	return evenHeadSize(entries, hiddenSize / heads);
}

function evenHeadSize(entries: Entries, headSize: number): number {
	if (headSize % 2 === 0 && headSize <= LARGEST.headSize) return headSize;
	throw entries.refusal(
		`its heads are ${headSize} wide, and that has to be an even number up to ${LARGEST.headSize}`
	);
}

const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
	['silu', 'silu'],
	['swish', 'silu'],
	['gelu', 'gelu'],
	['gelu_new', 'gelu-tanh'],
	['gelu_fast', 'gelu-tanh'],
	['gelu_pytorch_tanh', 'gelu-tanh']
]);

/** The activation that the entry `key` names. */
export function readActivation(entries: Entries, key: string, fallback: string): Activation {
	const name = entries.word(key, fallback);
	const activation = ACTIVATIONS.get(name);
	if (activation) return activation;
	throw entries.refusal(
		`"${key}" is ${shown(name)}, and the activations that run are ${[...ACTIVATIONS.keys()].join(', ')}`
	);
}

/** Whether a layer sees a window or everything; the words are those of `layer_types`. */
export type LayerType = 'sliding_attention' | 'full_attention';

/** The entry `layer_types`, or null where it is absent. */
export function readLayerTypes(entries: Entries, layers: number): LayerType[] | null {
	const types = entries.words('layer_types', layers);
	if (!types) return null;
	return types.map((type) => {
		if (type === 'sliding_attention' || type === 'full_attention') return type;
		throw entries.refusal(
			`"layer_types" asks for ${shown(type)}, and layers of full_attention and sliding_attention are all that run`
		);
	});
}

/** Refuses a feature that its flag asks for. */
export function refuseFlag(entries: Entries, key: string): void {
	if (entries.flag(key, false)) {
		throw entries.refusal(`it asks for "${key}", which is not supported`);
	}
}
