/** Whether a model fits these kernels and a device; where not, what is too large, in words. */
import { ModelFileError, type ModelConfig } from '../config';
import { RESIDUAL_POSITIONS } from '../inspector';
import { cacheFloats, quadsOf, recordingFloats, residualFloats } from './constants';
import { LANES, MULTIPLYING_LANES, type WeightFormat } from './form';
import type { Reduction } from './kernel';
import { inputFloats, layerMatrices, matrixBytes } from './matrixShapes';

/** Bytes of workgroup memory that a reduction of one invocation takes: an f32, a vec4f and an index. */
const REDUCTION_BYTES = 24;

/** Bytes of workgroup memory of attend.wgsl. */
export function attentionBytes(config: ModelConfig, reduction: Reduction): number {
	const lanes = LANES[reduction].attention;
	const quads = quadsOf(config);
	const slices = Math.max(1, Math.floor(lanes / Math.min(lanes, quads)));
	return 4 * config.window + 16 * quads + 16 * slices * quads + REDUCTION_BYTES * lanes;
}

/**
 * Throws a ModelFileError when the model does not fit. Returns whether workgroup memory holds a normed input, so that
 * kernels can norm it themselves.
 */
export function requireFit(
	config: ModelConfig,
	chosen: { weights: WeightFormat; reduction: Reduction; bindingBytes: number },
	limits: Pick<GPUSupportedLimits, 'maxComputeWorkgroupStorageSize'>
): boolean {
	const bound: [what: string, bytes: number][] = [
		...Object.entries(layerMatrices(config)).map(([name, shape]): [string, number] => [
			`the ${MATRIX_WORDS[name as keyof typeof MATRIX_WORDS]} of a layer`,
			matrixBytes(shape, chosen.weights)
		]),
		[
			'its table of positions',
			matrixBytes({ rows: config.learnedPositions, columns: config.hiddenSize }, chosen.weights)
		],
		['one token', matrixBytes({ rows: 2, columns: config.hiddenSize }, chosen.weights)],
		...config.layerWindows.flatMap((window, layer): [string, number][] => [
			[`a layer's memory of ${window} keys`, 4 * cacheFloats(config, layer)],
			[`the record of ${window} queries`, 4 * recordingFloats(config, layer)]
		]),
		[`the record of ${RESIDUAL_POSITIONS} residuals`, 4 * residualFloats(config)]
	];
	for (const [what, bytes] of bound) {
		if (bytes > chosen.bindingBytes) {
			throw tooLarge(
				`${what} takes ${megabytes(bytes)}, and this card binds at most ${megabytes(chosen.bindingBytes)} at once`
			);
		}
	}
	const memory = limits.maxComputeWorkgroupStorageSize;
	const attention = attentionBytes(config, chosen.reduction);
	if (attention > memory) {
		throw tooLarge(
			`attention over ${config.window} keys of ${config.headSize} channels takes ${attention} bytes of workgroup memory, and this card has ${memory}`
		);
	}
	return 4 * inputFloats(config.hiddenSize) + MULTIPLYING_LANES * (REDUCTION_BYTES + 8) <= memory;
}

const MATRIX_WORDS = {
	projection: 'query, key and value weights',
	output: 'attention output weights',
	mlp: 'wide MLP weights',
	down: 'MLP output weights'
} as const;

function megabytes(bytes: number): string {
	return bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function tooLarge(reason: string): ModelFileError {
	return new ModelFileError(
		`The model can't run on the graphics card: ${reason}. Choose the CPU engine, or a smaller model.`
	);
}
