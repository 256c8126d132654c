/** Statistics of small models with random weights, and what the tests do with them. */
import { createSvd } from '../../../src/lib/linalg/svd';
import type { ModelConfig } from '../../../src/lib/model/config';
import { measureModel } from '../../../src/lib/sonify/measure';
import type { LayerStatistics, ModelStatistics } from '../../../src/lib/sonify/statistics';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel, randomNumbers } from '../model/randomModel';

/** Singular values as every machine can find them. */
export const { singularValues } = createSvd(null);

/** A model of each family, of four layers. */
export const FAMILIES = {
	'GPT-2': withLayers(TINY_GPT2, 4),
	Llama: withLayers(TINY, 4),
	Gemma: withLayers(TINY_GEMMA, 4)
} as const;

export function withLayers(config: ModelConfig, layers: number): ModelConfig {
	const repeated = (values: readonly number[]): number[] =>
		values.length === 0 ? [] : Array.from({ length: layers }, (_, i) => values[i % values.length]!);
	return {
		...config,
		layers,
		layerRotations: repeated(config.layerRotations),
		layerWindows: repeated(config.layerWindows)
	};
}

export function statisticsOf(config: ModelConfig, seed: number): Promise<ModelStatistics> {
	const { weights } = randomModel(config, seed);
	return measureModel(`${config.family} ${seed}`, weights, { singularValues });
}

/** The statistics with every singular value off by at most `relative` of itself, as another engine would find them. */
export function perturbed(model: ModelStatistics, relative: number, seed: number): ModelStatistics {
	const random = randomNumbers(seed);
	return mapSpectra(model, (values) =>
		Float32Array.from(values, (value) => value * (1 + relative * (2 * random() - 1))).sort(
			(a, b) => b - a
		)
	);
}

export function mapSpectra(
	model: ModelStatistics,
	change: (values: Float32Array) => Float32Array
): ModelStatistics {
	const changed = <T extends { singularValues: Float32Array } | null>(matrix: T): T =>
		matrix && { ...matrix, singularValues: change(matrix.singularValues) };
	return {
		...model,
		embedding: changed(model.embedding),
		positions: changed(model.positions),
		head: changed(model.head),
		layers: model.layers.map((layer) => ({
			...layer,
			matrices: Object.fromEntries(
				Object.entries(layer.matrices).map(([role, matrix]) => [role, changed(matrix)])
			) as LayerStatistics['matrices']
		}))
	};
}

/** A model of some of its layers, numbered anew. */
export function onlyLayers(model: ModelStatistics, chosen: readonly number[]): ModelStatistics {
	const numbered = <T extends { layer: number | null } | null>(measured: T, layer: number): T =>
		measured && { ...measured, layer };
	return {
		...model,
		layers: chosen.map((index, layer) => {
			const { matrices, norms } = model.layers[index]!;
			const renumber = <T extends object>(all: T): T =>
				Object.fromEntries(
					Object.entries(all).map(([role, measured]) => [
						role,
						numbered(measured as { layer: number | null } | null, layer)
					])
				) as T;
			return { matrices: renumber(matrices), norms: renumber(norms) };
		})
	};
}
