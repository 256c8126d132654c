/**
 * Llama and Mistral: RMS norms before attention and MLP, rotary positions, a gated MLP. Most later families are variations
 * of it and read their weights here too.
 */
import type { ModelConfig, WeightLayout } from '../config';
import type { Entries } from '../jsonEntries';
import type { Tensor, TensorSet } from '../safetensors';
import { matrix, vector } from '../tensorViews';
import type { Linear, Matrix, ModelWeights, Norm, Vector } from '../weights';
import type { Family } from './family';
import { readRotation } from './rotations';
import { LARGEST, readActivation, readSizes, refuseFlag, type Sizes } from './sizes';

export const llama: Family = {
	readConfig(entries) {
		const config = llamaConfig(entries);
		const biased = entries.flag('attention_bias', false);
		const mlp = entries.flag('mlp_bias', false);
		return { ...config, biases: { projection: biased, output: biased, mlp } };
	},
	readWeights: (tensors, config) => readLlamaWeights(tensors, config)
};

/** The window that Mistral assumes where its config.json does not mention one; null there means none. */
const MISTRAL_WINDOW = 4096;

export const mistral: Family = {
	readConfig(entries) {
		refuseFlag(entries, 'attention_bias');
		refuseFlag(entries, 'mlp_bias');
		const silent = !entries.has('sliding_window') && !entries.isNull('sliding_window');
		const config = llamaConfig(entries);
		return silent ? withWindow(config, MISTRAL_WINDOW) : config;
	},
	readWeights: (tensors, config) => readLlamaWeights(tensors, config)
};

/**
 * What all entries together say in the Llama family, with no biases, and with every layer looking as far back as
 * `sliding_window` or, without one, as the model has positions.
 */
export function llamaConfig(
	entries: Entries,
	sizes: Sizes = readSizes(entries),
	epsilon = 1e-6
): ModelConfig {
	const { layers, headSize } = sizes;
	const positions = entries.whole('max_position_embeddings', LARGEST.positions);
	const window = entries.whole('sliding_window', LARGEST.positions, positions);
	return withWindow(
		{
			family: entries.word('model_type'),
			...sizes,
			normalization: { kind: 'rms', epsilon: entries.positive('rms_norm_eps', epsilon) },
			activation: readActivation(entries, 'hidden_act', 'silu'),
			gatedMlp: true,
			queryKeyNorm: false,
			updateNorms: false,
			biases: { projection: false, output: false, mlp: false },
			embeddingScale: 1,
			attentionScale: headSize ** -0.5,
			learnedPositions: 0,
			rotations: [readRotation(entries, headSize, positions)],
			layerRotations: Array.from({ length: layers }, () => 0),
			layerWindows: [],
			window,
			tiedEmbeddings: entries.flag('tie_word_embeddings', false)
		},
		window
	);
}

function withWindow(config: ModelConfig, window: number): ModelConfig {
	return {
		...config,
		layerWindows: Array.from({ length: config.layers }, () => window),
		window
	};
}

/** Where a variation of Llama keeps its weights differently. */
export interface LlamaNames {
	/** beginnings of all names, tried in turn */
	readonly prefixes?: readonly string[];
	/** how the weight of a norm is stored */
	readonly normWeight?: (tensor: Tensor) => Vector;
	readonly mlpNorm?: string;
	/** of the norms of what is added, with `updateNorms` */
	readonly attentionUpdateNorm?: string;
	readonly mlpUpdateNorm?: string;
	/** query, key and value are the rows of one tensor */
	readonly fusedProjections?: string;
	/** gate and up are the rows of one tensor */
	readonly fusedGateAndUp?: string;
}

/** Finds the weights of Llama and its variations. Throws a ModelFileError when one is missing or has another shape. */
export function readLlamaWeights(
	tensors: TensorSet,
	config: WeightLayout,
	{
		prefixes = ['model.', ''],
		normWeight = (tensor) => vector(tensor),
		mlpNorm = 'post_attention_layernorm',
		attentionUpdateNorm = '',
		mlpUpdateNorm = '',
		fusedProjections,
		fusedGateAndUp
	}: LlamaNames = {}
): ModelWeights {
	const { vocabularySize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const { biases, queryKeyNorm, updateNorms } = config;
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	const table = 'embed_tokens.weight';
	const prefix = prefixOf(tensors, prefixes, table);

	const norm = (name: string, size = hiddenSize): Norm => ({
		weight: normWeight(tensors.tensor(`${name}.weight`, [size])),
		bias: null
	});
	const linear = (name: string, rows: number, columns: number, biased: boolean): Linear => ({
		weight: matrix(tensors.tensor(`${name}.weight`, [rows, columns])),
		bias: biased ? vector(tensors.tensor(`${name}.bias`, [rows])) : null
	});
	/** the parts of a tensor whose rows are several matrices, one after the other */
	const parts = (name: string, sizes: readonly number[], columns: number): Linear[] => {
		const total = sizes.reduce((sum, size) => sum + size, 0);
		const tensor = tensors.tensor(`${name}.weight`, [total, columns]);
		let from = 0;
		return sizes.map((size) => {
			const weight = matrix(tensor, from, from + size);
			from += size;
			return { weight, bias: null };
		});
	};
	const three = (at: string): Linear[] =>
		fusedProjections === undefined
			? [
					linear(`${at}.self_attn.q_proj`, queries, hiddenSize, biases.projection),
					linear(`${at}.self_attn.k_proj`, keys, hiddenSize, biases.projection),
					linear(`${at}.self_attn.v_proj`, keys, hiddenSize, biases.projection)
				]
			: parts(`${at}.self_attn.${fusedProjections}`, [queries, keys, keys], hiddenSize);
	const two = (at: string): Linear[] =>
		fusedGateAndUp === undefined
			? [
					linear(`${at}.mlp.gate_proj`, intermediateSize, hiddenSize, biases.mlp),
					linear(`${at}.mlp.up_proj`, intermediateSize, hiddenSize, biases.mlp)
				]
			: parts(`${at}.mlp.${fusedGateAndUp}`, [intermediateSize, intermediateSize], hiddenSize);

	const layers = Array.from({ length: config.layers }, (_, layer) => {
		const at = `${prefix}layers.${layer}`;
		const [query, key, value] = three(at) as [Linear, Linear, Linear];
		const [gate, up] = two(at) as [Linear, Linear];
		return {
			attentionNorm: norm(`${at}.input_layernorm`),
			query,
			key,
			value,
			queryNorm: queryKeyNorm ? norm(`${at}.self_attn.q_norm`, headSize) : null,
			keyNorm: queryKeyNorm ? norm(`${at}.self_attn.k_norm`, headSize) : null,
			output: linear(`${at}.self_attn.o_proj`, hiddenSize, queries, biases.output),
			attentionUpdateNorm: updateNorms ? norm(`${at}.${attentionUpdateNorm}`) : null,
			mlpNorm: norm(`${at}.${mlpNorm}`),
			gate,
			up,
			down: linear(`${at}.mlp.down_proj`, hiddenSize, intermediateSize, biases.mlp),
			mlpUpdateNorm: updateNorms ? norm(`${at}.${mlpUpdateNorm}`) : null
		};
	});
	const words = (name: string): Matrix =>
		matrix(tensors.tensor(name, [vocabularySize, hiddenSize]));
	const embedding = words(prefix + table);
	return {
		embedding,
		positions: null,
		layers,
		finalNorm: norm(`${prefix}norm`),
		head: config.tiedEmbeddings ? embedding : words('lm_head.weight')
	};
}

/** The first of `prefixes` under which the tensors have `name`; the first of all where none has. */
export function prefixOf(tensors: TensorSet, prefixes: readonly string[], name: string): string {
	const names = new Set(tensors.names);
	return prefixes.find((prefix) => names.has(prefix + name)) ?? prefixes[0] ?? '';
}
