/**
 * Five kinds of models in several copies each, and a classifier that hears scores: the shipped model (other layers of it, with
 * noise on its weights, in every copy), its untrained twin, and random models like GPT-2, Llama and Gemma (another seed in
 * every copy). All have four layers, and of each matrix the first rows alone are measured, so neither a piece's
 * length nor a matrix's size tells one kind from another.
 */
import { untrainedWeights } from '../../../src/lib/model/untrainedTwin';
import {
	measureModel,
	type ReadableMatrix,
	type ReadableWeights
} from '../../../src/lib/sonify/measure';
import type { Score } from '../../../src/lib/sonify/score';
import type { ModelStatistics } from '../../../src/lib/sonify/statistics';
import { SHIPPED_FOLDER, modelIn } from '../model/fixtures';
import { randomModel, randomNumbers } from '../model/randomModel';
import { FAMILIES, onlyLayers, singularValues } from './models';

const MOST_ROWS = 64;

/** Noise on the weights of the shipped model, as a share of their size. */
const NOISE = 0.05;

/** Of the six layers of the shipped model. */
const FOUR_LAYERS = [
	[0, 1, 2, 3],
	[2, 3, 4, 5],
	[0, 2, 3, 5],
	[1, 2, 4, 5],
	[0, 1, 4, 5],
	[0, 1, 3, 4]
];

export const KINDS = ['shipped', 'untrained', ...Object.keys(FAMILIES)];

/** `copies` of each kind. */
export async function fiveKinds(
	copies: number
): Promise<{ kind: string; statistics: ModelStatistics }[]> {
	const { weights } = await modelIn(SHIPPED_FOLDER);
	const all: { kind: string; statistics: ModelStatistics }[] = [];
	for (let copy = 0; copy < copies; copy++) {
		const layers = FOUR_LAYERS[copy % FOUR_LAYERS.length]!;
		const chosen = { ...weights, layers: layers.map((layer) => weights.layers[layer]!) };
		all.push({ kind: 'shipped', statistics: await measured('m', noisy(chosen, copy)) });
		const twin = untrainedWeights(chosen, copy);
		all.push({ kind: 'untrained', statistics: await measured('m', twin) });
		for (const [kind, config] of Object.entries(FAMILIES)) {
			const random = randomModel(config, 100 + copy).weights;
			all.push({ kind, statistics: await measured('m', random) });
		}
	}
	return all.map(({ kind, statistics }) => ({
		kind,
		statistics: onlyLayers(statistics, [0, 1, 2, 3])
	}));
}

function measured(name: string, weights: ReadableWeights): Promise<ModelStatistics> {
	return measureModel(name, mapMatrices(weights, firstRows), { singularValues });
}

function firstRows(matrix: ReadableMatrix): ReadableMatrix {
	const rows = Math.min(matrix.rows, MOST_ROWS);
	return { ...matrix, rows, floats: (first, end) => matrix.floats(first, end) };
}

function noisy(weights: ReadableWeights, seed: number): ReadableWeights {
	let salt = 1000 * seed;
	return mapMatrices(weights, (matrix) => {
		const own = ++salt;
		return {
			...matrix,
			async floats(first, end) {
				const random = randomNumbers(own + 7 * first);
				const values = await matrix.floats(first, end);
				return values.map((value) => value * (1 + NOISE * (2 * random() - 1)));
			}
		};
	});
}

function mapMatrices(
	{ embedding, positions, head, layers, finalNorm }: ReadableWeights,
	change: (matrix: ReadableMatrix) => ReadableMatrix
): ReadableWeights {
	const changed = <T extends { weight: ReadableMatrix } | null>(linear: T): T =>
		linear && { ...linear, weight: change(linear.weight) };
	const table = change(embedding);
	return {
		embedding: table,
		positions: positions && change(positions),
		head: head === embedding ? table : change(head),
		finalNorm,
		layers: layers.map((layer) => ({
			...layer,
			query: changed(layer.query),
			key: changed(layer.key),
			value: changed(layer.value),
			output: changed(layer.output),
			gate: changed(layer.gate),
			up: changed(layer.up),
			down: changed(layer.down)
		}))
	};
}

/** What a listener could count: of each part notes a bar, height, loudness and their spread, intervals, accents, slides. */
export function features(score: Score): number[] {
	return score.parts.flatMap(({ id, track }) => {
		const own = score.notes.filter(({ part }) => part === id);
		const pitches = own.map(({ pitch }) => pitch);
		const velocities = own.map(({ velocity }) => velocity);
		const leaps = pitches.slice(1).map((pitch, i) => Math.abs(pitch - pitches[i]!));
		const classes = Array.from({ length: 12 }, (_, degree) =>
			track === 'drums'
				? 0
				: mean(pitches.map((pitch) => ((pitch - score.key.tonic + 120) % 12 === degree ? 1 : 0)))
		);
		return [
			own.length / score.bars,
			mean(pitches),
			spread(pitches),
			mean(velocities),
			spread(velocities),
			mean(leaps),
			mean(own.map(({ accent }) => Number(accent))),
			mean(own.map(({ slide }) => Number(slide))),
			mean(own.map(({ duration }) => duration)),
			...classes
		];
	});
}

export interface Heard {
	readonly kind: string;
	readonly features: readonly number[];
}

/**
 * The share of pieces whose kind the nearest mean of the others tells, each piece left out in its turn; features count in
 * deviations within a kind.
 */
export function heardRight(pieces: readonly Heard[]): number {
	const right = pieces.filter((piece) => {
		const others = pieces.filter((other) => other !== piece);
		const kinds = [...new Set(pieces.map(({ kind }) => kind))];
		const means = new Map(
			kinds.map((kind) => [
				kind,
				piece.features.map((_, i) =>
					mean(others.filter((other) => other.kind === kind).map((other) => other.features[i]!))
				)
			])
		);
		const within = piece.features.map((_, i) =>
			Math.sqrt(mean(others.map((other) => (other.features[i]! - means.get(other.kind)![i]!) ** 2)))
		);
		const distance = (kind: string): number =>
			mean(
				piece.features.map(
					(value, i) => ((value - means.get(kind)![i]!) / (within[i]! + 1e-3)) ** 2
				)
			);
		const nearest = kinds.reduce((best, kind) => (distance(kind) < distance(best) ? kind : best));
		return nearest === piece.kind;
	});
	return right.length / pieces.length;
}

function mean(values: readonly number[]): number {
	return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

function spread(values: readonly number[]): number {
	const middle = mean(values);
	return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
