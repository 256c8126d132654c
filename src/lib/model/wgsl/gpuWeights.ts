/** A model's weights on the GPU: what every decoder of it shares. */
import { filledBuffer, storageBuffer, uniformBuffer } from '../../gpu/buffers';
import type { ModelConfig } from '../config';
import type { LayerWeights, Matrix, ModelWeights } from '../weights';
import type { KernelForm, WeightFormat } from './form';
import {
	VECTOR_BYTES,
	layerMatrices,
	layerVectors,
	matrixBytes,
	outerVectors,
	tableParts,
	vectorsOf,
	type LayerMatrix
} from './matrixShapes';
import {
	linearRows,
	mlpRows,
	packRows,
	plainRows,
	projectionRows,
	putBiases,
	putNorm,
	putVector,
	type RowBlock
} from './packWeights';

export interface GpuWeights {
	readonly layers: readonly LayerBuffers[];
	/** norms and scales of what stands around the layers, and which "layer" that is */
	readonly outer: { readonly vectors: GPUBuffer; readonly layer: GPUBuffer };
	/** in the parts of `tableParts`; where the two are tied, the same */
	readonly embedding: readonly GPUBuffer[];
	readonly head: readonly GPUBuffer[];
	readonly positions: GPUBuffer;
	dispose(): void;
}

export interface LayerBuffers extends Readonly<Record<LayerMatrix, GPUBuffer>> {
	readonly vectors: GPUBuffer;
	readonly layer: GPUBuffer;
}

/** Bytes that may wait in the queue for the GPU to take them. */
const BYTES_UNDER_WAY = 64 * 2 ** 20;

/** Reads, packs and uploads all weights. Throws a ModelFileError when they can't be read or kept. */
export async function uploadWeights(
	device: GPUDevice,
	config: ModelConfig,
	weights: ModelWeights,
	{ weights: format, bindingBytes }: KernelForm
): Promise<GpuWeights> {
	const owned: GPUBuffer[] = [];
	const own = (buffer: GPUBuffer): GPUBuffer => {
		owned.push(buffer);
		return buffer;
	};
	const layerNumber = (layer: number) =>
		own(uniformBuffer(device, `layer ${layer}`, Uint32Array.of(layer, 0, 0, 0)));
	const dispose = (): void => {
		for (const buffer of owned) buffer.destroy();
	};
	let waiting = 0;

	/** Writes rows to a new buffer, and their scales among `vectors`, which is uploaded later. */
	async function upload(
		name: string,
		blocks: readonly RowBlock[],
		shape: { rows: number; columns: number },
		vectors: Float32Array,
		scalesAt: number
	): Promise<GPUBuffer> {
		const buffer = own(storageBuffer(device, name, matrixBytes(shape, format)));
		const rowBytes = vectorsOf(shape.columns, format) * VECTOR_BYTES;
		await packRows(blocks, format, async (first, rows, scales) => {
			device.queue.writeBuffer(buffer, first * rowBytes, rows);
			if (scales) vectors.set(scales, scalesAt + first);
			waiting += rows.byteLength;
			if (waiting < BYTES_UNDER_WAY) return;
			waiting = 0;
			device.queue.submit([]);
			await device.queue.onSubmittedWorkDone();
		});
		return buffer;
	}

	async function uploadLayer(layer: LayerWeights, index: number): Promise<LayerBuffers> {
		const shapes = layerMatrices(config);
		const places = layerVectors(config, format);
		const vectors = await packLayerVectors(config, weights, index, format);
		const rows = layerRows(config, layer);
		const matrix = (name: LayerMatrix) =>
			upload(`${name} ${index}`, rows[name], shapes[name], vectors, places[`${name}Scales`]);
		return {
			projection: await matrix('projection'),
			output: await matrix('output'),
			mlp: await matrix('mlp'),
			down: await matrix('down'),
			vectors: own(filledBuffer(device, `vectors ${index}`, vectors)),
			layer: layerNumber(index)
		};
	}

	async function uploadTable(name: string, table: Matrix, vectors: Float32Array, scalesAt: number) {
		const parts: GPUBuffer[] = [];
		for (const { first, rows } of tableParts(config, format, bindingBytes)) {
			const blocks = plainRows(table, first, first + rows);
			const shape = { rows, columns: table.columns };
			parts.push(await upload(name, blocks, shape, vectors, scalesAt + first));
		}
		return parts;
	}

	try {
		const layers: LayerBuffers[] = [];
		for (const [index, layer] of weights.layers.entries()) {
			layers.push(await uploadLayer(layer, index));
		}
		const places = outerVectors(config, format);
		const vectors = new Float32Array(places.size);
		const last = weights.layers.at(-1);
		await putNorm(
			vectors,
			places.previousUpdateNorm,
			places.previousUpdateNormBias,
			last?.mlpUpdateNorm
		);
		await putNorm(vectors, places.finalNorm, places.finalNormBias, weights.finalNorm);
		const embedding = await uploadTable(
			'embedding',
			weights.embedding,
			vectors,
			places.embeddingScales
		);
		const head = config.tiedEmbeddings
			? embedding
			: await uploadTable('head', weights.head, vectors, places.headScales);
		const positions = weights.positions
			? await upload(
					'positions',
					plainRows(weights.positions),
					weights.positions,
					vectors,
					places.positionScales
				)
			: own(storageBuffer(device, 'no positions', VECTOR_BYTES));
		const outer = {
			vectors: own(filledBuffer(device, 'vectors', vectors)),
			layer: layerNumber(config.layers)
		};
		return { layers, outer, embedding, head, positions, dispose };
	} catch (error) {
		dispose();
		throw error;
	}
}

/** The rows of a layer's matrices as they are packed. */
export function layerRows(
	config: ModelConfig,
	layer: LayerWeights
): Readonly<Record<LayerMatrix, RowBlock[]>> {
	return {
		projection: projectionRows(config, layer),
		output: linearRows(layer.output),
		mlp: mlpRows(layer),
		down: linearRows(layer.down)
	};
}

/** Norms and biases of a layer, as `layerVectors` lays them out; scales still zero. */
export async function packLayerVectors(
	config: ModelConfig,
	weights: ModelWeights,
	index: number,
	format: WeightFormat
): Promise<Float32Array<ArrayBuffer>> {
	const layer = weights.layers[index]!;
	const at = layerVectors(config, format);
	const rows = layerRows(config, layer);
	const vectors = new Float32Array(at.size);
	const before = weights.layers[index - 1]?.mlpUpdateNorm;
	await putNorm(vectors, at.previousUpdateNorm, at.previousUpdateNormBias, before);
	await putNorm(vectors, at.attentionNorm, at.attentionNormBias, layer.attentionNorm);
	await putVector(vectors, at.queryNorm, layer.queryNorm?.weight);
	await putVector(vectors, at.keyNorm, layer.keyNorm?.weight);
	await putNorm(
		vectors,
		at.attentionUpdateNorm,
		at.attentionUpdateNormBias,
		layer.attentionUpdateNorm
	);
	await putNorm(vectors, at.mlpNorm, at.mlpNormBias, layer.mlpNorm);
	if (config.biases.projection) await putBiases(vectors, at.projectionBias, rows.projection);
	if (config.biases.output) await putBiases(vectors, at.outputBias, rows.output);
	if (config.biases.mlp) {
		await putBiases(vectors, at.mlpBias, rows.mlp);
		await putBiases(vectors, at.downBias, rows.down);
	}
	return vectors;
}
