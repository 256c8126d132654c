import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import { RESIDUAL_POSITIONS } from '../../src/lib/model/inspector';
import { hoyerSparsity, norm } from '../../src/lib/model/reference/linear';
import { LAYER_BLOCK, frameLayout } from '../../src/lib/model/tokenFrame';
import { activationsOf, capacityOf, quadsOf } from '../../src/lib/model/wgsl/constants';
import type { Kernel } from '../../src/lib/model/wgsl/kernel';
import { forwardDispatches } from '../../src/lib/model/wgsl/kernels';
import { tableParts } from '../../src/lib/model/wgsl/matrixShapes';
import { packSequence } from '../../src/lib/model/wgsl/packConstraint';
import { randomModel, randomNumbers } from '../unit/model/randomModel';
import { activationsWith, padded, runKernel, type BufferName } from './kernelHarness';
import { FORMS, MODELS, layerBuffers, outerBuffers } from './layerFixtures';
import { addedUpdate, hiddenUnits, linear, normed, turnedHeads, valuesOf } from './layerOracle';
import { testDevice } from './setup';

const random = randomNumbers(11);
const vector = (size: number) =>
	Float64Array.from({ length: size }, () => Math.fround(2 * random() - 1));

/** NaN, which poison is, never passes. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
	expect(actual.length).toBe(expected.length);
	for (let i = 0; i < expected.length; i++) {
		const tolerance = 2e-5 * Math.max(1, Math.abs(expected[i]!));
		expect(Math.abs(actual[i]! - expected[i]!), `value ${i}`).toBeLessThan(tolerance);
	}
}

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

describe.each(Object.entries(FORMS))('with %s', (_, form) => {
	describe.each(Object.entries(MODELS))('a model like %s', (_family, config) => {
		const model = randomModel(config, 7);
		const { weights } = model;
		const { hiddenSize, heads, keyValueHeads, headSize } = config;
		const format = form.weights;
		const places = activationsOf(config);
		const frame = frameLayout(config.layers, heads);
		const dispatches = forwardDispatches(config, form, { frames: true, recording: true });
		const position = 3 * capacityOf(config, 1) + 5;
		const runAt = config.learnedPositions > 0 ? 37 : position;

		/** A kernel of a layer, and the norm in front of it where that is a kernel of its own. */
		function kernelsNamed(name: string, layer: number): { kernel: Kernel; norm: Kernel | null } {
			const own = dispatches.filter((dispatch) => dispatch.layer === layer);
			const index = own.findIndex(({ kernel }) => kernel.name.startsWith(name));
			const before = own[index - 1]?.kernel;
			return {
				kernel: own[index]!.kernel,
				norm: before?.name.startsWith('normalize') ? before : null
			};
		}

		type Buffers = Parameters<typeof runKernel>[1]['buffers'];

		/** Runs a kernel behind its norm, whichever of the two does the norming. */
		async function runNormed(
			name: string,
			layer: number,
			buffers: Buffers
		): Promise<(name: BufferName) => Float32Array> {
			const { kernel, norm: before } = kernelsNamed(name, layer);
			const common = { config, layer, position: runAt };
			if (!before) return runKernel(gpu.device, { ...common, kernel, buffers });
			const normedBy = await runKernel(gpu.device, { ...common, kernel: before, buffers });
			const words = (name: BufferName) => new Float32Array(normedBy(name));
			const handedOn = {
				activations: words('activations'),
				frames: words('frames'),
				normed: words('normed')
			};
			const result = await runKernel(gpu.device, {
				...common,
				kernel,
				buffers: { ...buffers, ...handedOn }
			});
			return (wanted) => (wanted === 'residuals' ? normedBy(wanted) : result(wanted));
		}

		const hidden = vector(config.intermediateSize).map((x, i) => (i % 5 === 0 ? x : 0));

		/** A residual and an update, and what becomes of them. */
		async function updated(place: 'attention' | 'mlp' | 'final', layer: number) {
			const residual = vector(hiddenSize);
			const update = vector(hiddenSize);
			const before = weights.layers[layer - 1]?.mlpUpdateNorm ?? null;
			const updateNorm = place === 'mlp' ? weights.layers[layer]!.attentionUpdateNorm : before;
			const added = await addedUpdate(config, updateNorm, update);
			const sum = residual.map((x, i) => x + added[i]!);
			const from = place === 'mlp' ? 'residual' : 'residualAfterAttention';
			const to = place === 'mlp' ? 'residualAfterAttention' : 'residual';
			return {
				added,
				sum,
				buffers: {
					activations: activationsWith(config, { [from]: residual, update }),
					hidden: padded(hidden)
				},
				residualOf: (activations: Float32Array) =>
					activations.subarray(places[to], places[to] + hiddenSize)
			};
		}

		/** What norms write beside the residual once an MLP is over. */
		function expectLayerEnd(
			result: (name: BufferName) => Float32Array,
			layer: number,
			sum: Float64Array,
			added: Float64Array
		): void {
			const block = frame.layerBlocks + (layer - 1) * frame.layerStride;
			const report = result('frames');
			expectClose(
				[report[block + LAYER_BLOCK.residualNorm]!, report[block + LAYER_BLOCK.mlpUpdateNorm]!],
				[norm(sum), norm(added)]
			);
			const entry = (runAt % RESIDUAL_POSITIONS) * (config.layers + 1) + layer;
			const recorded = result('residuals');
			expectClose(recorded.subarray(entry * hiddenSize, (entry + 1) * hiddenSize), sum);
			const written = recorded.filter((x) => !Number.isNaN(x)).length;
			expect(written, 'no other residual is touched').toBe(hiddenSize);
			if (!form.fused) {
				expectClose([report[block + LAYER_BLOCK.mlpSparsity]!], [hoyerSparsity(hidden)]);
			}
		}

		it('embeds a token, in whichever part of the table it is', async () => {
			const parts = tableParts(config, format, form.bindingBytes);
			const table = await valuesOf(weights.embedding, format);
			const learned = weights.positions && (await valuesOf(weights.positions, format));
			for (const token of [0, 17, config.vocabularySize - 1]) {
				const own = parts.findIndex(({ first, rows }) => token >= first && token < first + rows);
				for (const part of new Set([own, 0])) {
					const { kernel } = dispatches[part]!;
					expect(kernel.name).toBe('embed.wgsl');
					const result = await runKernel(gpu.device, {
						config,
						kernel,
						position: runAt,
						buffers: {
							...(await outerBuffers(model, form, part)),
							sequence: Int32Array.of(...packSequence(token), ...new Int32Array(80))
						}
					});
					const residual = result('activations').subarray(
						places.residual,
						places.residual + hiddenSize
					);
					if (part !== own) {
						expect(residual.every(Number.isNaN), 'another part keeps still').toBe(true);
						continue;
					}
					const expected = Float64Array.from(
						{ length: hiddenSize },
						(_, i) =>
							table[token * hiddenSize + i]! * config.embeddingScale +
							(learned ? learned[runAt * hiddenSize + i]! : 0)
					);
					expectClose(residual, expected);
					const entry = (runAt % RESIDUAL_POSITIONS) * (config.layers + 1) * hiddenSize;
					expectClose(result('residuals').subarray(entry, entry + hiddenSize), expected);
				}
			}
		});

		it.each([0, 1])('projects queries, keys and values of layer %i', async (index) => {
			const layer = weights.layers[index]!;
			const sum = vector(hiddenSize);
			const state =
				index === 0
					? {
							sum,
							buffers: {
								activations: activationsWith(config, { residual: sum }),
								hidden: padded(hidden)
							}
						}
					: await updated('attention', index);
			const x = await normed(config, layer.attentionNorm, state.sum);
			const result = await runNormed('project', index, {
				...(await layerBuffers(model, format, index)),
				...state.buffers
			});
			if ('added' in state) {
				expectClose(state.residualOf(result('activations')), state.sum);
				expectLayerEnd(result, index, state.sum, state.added);
			}
			const { query, key, value, queryNorm, keyNorm } = layer;
			const [q, k, v] = [
				await linear(query, x, format),
				await linear(key, x, format),
				await linear(value, x, format)
			];
			const capacity = capacityOf(config, index);
			const slot = runAt % capacity;
			const stride = 4 * quadsOf(config);
			const channels = Array.from({ length: keyValueHeads * headSize }, (_, i) => i);
			const valueAt = (i: number) =>
				(Math.floor(i / headSize) * capacity + slot) * stride + (i % headSize);
			expectClose(
				channels.map((i) => result('values')[valueAt(i)]!),
				v
			);
			const written = result('values').filter((x) => !Number.isNaN(x)).length;
			expect(written, 'no other slot is touched').toBe(channels.length);

			const turned = config.queryKeyNorm
				? await runKernel(gpu.device, {
						config,
						kernel: kernelsNamed('turn', index).kernel,
						layer: index,
						position: runAt,
						buffers: {
							vectors: (await layerBuffers(model, format, index)).vectors,
							activations: new Float32Array(result('activations'))
						}
					})
				: result;
			expectClose(
				turned('activations').subarray(places.query, places.query + heads * headSize),
				await turnedHeads(config, index, q, queryNorm, runAt)
			);
			const keyAt = (i: number) => {
				const quad = Math.floor(i / headSize) * quadsOf(config) + Math.floor((i % headSize) / 4);
				return (quad * capacity + slot) * 4 + ((i % headSize) % 4);
			};
			expectClose(
				channels.map((i) => turned('keys')[keyAt(i)]!),
				await turnedHeads(config, index, k, keyNorm, runAt)
			);
			const keysWritten = turned('keys').filter((x) => !Number.isNaN(x)).length;
			expect(keysWritten, 'no other slot is touched').toBe(channels.length);
		});

		it('multiplies what attention found', async () => {
			const mixed = vector(heads * headSize);
			const result = await runKernel(gpu.device, {
				config,
				kernel: kernelsNamed('multiply.wgsl (attention', 1).kernel,
				layer: 1,
				buffers: { ...(await layerBuffers(model, format, 1)), mixed: padded(mixed) }
			});
			expectClose(
				result('activations').subarray(places.update, places.update + hiddenSize),
				await linear(weights.layers[1]!.output, mixed, format)
			);
		});

		it('widens the residual that attention updated', async () => {
			const layer = weights.layers[1]!;
			const { sum, added, buffers, residualOf } = await updated('mlp', 1);
			const x = await normed(config, layer.mlpNorm, sum);
			const { activations } = buffers;
			const result = await runNormed('mlp', 1, {
				...(await layerBuffers(model, format, 1)),
				activations
			});
			expectClose(residualOf(result('activations')), sum);
			const block = frame.layerBlocks + frame.layerStride;
			expectClose([result('frames')[block + LAYER_BLOCK.attentionUpdateNorm]!], [norm(added)]);
			const units = await hiddenUnits(config, layer.gate, layer.up, x, format);
			expectClose(result('hidden').subarray(0, units.length), units);
		});

		it('multiplies what the MLP found, and measures how sparse it is', async () => {
			const result = await runKernel(gpu.device, {
				config,
				kernel: kernelsNamed('multiply.wgsl (MLP', 1).kernel,
				layer: 1,
				buffers: { ...(await layerBuffers(model, format, 1)), hidden: padded(hidden) }
			});
			expectClose(
				result('activations').subarray(places.update, places.update + hiddenSize),
				await linear(weights.layers[1]!.down, hidden, format)
			);
			if (form.fused) {
				const block = frame.layerBlocks + frame.layerStride;
				expectClose([result('frames')[block + LAYER_BLOCK.mlpSparsity]!], [hoyerSparsity(hidden)]);
			}
		});

		it('computes the logits of every part of the vocabulary', async () => {
			const { sum, added, buffers, residualOf } = await updated('final', config.layers);
			const x = await normed(config, weights.finalNorm, sum);
			const expected = await linear({ weight: weights.head, bias: null }, x, format);
			const own = dispatches.filter(({ kernel }) => kernel.name.endsWith('(logits)'));
			expect(own.length).toBe(tableParts(config, format, form.bindingBytes).length);
			for (const { kernel, part } of own) {
				const { first, rows, ...outer } = await outerBuffers(model, form, part);
				const given = { ...outer, ...buffers };
				const result =
					part === 0
						? await runNormed('multiply.wgsl (logits', config.layers, given)
						: await runKernel(gpu.device, {
								config,
								kernel,
								layer: config.layers,
								position: runAt,
								buffers: given
							});
				const activations = result('activations');
				expectClose(
					activations.subarray(places.logits + first, places.logits + first + rows),
					expected.subarray(first, first + rows)
				);
				const written = activations.subarray(places.logits, places.logits + expected.length);
				expect(written.filter((x) => !Number.isNaN(x)).length).toBe(rows);
				if (part > 0) continue;
				expectClose(residualOf(activations), sum);
				expectLayerEnd(result, config.layers, sum, added);
			}
		});
	});
});
