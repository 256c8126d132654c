/** Phi-3: Llama with query, key and value in one tensor, gate and up in another. Its longrope scaling is refused. */
import { shown } from '../jsonEntries';
import type { Family } from './family';
import { llamaConfig, readLlamaWeights } from './llama';
import { scalingOf } from './rotations';
import { readSizes, refuseFlag } from './sizes';

export const phi3: Family = {
	readConfig(entries) {
		refuseFlag(entries, 'attention_bias');
		const kind = scalingOf(entries);
		if (kind !== 'default') {
			throw entries.refusal(
				`rotary positions are scaled by ${shown(kind)}, and Phi-3 runs without scaling only`
			);
		}
		return llamaConfig(entries, readSizes(entries), 1e-5);
	},
	readWeights: (tensors, config) =>
		readLlamaWeights(tensors, config, {
			fusedProjections: 'qkv_proj',
			fusedGateAndUp: 'gate_up_proj'
		})
};
