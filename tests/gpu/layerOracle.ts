/** The mathematics of a layer's kernels in f64, on weights as the kernels keep them: the oracle of layerKernels.test.ts. */
import type { ModelConfig } from '../../src/lib/model/config';
import { activate } from '../../src/lib/model/reference/activation';
import { multiply } from '../../src/lib/model/reference/linear';
import { normalize } from '../../src/lib/model/reference/normalization';
import { writeRotation } from '../../src/lib/model/rotary';
import type { Linear, Matrix, Norm } from '../../src/lib/model/weights';
import type { WeightFormat } from '../../src/lib/model/wgsl/form';

/** A matrix in f64, rounded as the format rounds it. */
export async function valuesOf(matrix: Matrix, format: WeightFormat): Promise<Float64Array> {
	const values = Float64Array.from(await matrix.floats());
	if (format === 'f16') return values;
	for (let row = 0; row < matrix.rows; row++) {
		const weights = values.subarray(row * matrix.columns, (row + 1) * matrix.columns);
		const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
		weights.forEach((weight, i) => {
			weights[i] = (Math.round(weight * (127 / largest)) / 127) * largest;
		});
	}
	return values;
}

/** weight · x + bias */
export async function linear(
	{ weight, bias }: Linear,
	x: Float64Array,
	format: WeightFormat
): Promise<Float64Array> {
	const output = new Float64Array(weight.rows);
	const values = await valuesOf(weight, format);
	multiply(values as unknown as Float32Array, x, output, weight.rows, weight.columns);
	const added = await bias?.floats();
	return output.map((y, i) => y + (added?.[i] ?? 0));
}

export async function normed(
	{ normalization }: ModelConfig,
	{ weight, bias }: Norm,
	x: Float64Array
): Promise<Float64Array> {
	const output = new Float64Array(x.length);
	const weights = { weight: await weight.floats(), bias: (await bias?.floats()) ?? null };
	normalize(x, weights, normalization, output);
	return output;
}

/** What is added to the residual: the update, or its norm. */
export function addedUpdate(
	config: ModelConfig,
	norm: Norm | null,
	update: Float64Array
): Promise<Float64Array> {
	return norm ? normed(config, norm, update) : Promise.resolve(update);
}

/** Heads after their norm, if there is one, turned to a position. */
export async function turnedHeads(
	config: ModelConfig,
	layer: number,
	x: Float64Array,
	norm: Norm | null,
	position: number
): Promise<Float64Array> {
	const { headSize } = config;
	const half = headSize / 2;
	const result = Float64Array.from(x);
	const rotation = config.rotations[config.layerRotations[layer] ?? 0];
	const table = new Float64Array(headSize);
	if (rotation) writeRotation(rotation, position, table);
	for (let begin = 0; begin < x.length; begin += headSize) {
		const head = result.subarray(begin, begin + headSize);
		const rms: ModelConfig = {
			...config,
			normalization: { kind: 'rms', epsilon: config.normalization.epsilon }
		};
		if (norm) head.set(await normed(rms, norm, Float64Array.from(head)));
		if (!rotation) continue;
		for (let j = 0; j < half; j++) {
			const [cosine, sine] = [table[2 * j]!, table[2 * j + 1]!];
			const [a, b] = [head[j]!, head[j + half]!];
			head[j] = a * cosine - b * sine;
			head[j + half] = b * cosine + a * sine;
		}
	}
	return result;
}

/** The MLP's hidden units. */
export async function hiddenUnits(
	config: ModelConfig,
	gate: Linear | null,
	up: Linear,
	x: Float64Array,
	format: WeightFormat
): Promise<Float64Array> {
	const wide = await linear(up, x, format);
	if (!gate) {
		activate(wide, config.activation);
		return wide;
	}
	const opened = await linear(gate, x, format);
	activate(opened, config.activation);
	return opened.map((y, i) => y * wide[i]!);
}
