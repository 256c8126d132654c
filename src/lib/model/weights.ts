/**
 * The weights of a model by their role, whatever the family calls them, and in the two forms in which engines take them:
 * f32, and f16 bits. Values are read from the file and converted when an engine asks, some rows at a time, so nothing
 * but the file itself holds all of them.
 */
import type { WeightLayout } from './config';
import { FAMILIES } from './families/families';
import type { TensorSet } from './safetensors';

export { floatToHalf, halfToFloat } from './numberFormats';

/** A matrix [rows × columns] that is multiplied with a vector of `columns`. */
export interface Matrix {
	/** of the tensor it comes from, for errors */
	readonly name: string;
	readonly rows: number;
	readonly columns: number;
	/** Rows `first` .. `end` (exclusive, default all) in f32, row-major: exact for every weight type. */
	floats(first?: number, end?: number): Promise<Float32Array<ArrayBuffer>>;
	/**
	 * The same as f16 bits: unchanged from an F16 file, otherwise rounded to the nearest, ties to even.
	 * Throws a ModelFileError when a value is beyond what f16 can hold.
	 */
	halves(first?: number, end?: number): Promise<Uint16Array<ArrayBuffer>>;
}

/** A norm's weight or a bias. */
export interface Vector {
	readonly name: string;
	readonly size: number;
	floats(): Promise<Float32Array<ArrayBuffer>>;
}

/** y = weight · x + bias */
export interface Linear {
	readonly weight: Matrix;
	readonly bias: Vector | null;
}

export interface Norm {
	/** already what multiplies: Gemma's "1 + w" is added up when it is read */
	readonly weight: Vector;
	/** of a layer norm */
	readonly bias: Vector | null;
}

export interface LayerWeights {
	readonly attentionNorm: Norm;
	readonly query: Linear;
	readonly key: Linear;
	readonly value: Linear;
	/** [headSize], with `queryKeyNorm` */
	readonly queryNorm: Norm | null;
	readonly keyNorm: Norm | null;
	readonly output: Linear;
	/** of what attention adds, with `updateNorms` */
	readonly attentionUpdateNorm: Norm | null;
	readonly mlpNorm: Norm;
	/** with `gatedMlp` */
	readonly gate: Linear | null;
	readonly up: Linear;
	readonly down: Linear;
	/** of what the MLP adds, with `updateNorms` */
	readonly mlpUpdateNorm: Norm | null;
}

export interface ModelWeights {
	/** [vocabulary × hidden] */
	readonly embedding: Matrix;
	/** [learnedPositions × hidden] */
	readonly positions: Matrix | null;
	readonly layers: readonly LayerWeights[];
	readonly finalNorm: Norm;
	/** [vocabulary × hidden]; the embedding itself (the same object) where the two are tied */
	readonly head: Matrix;
}

/** Finds every tensor that `config` needs. Throws a ModelFileError when one is missing or has another shape. */
export function readWeights(tensors: TensorSet, config: WeightLayout): ModelWeights {
	const family = FAMILIES.get(config.family);
	if (!family) throw new RangeError(`There is no model family "${config.family}".`);
	return family.readWeights(tensors, config);
}
