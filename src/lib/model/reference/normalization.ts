/** The norms of the families, on a part of a vector or on all of it. */
import type { Normalization } from '../config';
import { dot, type Vector } from './linear';

/** A norm's weight, and the bias of a layer norm; f32, as all weights. */
export interface NormWeights {
	readonly weight: Float32Array;
	readonly bias: Float32Array | null;
}

/** Normalises `x` into `output`, which may be `x` itself. */
export function normalize(
	x: Vector,
	{ weight, bias }: NormWeights,
	{ kind, epsilon }: Normalization,
	output: Vector
): void {
	if (kind === 'rms') rmsNorm(x, 0, weight, epsilon, output);
	else layerNorm(x, weight, bias, epsilon, output);
}

/**
 * output = x / √(mean(x²) + epsilon) · weight, over as many values from `offset` on as the weight has: RMSNorm, Zhang and
 * Sennrich 2019.
 */
export function rmsNorm(
	x: Vector,
	offset: number,
	weight: Float32Array,
	epsilon: number,
	output: Vector
): void {
	const size = weight.length;
	const scale = 1 / Math.sqrt(dot(x, offset, x, offset, size) / size + epsilon);
	for (let i = 0; i < size; i++) output[offset + i] = x[offset + i]! * scale * weight[i]!;
}

/** output = (x - mean) / √(variance + epsilon) · weight + bias: Ba, Kiros and Hinton 2016. */
function layerNorm(
	x: Vector,
	weight: Float32Array,
	bias: Float32Array | null,
	epsilon: number,
	output: Vector
): void {
	let sum = 0;
	for (let i = 0; i < x.length; i++) sum += x[i]!;
	const mean = sum / x.length;
	let squares = 0;
	for (let i = 0; i < x.length; i++) squares += (x[i]! - mean) ** 2;
	const scale = 1 / Math.sqrt(squares / x.length + epsilon);
	for (let i = 0; i < x.length; i++) {
		output[i] = (x[i]! - mean) * scale * weight[i]! + (bias ? bias[i]! : 0);
	}
}
