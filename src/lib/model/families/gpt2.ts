/**
 * GPT-2: layer norms, learned positions, a plain MLP, biases everywhere. Its matrices are stored [inputs × outputs], query,
 * key and value as the columns of one.
 */
import type { WeightLayout } from '../config';
import type { TensorSet } from '../safetensors';
import { matrix, transposed, vector } from '../tensorViews';
import type { LayerWeights, Linear, ModelWeights, Norm } from '../weights';
import type { Family } from './family';
import { prefixOf } from './llama';
import { LARGEST, readActivation, refuseFlag, sharedHeadSize } from './sizes';

export const gpt2: Family = {
	readConfig(entries) {
		for (const key of ['scale_attn_by_inverse_layer_idx', 'add_cross_attention']) {
			refuseFlag(entries, key);
		}
		const hiddenSize = entries.whole('n_embd', LARGEST.width);
		const heads = entries.whole('n_head', LARGEST.heads);
		const layers = entries.whole('n_layer', LARGEST.layers);
		const headSize = sharedHeadSize(entries, hiddenSize, heads);
		const positions = entries.whole('n_positions', LARGEST.positions);
		return {
			family: 'gpt2',
			vocabularySize: entries.whole('vocab_size', LARGEST.vocabularySize),
			hiddenSize,
			layers,
			heads,
			keyValueHeads: heads,
			headSize,
			intermediateSize: entries.whole('n_inner', 4 * LARGEST.width, 4 * hiddenSize),
			normalization: { kind: 'layer', epsilon: entries.positive('layer_norm_epsilon', 1e-5) },
			activation: readActivation(entries, 'activation_function', 'gelu_new'),
			gatedMlp: false,
			queryKeyNorm: false,
			updateNorms: false,
			biases: { projection: true, output: true, mlp: true },
			embeddingScale: 1,
			attentionScale: entries.flag('scale_attn_weights', true) ? headSize ** -0.5 : 1,
			learnedPositions: positions,
			rotations: [],
			layerRotations: [],
			layerWindows: Array.from({ length: layers }, () => positions),
			window: positions,
			tiedEmbeddings: entries.flag('tie_word_embeddings', true)
		};
	},
	readWeights
};

function readWeights(tensors: TensorSet, config: WeightLayout): ModelWeights {
	const { vocabularySize, hiddenSize, intermediateSize, learnedPositions } = config;
	const prefix = prefixOf(tensors, ['transformer.', ''], 'wte.weight');
	const norm = (name: string): Norm => ({
		weight: vector(tensors.tensor(`${name}.weight`, [hiddenSize])),
		bias: vector(tensors.tensor(`${name}.bias`, [hiddenSize]))
	});
	/** `count` matrices side by side, each of `outputs` columns */
	const linears = (name: string, inputs: number, outputs: number, count: number): Linear[] => {
		const weight = tensors.tensor(`${name}.weight`, [inputs, count * outputs]);
		const bias = tensors.tensor(`${name}.bias`, [count * outputs]);
		return Array.from({ length: count }, (_, i) => ({
			weight: transposed(weight, i * outputs, (i + 1) * outputs),
			bias: vector(bias, i * outputs, (i + 1) * outputs)
		}));
	};
	const layers = Array.from({ length: config.layers }, (_, layer): LayerWeights => {
		const at = `${prefix}h.${layer}`;
		const [query, key, value] = linears(`${at}.attn.c_attn`, hiddenSize, hiddenSize, 3) as [
			Linear,
			Linear,
			Linear
		];
		const [output] = linears(`${at}.attn.c_proj`, hiddenSize, hiddenSize, 1) as [Linear];
		const [up] = linears(`${at}.mlp.c_fc`, hiddenSize, intermediateSize, 1) as [Linear];
		const [down] = linears(`${at}.mlp.c_proj`, intermediateSize, hiddenSize, 1) as [Linear];
		return {
			attentionNorm: norm(`${at}.ln_1`),
			query,
			key,
			value,
			queryNorm: null,
			keyNorm: null,
			output,
			attentionUpdateNorm: null,
			mlpNorm: norm(`${at}.ln_2`),
			gate: null,
			up,
			down,
			mlpUpdateNorm: null
		};
	});
	const words = (name: string) => matrix(tensors.tensor(name, [vocabularySize, hiddenSize]));
	const embedding = words(`${prefix}wte.weight`);
	return {
		embedding,
		positions: matrix(tensors.tensor(`${prefix}wpe.weight`, [learnedPositions, hiddenSize])),
		layers,
		finalNorm: norm(`${prefix}ln_f`),
		head: config.tiedEmbeddings ? embedding : words('lm_head.weight')
	};
}
