/**
 * The matrices as the kernels see them. Rows lie in pairs that one invocation multiplies together: the two channels of a
 * head that turn together, a unit's gate and up rows, otherwise neighbours. Rows are padded to whole vectors of 16 bytes,
 * and an odd last row to a pair. Beside the matrices, each layer has its `vectors`: norms, biases and scales in f32.
 */
import type { ModelConfig } from '../config';
import { layOut } from './constants';
import type { WeightFormat } from './form';

/** Weights that one vector of 16 bytes holds. */
export const WEIGHTS_PER_VECTOR: Readonly<Record<WeightFormat, number>> = { f16: 8, int8: 16 };

export const VECTOR_BYTES = 16;

/** Vectors of a row of `columns` weights. */
export function vectorsOf(columns: number, format: WeightFormat): number {
	return Math.ceil(columns / WEIGHTS_PER_VECTOR[format]);
}

/** Floats of an input of `columns`, padded with zeros for either format. */
export function inputFloats(columns: number): number {
	return Math.ceil(columns / 16) * 16;
}

export interface MatrixShape {
	/** without padding */
	readonly rows: number;
	readonly columns: number;
}

/** The matrices of a layer. */
export type LayerMatrix = 'projection' | 'output' | 'mlp' | 'down';

export function layerMatrices(config: ModelConfig): Readonly<Record<LayerMatrix, MatrixShape>> {
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize, gatedMlp } = config;
	return {
		projection: { rows: (heads + 2 * keyValueHeads) * headSize, columns: hiddenSize },
		output: { rows: hiddenSize, columns: heads * headSize },
		mlp: { rows: intermediateSize * (gatedMlp ? 2 : 1), columns: hiddenSize },
		down: { rows: hiddenSize, columns: intermediateSize }
	};
}

/** Rows with the one that fills up a pair. */
export function evenRows(rows: number): number {
	return rows + (rows % 2);
}

/** Bytes of a matrix. */
export function matrixBytes({ rows, columns }: MatrixShape, format: WeightFormat): number {
	return evenRows(rows) * vectorsOf(columns, format) * VECTOR_BYTES;
}

/** A range of rows of a large table, which has a buffer of its own. */
export interface TablePart {
	readonly first: number;
	readonly rows: number;
}

/** Embedding and head in parts of whole pairs, none beyond `bindingBytes`. */
export function tableParts(
	{ vocabularySize, hiddenSize }: ModelConfig,
	format: WeightFormat,
	bindingBytes: number
): TablePart[] {
	const rowBytes = vectorsOf(hiddenSize, format) * VECTOR_BYTES;
	const rows = Math.max(2, Math.floor(bindingBytes / rowBytes / 2) * 2);
	const parts: TablePart[] = [];
	for (let first = 0; first < vocabularySize; first += rows) {
		parts.push({ first, rows: Math.min(rows, vocabularySize - first) });
	}
	return parts;
}

/** Where each norm, bias and list of scales of a layer begins in its vectors, in floats. */
export function layerVectors(config: ModelConfig, format: WeightFormat) {
	const { hiddenSize, headSize, queryKeyNorm, updateNorms, biases } = config;
	const shapes = layerMatrices(config);
	const normBias = config.normalization.kind === 'layer' ? hiddenSize : 0;
	const forEachRow = (wanted: boolean, { rows }: MatrixShape) => (wanted ? evenRows(rows) : 0);
	const isScaled = format === 'int8';
	return layOut({
		/** of what the MLP of the layer before added */
		previousUpdateNorm: updateNorms ? hiddenSize : 0,
		previousUpdateNormBias: updateNorms ? normBias : 0,
		attentionNorm: hiddenSize,
		attentionNormBias: normBias,
		queryNorm: queryKeyNorm ? headSize : 0,
		keyNorm: queryKeyNorm ? headSize : 0,
		attentionUpdateNorm: updateNorms ? hiddenSize : 0,
		attentionUpdateNormBias: updateNorms ? normBias : 0,
		mlpNorm: hiddenSize,
		mlpNormBias: normBias,
		projectionBias: forEachRow(biases.projection, shapes.projection),
		outputBias: forEachRow(biases.output, shapes.output),
		mlpBias: forEachRow(biases.mlp, shapes.mlp),
		downBias: forEachRow(biases.mlp, shapes.down),
		projectionScales: forEachRow(isScaled, shapes.projection),
		outputScales: forEachRow(isScaled, shapes.output),
		mlpScales: forEachRow(isScaled, shapes.mlp),
		downScales: forEachRow(isScaled, shapes.down)
	});
}

/** The same for what stands around the layers. */
export function outerVectors(config: ModelConfig, format: WeightFormat) {
	const { hiddenSize, updateNorms, vocabularySize, learnedPositions, tiedEmbeddings } = config;
	const normBias = config.normalization.kind === 'layer' ? hiddenSize : 0;
	const isScaled = format === 'int8';
	return layOut({
		previousUpdateNorm: updateNorms ? hiddenSize : 0,
		previousUpdateNormBias: updateNorms ? normBias : 0,
		finalNorm: hiddenSize,
		finalNormBias: normBias,
		embeddingScales: isScaled ? evenRows(vocabularySize) : 0,
		headScales: isScaled && !tiedEmbeddings ? evenRows(vocabularySize) : 0,
		positionScales: isScaled ? evenRows(learnedPositions) : 0
	});
}
