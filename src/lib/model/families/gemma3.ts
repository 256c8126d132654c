/**
 * Gemma-3: RMS norms with a weight of 1 + w, also on queries, keys and on what a layer adds; a gated MLP with GELU; local
 * layers that see a window and turn faster, and a global one after every five of them; embeddings times √hidden, which is
 * not rounded here (with bf16 arithmetic `transformers` rounds it, with f32 arithmetic it does not).
 */
import type { ModelConfig, Rotation, WeightLayout } from '../config';
import type { Entries } from '../jsonEntries';
import type { TensorSet } from '../safetensors';
import { onePlus, vector } from '../tensorViews';
import type { ModelWeights } from '../weights';
import type { Family } from './family';
import { readLlamaWeights } from './llama';
import { plainRotation, scaledRotation } from './rotations';
import {
	LARGEST,
	readActivation,
	readLayerTypes,
	readSizes,
	refuseFlag,
	type LayerType
} from './sizes';

/** Published files leave out what is as in `transformers`. */
const DEFAULT_SIZES = {
	vocabularySize: 262_208,
	hiddenSize: 2304,
	intermediateSize: 9216,
	layers: 26,
	heads: 8,
	keyValueHeads: 4,
	headSize: 256
};
const DEFAULT_THETA = { full_attention: 1_000_000, sliding_attention: 10_000 };
/** every so many layers, one is global */
const PATTERN = 6;

export const gemma3Text: Family = { readConfig: textConfig, readWeights };

/** The text model inside of one that sees pictures. */
export const gemma3: Family = {
	readConfig(entries) {
		const text = entries.inner('text_config');
		if (!text) throw entries.refusal('"text_config" is missing, the part that describes the text');
		return textConfig(text);
	},
	readWeights
};

function textConfig(entries: Entries): ModelConfig {
	for (const key of ['attn_logit_softcapping', 'final_logit_softcapping']) {
		if (entries.has(key)) throw entries.refusal(`it asks for "${key}", which is not supported`);
	}
	refuseFlag(entries, 'use_bidirectional_attention');
	const sizes = readSizes(entries, DEFAULT_SIZES);
	const positions = entries.whole('max_position_embeddings', LARGEST.positions, 131_072);
	const window = entries.whole('sliding_window', LARGEST.positions, 4096);
	const biased = entries.flag('attention_bias', false);
	const pattern = entries.whole('sliding_window_pattern', LARGEST.layers, PATTERN);
	const types =
		readLayerTypes(entries, sizes.layers) ??
		Array.from({ length: sizes.layers }, (_, layer): LayerType =>
			(layer + 1) % pattern === 0 ? 'full_attention' : 'sliding_attention'
		);
	const layerWindows = types.map((type) => (type === 'sliding_attention' ? window : positions));
	return {
		family: 'gemma3_text',
		...sizes,
		normalization: { kind: 'rms', epsilon: entries.positive('rms_norm_eps', 1e-6) },
		activation: readActivation(entries, 'hidden_activation', 'gelu_pytorch_tanh'),
		gatedMlp: true,
		queryKeyNorm: true,
		updateNorms: true,
		biases: { projection: biased, output: biased, mlp: false },
		embeddingScale: Math.sqrt(sizes.hiddenSize),
		attentionScale: entries.positive('query_pre_attn_scalar', 256) ** -0.5,
		learnedPositions: 0,
		rotations: [
			rotationOf(entries, 'sliding_attention', sizes.headSize, positions),
			rotationOf(entries, 'full_attention', sizes.headSize, positions)
		],
		layerRotations: types.map((type) => (type === 'sliding_attention' ? 0 : 1)),
		layerWindows,
		window: Math.max(...layerWindows),
		tiedEmbeddings: entries.flag('tie_word_embeddings', true)
	};
}

/** From `rope_parameters`, by layer type, or from the older entries, whose scaling is that of global layers. */
function rotationOf(
	entries: Entries,
	type: LayerType,
	headSize: number,
	positions: number
): Rotation {
	const isGlobal = type === 'full_attention';
	const outerTheta = entries.positive(
		isGlobal ? 'rope_theta' : 'rope_local_base_freq',
		DEFAULT_THETA[type]
	);
	const scaling =
		(isGlobal ? entries.inner('rope_scaling') : null) ??
		entries.inner('rope_parameters')?.inner(type);
	if (!scaling) return plainRotation(outerTheta, headSize);
	return scaledRotation(scaling, scaling.positive('rope_theta', outerTheta), headSize, positions);
}

function readWeights(tensors: TensorSet, config: WeightLayout): ModelWeights {
	return readLlamaWeights(tensors, config, {
		prefixes: ['model.', 'language_model.model.', 'model.language_model.', ''],
		normWeight: (tensor) => onePlus(vector(tensor)),
		mlpNorm: 'pre_feedforward_layernorm',
		attentionUpdateNorm: 'post_attention_layernorm',
		mlpUpdateNorm: 'post_feedforward_layernorm'
	});
}
