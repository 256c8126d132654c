/** Qwen2 and Qwen3: Llama with biases on query, key and value (2), or with normalised queries and keys (3). */
import type { ModelConfig } from '../config';
import type { Entries } from '../jsonEntries';
import type { Family } from './family';
import { llamaConfig, readLlamaWeights } from './llama';
import { LARGEST, readLayerTypes, readSizes, type LayerType } from './sizes';

export const qwen2: Family = {
	readConfig(entries) {
		const config = withLayerWindows(entries, llamaConfig(entries));
		return { ...config, biases: { projection: true, output: false, mlp: false } };
	},
	readWeights: (tensors, config) => readLlamaWeights(tensors, config)
};

export const qwen3: Family = {
	readConfig(entries) {
		const sizes = readSizes(entries, { headSize: 128 });
		const config = withLayerWindows(entries, llamaConfig(entries, sizes));
		const biased = entries.flag('attention_bias', false);
		return {
			...config,
			queryKeyNorm: true,
			biases: { projection: biased, output: biased, mlp: false }
		};
	},
	readWeights: (tensors, config) => readLlamaWeights(tensors, config)
};

/** Layers from `max_window_layers` on see `sliding_window` keys, where `use_sliding_window` says so at all. */
function withLayerWindows(entries: Entries, config: ModelConfig): ModelConfig {
	const positions = entries.whole('max_position_embeddings', LARGEST.positions);
	const sliding = entries.flag('use_sliding_window', false);
	const window = entries.isNull('sliding_window')
		? positions
		: entries.whole('sliding_window', LARGEST.positions, 4096);
	const fullLayers = entries.count('max_window_layers', LARGEST.layers, 28);
	const types =
		readLayerTypes(entries, config.layers) ??
		Array.from({ length: config.layers }, (_, layer): LayerType =>
			sliding && layer >= fullLayers ? 'sliding_attention' : 'full_attention'
		);
	if (!sliding && types.includes('sliding_attention')) {
		throw entries.refusal(
			`"layer_types" asks for sliding_attention, but "use_sliding_window" says there is none`
		);
	}
	const layerWindows = types.map((type) => (type === 'sliding_attention' ? window : positions));
	return { ...config, layerWindows, window: Math.max(...layerWindows) };
}
