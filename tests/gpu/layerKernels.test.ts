import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { ModelConfig } from '../../src/lib/model/config';
import { hoyerSparsity, multiply, norm, rmsNorm } from '../../src/lib/model/reference/linear';
import { writeRotation } from '../../src/lib/model/rotary';
import { cacheCapacity } from '../../src/lib/model/sequence';
import { LAYER_BLOCK, frameLayout } from '../../src/lib/model/tokenFrame';
import { toFloat32 } from '../../src/lib/model/weights';
import { activationsOf } from '../../src/lib/model/wgsl/constants';
import { stepKernels, type Kernel } from '../../src/lib/model/wgsl/kernels';
import { packSequence } from '../../src/lib/model/wgsl/packConstraint';
import { packEmbedding, packLayer } from '../../src/lib/model/wgsl/packWeights';
import { TINY, randomModel, randomNumbers } from '../unit/model/randomModel';
import { activationsWith, padded, runKernel } from './kernelHarness';
import { testDevice } from './setup';

/** No size is a multiple of 8, so that every padding is met. */
const ODD: ModelConfig = {
	...TINY,
	vocabularySize: 61,
	hiddenSize: 60,
	heads: 6,
	keyValueHeads: 3,
	headSize: 12,
	intermediateSize: 90
};
const LAYER = 1;

const { weights } = randomModel(ODD, 7);
const layer = weights.layers[LAYER]!;
const packed = packLayer(ODD, weights, LAYER);
const random = randomNumbers(11);
const vector = (size: number) => Float32Array.from({ length: size }, () => 2 * random() - 1);
const places = activationsOf(ODD);
const frame = frameLayout(ODD.layers, ODD.heads);
const layerBlock = frame.layerBlocks + LAYER * frame.layerStride;
const number = Uint32Array.of(LAYER, 0, 0, 0);

function product(matrix: Float32Array, input: ArrayLike<number>, rows: number): Float64Array {
	const output = new Float64Array(rows);
	multiply(matrix, Float64Array.from(input), output, rows, input.length);
	return output;
}

function normalized(residual: ArrayLike<number>, weight: Float32Array): Float64Array {
	const output = new Float64Array(residual.length);
	rmsNorm(Float64Array.from(residual), weight, ODD.rmsNormEpsilon, output);
	return output;
}

/** NaN, which poison is, never passes. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
	expect(actual.length).toBe(expected.length);
	for (let i = 0; i < expected.length; i++) {
		const tolerance = 1e-5 * Math.max(1, Math.abs(expected[i]!));
		expect(Math.abs(actual[i]! - expected[i]!), `value ${i}`).toBeLessThan(tolerance);
	}
}

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

describe.each(['rows', 'workgroup'] as const)('in the variant "%s"', (variant) => {
	const kernels = stepKernels(ODD, variant);
	const kernelNamed = (name: string): Kernel => {
		const found = kernels.layer.find((kernel) => kernel.name.startsWith(name));
		if (!found) throw new Error(`There is no kernel ${name}.`);
		return found;
	};

	it('embed looks a token up and normalises it', async () => {
		const result = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernels.embed,
			buffers: { matrix: packEmbedding(ODD, weights), sequence: packSequence(17) }
		});
		const row = toFloat32(weights.embedding).slice(17 * 60, 18 * 60);
		expectClose(result('activations').slice(places.residual, places.residual + 60), row);
		const norm = toFloat32(weights.layers[0]!.inputNorm);
		expectClose(result('normed').slice(0, 60), normalized(row, norm));
	});

	it('project writes rotated queries, and keys and values into the slot of the position', async () => {
		const normed = vector(60);
		/** beyond the end of the ring */
		const capacity = cacheCapacity(ODD.slidingWindow);
		const position = 3 * capacity + 5;
		const result = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernelNamed('project'),
			position,
			buffers: { weights: packed, normed: padded(normed) }
		});
		const rotation = new Float64Array(12);
		writeRotation(ODD, position, rotation);
		const rotated = (x: Float64Array): Float64Array =>
			x.map((value, i) => {
				const [head, channel] = [Math.floor(i / 12) * 12, i % 12];
				const [cosine, sine] = [rotation[2 * (channel % 6)]!, rotation[2 * (channel % 6) + 1]!];
				const other = x[head + ((channel + 6) % 12)]!;
				return channel < 6 ? value * cosine - other * sine : value * cosine + other * sine;
			});
		const queries = product(toFloat32(layer.query), normed, 72);
		expectClose(result('activations').slice(places.query, places.query + 72), rotated(queries));

		const slot = position % capacity;
		const keys = rotated(product(toFloat32(layer.key), normed, 36));
		const values = product(toFloat32(layer.value), normed, 36);
		const channels = Array.from({ length: 36 }, (_, i) => i);
		expectClose(
			channels.map((i) => result('keys')[(Math.floor(i / 4) * capacity + slot) * 4 + (i % 4)]!),
			keys
		);
		expectClose(
			channels.map(
				(i) => result('values')[(Math.floor(i / 12) * capacity + slot) * 12 + (i % 12)]!
			),
			values
		);
		const written = result('keys').filter((value) => !Number.isNaN(value)).length;
		expect(written, 'no other slot is touched').toBe(36);
	});

	it('multiply adds up attention output, MLP output and logits', async () => {
		const mixed = vector(72);
		const hidden = vector(90);
		const normed = vector(60);
		const output = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernelNamed('multiply.wgsl (attention'),
			buffers: { weights: packed, mixed: padded(mixed) }
		});
		expectClose(
			output('activations').slice(places.update, places.update + 60),
			product(toFloat32(layer.output), mixed, 60)
		);
		const down = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernelNamed('multiply.wgsl (MLP'),
			buffers: { weights: packed, hidden: padded(hidden) }
		});
		expectClose(
			down('activations').slice(places.update, places.update + 60),
			product(toFloat32(layer.down), hidden, 60)
		);
		const logits = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernels.logits,
			buffers: { matrix: packEmbedding(ODD, weights), normed: padded(normed) }
		});
		expectClose(
			logits('activations').slice(places.logits, places.logits + 61),
			product(toFloat32(weights.head), normed, 61)
		);
	});

	it('add_attention updates the residual stream, reports by how much, and normalises', async () => {
		const residual = vector(60);
		const update = vector(60);
		const result = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernelNamed('add_attention'),
			buffers: {
				weights: packed,
				layer: number,
				activations: activationsWith(ODD, { residual, update })
			}
		});
		const sum = Float64Array.from(residual, (x, i) => x + update[i]!);
		expectClose(result('activations').slice(places.residual, places.residual + 60), sum);
		expectClose(result('normed').slice(0, 60), normalized(sum, toFloat32(layer.postAttentionNorm)));
		expectClose(
			[result('frames')[layerBlock + LAYER_BLOCK.attentionUpdateNorm]!],
			[norm(Float64Array.from(update))]
		);
	});

	it('gate_up computes SwiGLU', async () => {
		const normed = vector(60);
		const result = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernelNamed('gate_up'),
			buffers: { weights: packed, normed: padded(normed) }
		});
		const up = product(toFloat32(layer.up), normed, 90);
		const expected = product(toFloat32(layer.gate), normed, 90).map(
			(x, i) => (x / (1 + Math.exp(-x))) * up[i]!
		);
		expectClose(result('hidden').slice(0, 90), expected);
	});

	it('add_mlp updates the residual stream, reports on the layer, and normalises', async () => {
		const residual = vector(60);
		const update = vector(60);
		const hidden = vector(90).map((x, i) => (i % 5 === 0 ? x : 0));
		const result = await runKernel(gpu.device, {
			config: ODD,
			kernel: kernelNamed('add_mlp'),
			buffers: {
				weights: packed,
				layer: number,
				hidden: padded(hidden),
				activations: activationsWith(ODD, { residual, update })
			}
		});
		const sum = Float64Array.from(residual, (x, i) => x + update[i]!);
		expectClose(result('activations').slice(places.residual, places.residual + 60), sum);
		/** the last layer is followed by the final norm */
		expectClose(result('normed').slice(0, 60), normalized(sum, toFloat32(weights.finalNorm)));
		const report = result('frames').slice(layerBlock, layerBlock + 4);
		expectClose(
			[LAYER_BLOCK.residualNorm, LAYER_BLOCK.mlpUpdateNorm, LAYER_BLOCK.mlpSparsity].map(
				(place) => report[place]!
			),
			[norm(sum), norm(Float64Array.from(update)), hoyerSparsity(Float64Array.from(hidden))]
		);
	});
});
