/** The tensors of a measured model as rows and columns: layers and roles, and what each is called. Pure. */
import { wholeOf, type Source } from '../../sonify/readings';
import {
	MATRIX_ROLES,
	NORM_ROLES,
	type MatrixStatistics,
	type ModelStatistics,
	type NormStatistics
} from '../../sonify/statistics';

export type Tensor = MatrixStatistics | NormStatistics;
export type TensorRole = Tensor['role'];

/** What tells one tensor of a model from another. */
export type TensorPlace = Pick<Tensor, 'role' | 'layer'>;

export const ROLE_WORDS: Readonly<Record<TensorRole, { short: string; words: string }>> = {
	query: { short: 'Q', words: 'query' },
	key: { short: 'K', words: 'key' },
	value: { short: 'V', words: 'value' },
	output: { short: 'O', words: 'output' },
	gate: { short: 'gate', words: 'gate' },
	up: { short: 'up', words: 'up' },
	down: { short: 'down', words: 'down' },
	attentionNorm: { short: 'nA', words: 'attention norm' },
	queryNorm: { short: 'nQ', words: 'query norm' },
	keyNorm: { short: 'nK', words: 'key norm' },
	attentionUpdateNorm: { short: 'nA′', words: 'attention update norm' },
	mlpNorm: { short: 'nM', words: 'MLP norm' },
	mlpUpdateNorm: { short: 'nM′', words: 'MLP update norm' },
	embedding: { short: 'words', words: 'embedding' },
	positions: { short: 'places', words: 'positions' },
	head: { short: 'head', words: 'output head' },
	finalNorm: { short: 'norm', words: 'final norm' }
};

export function isNorm(tensor: Tensor): tensor is NormStatistics {
	return 'gains' in tensor;
}

/** "Layer 3, up", "Embedding". */
export function placeWords({ role, layer }: TensorPlace): string {
	const { words } = ROLE_WORDS[role];
	return layer === null ? words[0]!.toUpperCase() + words.slice(1) : `Layer ${layer + 1}, ${words}`;
}

export function samePlace(a: TensorPlace, b: TensorPlace): boolean {
	return a.role === b.role && a.layer === b.layer;
}

/** Tensors outside of the layers. */
export function tablesOf({ embedding, positions, head, finalNorm }: ModelStatistics): Tensor[] {
	return [embedding, positions, head, finalNorm].filter((tensor) => tensor !== null);
}

/** The roles that the layers of a model have, in order. */
export function rolesOf({ layers }: ModelStatistics): TensorRole[] {
	return [
		...MATRIX_ROLES.filter((role) => layers.some(({ matrices }) => matrices[role])),
		...NORM_ROLES.filter((role) => layers.some(({ norms }) => norms[role]))
	];
}

/** The tensor at a place, or null where the model has none. */
export function tensorAt(model: ModelStatistics, { role, layer }: TensorPlace): Tensor | null {
	if (layer === null) return tablesOf(model).find((tensor) => tensor.role === role) ?? null;
	const { matrices, norms } = model.layers[layer] ?? { matrices: null, norms: null };
	const found: Partial<Record<TensorRole, Tensor | null>> = { ...matrices, ...norms };
	return found[role] ?? null;
}

/** The tensors of one role, layer by layer; of a table that one alone. */
export function sameRole(model: ModelStatistics, { role, layer }: TensorPlace): Tensor[] {
	if (layer === null) return tablesOf(model).filter((tensor) => tensor.role === role);
	return model.layers.flatMap((_, index) => tensorAt(model, { role, layer: index }) ?? []);
}

export const QUANTITIES = [
	'Frobenius norm',
	'largest singular value',
	'order',
	'deviation',
	'kurtosis'
] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** One number of a tensor; of a norm always the deviation of its gains. */
export function quantityOf(tensor: Tensor, quantity: Quantity): number {
	if (isNorm(tensor)) return tensor.deviation;
	return quantity === 'largest singular value'
		? tensor.singularValues[0]!
		: wholeOf(tensor, quantity).value;
}

/** Where each number stands between the least and the greatest, 0..1; 0.5 where all are the same. */
export function shares(numbers: readonly number[]): number[] {
	const low = Math.min(...numbers);
	const range = Math.max(...numbers) - low;
	return numbers.map((number) => (range > 0 ? (number - low) / range : 0.5));
}

/** A number with four digits that tell something. */
export function numberWords(value: number): string {
	if (value === 0) return '0';
	const size = Math.abs(value);
	if (size >= 10_000 || size < 0.001) return value.toExponential(2);
	return value.toPrecision(4);
}

/** What a source says, without its value: "row norm 13 of layer 3, up". */
export function sourceWords(source: Source): string {
	const place = placeWords(source);
	const of = source.layer === null ? place.toLowerCase() : place.replace('Layer', 'layer');
	const number = source.index === null ? '' : ` ${source.index + 1}`;
	return `${source.statistic}${number} of ${of}`;
}
