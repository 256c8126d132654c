/** A model in a few numbers: what it is as a whole, and how its layers stand to one another. */
import { deviationOf, spectralChanges, wholeOf, type Source } from './readings';
import { ranksOf } from './ranks';
import {
	allNorms,
	gateOf,
	matricesOf,
	meanFrobenius,
	tensionOf,
	type LayerStatistics,
	type ModelStatistics
} from './statistics';

/** What tells one kind of model from another, each 0..1, by fixed curves: not compared with anything. */
export interface Character {
	/** how few directions hold its matrices: training makes order, chance does not */
	readonly order: number;
	/** how heavy the tails of its weights are: 0.5 for normal ones, less for uniform ones */
	readonly tails: number;
	/** attention's share of the weights' length, 0.5 where MLP and attention weigh the same */
	readonly attention: number;
	/** how unevenly norms treat their channels: 0 in an untrained model */
	readonly imbalance: number;
}

/** How the layers of one model stand to one another: [layers] ranks, 0 the least of all, 1 the most. */
export interface LayerCurves {
	/** Frobenius norms of attention over those of the MLP */
	readonly tension: readonly number[];
	/** deviation of the gate's weights: what opens the filter */
	readonly brightness: readonly number[];
	/** kurtosis of the value matrix: what makes the filter ring */
	readonly resonance: readonly number[];
	/** how much the spectrum changes from the layer before */
	readonly change: readonly number[];
	/** Frobenius norm of `down` */
	readonly weight: readonly number[];
}

export function characterOf(model: ModelStatistics): Character {
	const matrices = model.layers.flatMap(matricesOf);
	const order = mean(matrices.map((matrix) => wholeOf(matrix, 'order').value));
	const kurtosis = mean(matrices.map((matrix) => Math.max(-2, Math.min(50, matrix.kurtosis))));
	const attention = mean(model.layers.map(attentionOf));
	const mlp = mean(model.layers.map(mlpOf));
	const unevenness = mean(
		allNorms(model).map((norm) => norm.deviation / Math.max(Math.abs(norm.mean), 1e-6))
	);
	return {
		order,
		tails: kurtosis < 0 ? 0.5 + kurtosis / 4 : 0.5 + kurtosis / (2 * (kurtosis + 1)),
		attention: attention / (attention + mlp),
		imbalance: unevenness / (unevenness + 0.3)
	};
}

export function layerCurves(model: ModelStatistics): LayerCurves {
	const { layers } = model;
	const over = (quantity: (layer: LayerStatistics, index: number) => number): number[] =>
		ranksOf(layers.map((layer, index) => ({ value: quantity(layer, index) })));
	return {
		tension: over(tensionOf),
		brightness: over((layer) => gateOf(layer).deviation),
		resonance: over(({ matrices }) => matrices.value.kurtosis),
		change: over((_, index) => mean(changesOf(model, index, 16).map(({ value }) => value))),
		weight: over(({ matrices }) => matrices.down.frobenius)
	};
}

/** Spectral changes of a layer, of its value and its down matrix in turn. */
export function changesOf(model: ModelStatistics, layer: number, count: number): Source[] {
	const half = Math.ceil(count / 2);
	const value = spectralChanges(model, layer, 'value', half);
	const down = spectralChanges(model, layer, 'down', half);
	return Array.from({ length: count }, (_, i) => (i % 2 ? down : value)[i >> 1]!);
}

/** Every tensor of the model as one number, the largest first: Frobenius norms of matrices. */
export function byFrobenius(model: ModelStatistics): Source[] {
	return model.layers
		.flatMap(matricesOf)
		.map((matrix) => wholeOf(matrix, 'Frobenius norm'))
		.sort((a, b) => b.value - a.value);
}

/** How uneven each norm is, in the order of the model. */
export function unevennessOf(model: ModelStatistics): Source[] {
	return allNorms(model).map(deviationOf);
}

function attentionOf({ matrices: { query, key, value, output } }: LayerStatistics): number {
	return meanFrobenius([query, key, value, output]);
}

function mlpOf({ matrices: { gate, up, down } }: LayerStatistics): number {
	return meanFrobenius(gate ? [gate, up, down] : [up, down]);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
