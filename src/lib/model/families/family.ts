/** What a model family is to the rest: a way to read its config.json, and its names for the tensors. */
import type { ModelConfig, WeightLayout } from '../config';
import type { Entries } from '../jsonEntries';
import type { TensorSet } from '../safetensors';
import type { ModelWeights } from '../weights';

export interface Family {
	/** Throws a ModelFileError when the entries describe no model, or one with features that no engine has. */
	readConfig(entries: Entries): ModelConfig;
	/** Finds every tensor that `config` needs. Throws a ModelFileError when one is missing or has another shape. */
	readWeights(tensors: TensorSet, config: WeightLayout): ModelWeights;
}
