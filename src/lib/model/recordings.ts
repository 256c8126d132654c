/**
 * What the engines on the CPU keep of the latest tokens, and an Inspector that answers from it. Queries and keys lie in
 * rings as long as the cache of their layer, residuals in a short ring of their own.
 */
import type { ModelConfig } from './config';
import {
	RESIDUAL_POSITIONS,
	type AttentionMatrix,
	type Inspector,
	type QueryKeyProducts
} from './inspector';
import { cacheCapacity } from './sequence';

type Values = Float32Array | Float64Array;

/** Where a layer's keys lie: channel c of position p of a head is at head × headStride + (p mod capacity) × slotStride + c. */
export interface KeyRing {
	readonly values: Values;
	readonly headStride: number;
	readonly slotStride: number;
}

export interface Recordings {
	/**
	 * Of one layer at a position: queries [heads × headSize] after norm and rotation, and for each head ln Σ exp(score)
	 * over the keys that its query saw.
	 */
	recordQuery(layer: number, position: number, query: Values, normalizers: Values): void;
	/** The residual stream [hiddenSize] behind layer `layer`, 0 being the embedding. */
	recordResidual(layer: number, position: number, residual: Values): void;
	readonly inspector: Inspector;
}

/**
 * Empty recordings. `keysOf` gives the keys of a layer where the engine keeps them anyway; `positionsRun` the number of
 * positions that are in the cache now.
 */
export function createRecordings(
	config: ModelConfig,
	keysOf: (layer: number) => KeyRing,
	positionsRun: () => number
): Recordings {
	const { heads, keyValueHeads, headSize, hiddenSize, layers, attentionScale } = config;
	const width = heads * headSize;
	const capacities = config.layerWindows.map(cacheCapacity);
	const queries = capacities.map((capacity) => new Float32Array(capacity * width));
	const logNormalizers = capacities.map((capacity) => new Float32Array(capacity * heads));
	const residuals = new Float32Array((layers + 1) * RESIDUAL_POSITIONS * hiddenSize);
	const residualSlots = createResidualSlots();
	const residualAt = (layer: number, position: number) =>
		((position % RESIDUAL_POSITIONS) * (layers + 1) + layer) * hiddenSize;

	/** positions from 0 to the furthest that was recorded since the sequence began: older slots are overwritten */
	let reached = 0;

	/** The first position that the query at `position` saw. */
	const oldestOf = (layer: number, position: number) =>
		Math.max(0, position - config.layerWindows[layer]! + 1);

	function requireHead(layer: number, head: number): void {
		requireIndex('layer', layer, layers);
		requireIndex('head', head, heads);
	}

	/** attentionScale × query · key, of the query at `position` with the keys from `first` to its own. */
	function scores(layer: number, head: number, position: number, first: number): Float64Array {
		const capacity = capacities[layer]!;
		const { values, headStride, slotStride } = keysOf(layer);
		const query = queries[layer]!;
		const queryAt = (position % capacity) * width + head * headSize;
		const keysAt = Math.floor((head * keyValueHeads) / heads) * headStride;
		return Float64Array.from({ length: position - first + 1 }, (_, i) => {
			const key = keysAt + ((first + i) % capacity) * slotStride;
			let sum = 0;
			for (let c = 0; c < headSize; c++) sum += query[queryAt + c]! * values[key + c]!;
			return sum * attentionScale;
		});
	}

	/** Throws a RangeError unless the query at `position`, and all keys that it saw, are still there. */
	function requireKept(layer: number, position: number): void {
		requireIndex('position', position, positionsRun());
		const capacity = capacities[layer]!;
		if (oldestOf(layer, position) < reached - capacity) {
			throw new RangeError(
				`Position ${position} lies too far back: layer ${layer} keeps its latest ${capacity} keys, and that query saw older ones. Ask for a later position.`
			);
		}
	}

	function residualsOf(layer: number, first: number, count: number): Float32Array<ArrayBuffer> {
		requireIndex('layer', layer, layers + 1);
		residualSlots.requireRun(first, count, positionsRun());
		const found = new Float32Array(count * hiddenSize);
		for (let i = 0; i < count; i++) {
			const at = residualAt(layer, first + i);
			found.set(residuals.subarray(at, at + hiddenSize), i * hiddenSize);
		}
		return found;
	}

	const inspector: Inspector = {
		async attention(layer, head): Promise<AttentionMatrix> {
			requireHead(layer, head);
			const run = positionsRun();
			requireIndex('position', 0, run);
			const first = oldestOf(layer, run - 1);
			const count = run - first;
			const weights = new Float32Array(count * count);
			for (let row = 0; row < count; row++) {
				const position = first + row;
				const slot = position % capacities[layer]!;
				const normalizer = logNormalizers[layer]![slot * heads + head]!;
				const seen = scores(layer, head, position, first);
				weights.set(
					seen.map((score) => Math.exp(score - normalizer)),
					row * count
				);
			}
			return { first, count, weights };
		},
		async products(layer, head, position): Promise<QueryKeyProducts> {
			requireHead(layer, head);
			requireKept(layer, position);
			const capacity = capacities[layer]!;
			const first = oldestOf(layer, position);
			const products = scores(layer, head, position, first);
			const { values, headStride, slotStride } = keysOf(layer);
			const keysAt = Math.floor((head * keyValueHeads) / heads) * headStride;
			const keys = new Float32Array(products.length * headSize);
			products.forEach((_, i) => {
				const key = keysAt + ((first + i) % capacity) * slotStride;
				keys.set(values.subarray(key, key + headSize), i * headSize);
			});
			const queryAt = (position % capacity) * width + head * headSize;
			return {
				first,
				count: products.length,
				query: queries[layer]!.slice(queryAt, queryAt + headSize),
				keys,
				products: Float32Array.from(products),
				weights: Float32Array.from(softmax(products))
			};
		},
		async residual(layer, position) {
			return residualsOf(layer, position, 1);
		},
		async residuals(layer, first, count) {
			return residualsOf(layer, first, count);
		}
	};

	return {
		recordQuery(layer, position, query, normalizers) {
			const slot = position % capacities[layer]!;
			queries[layer]!.set(query, slot * width);
			logNormalizers[layer]!.set(normalizers, slot * heads);
			reached = position === 0 ? 1 : Math.max(reached, position + 1);
		},
		recordResidual(layer, position, residual) {
			residuals.set(residual, residualAt(layer, position));
			residualSlots.fill(position);
		},
		inspector
	};
}

/** Throws a RangeError unless `index` is one of 0 .. count - 1. */
export function requireIndex(what: string, index: number, count: number): void {
	if (Number.isInteger(index) && index >= 0 && index < count) return;
	throw new RangeError(
		count > 0
			? `There is no ${what} ${index}: there are ${count}, counted from 0.`
			: `There is no ${what} to look at yet: the model has read nothing.`
	);
}

/** Which position each slot of the ring of residuals holds: after a truncation not simply the latest ones. */
export interface ResidualSlots {
	/** The residual at `position` is written now. */
	fill(position: number): void;
	/** Throws a RangeError unless `count` positions from `first` on are among the `run` first ones, and none was overwritten. */
	requireRun(first: number, count: number, run: number): void;
}

export function createResidualSlots(): ResidualSlots {
	const positions = new Float64Array(RESIDUAL_POSITIONS).fill(-1);
	return {
		fill(position) {
			positions[position % RESIDUAL_POSITIONS] = position;
		},
		requireRun(first, count, run) {
			requireIndex('position', first, run);
			if (!Number.isInteger(count) || count < 1) {
				throw new RangeError(`${count} positions can't be looked at. Ask for one at least.`);
			}
			requireIndex('position', first + count - 1, run);
			for (let position = first; position < first + count; position++) {
				if (positions[position % RESIDUAL_POSITIONS] === position) continue;
				throw new RangeError(
					`Position ${position} lies too far back: the residuals of the latest ${RESIDUAL_POSITIONS} positions are kept. Ask for a later position.`
				);
			}
		}
	};
}

export function softmax(scores: Float64Array): Float64Array {
	const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
	const weights = scores.map((score) => Math.exp(score - largest));
	const sum = weights.reduce((total, weight) => total + weight, 0);
	return weights.map((weight) => weight / sum);
}
