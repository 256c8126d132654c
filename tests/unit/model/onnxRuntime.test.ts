/** The parts that the WebAssembly engine is put together from: graphs, memory, masks, weights. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ModelFileError, plainRotation, type ModelConfig } from '../../../src/lib/model/config';
import { chooseRuntime } from '../../../src/lib/model/onnx/chooseRuntime';
import { buildDecoderGraph } from '../../../src/lib/model/onnx/decoderGraph';
import { describeAttention } from '../../../src/lib/model/onnx/describeAttention';
import { eachStretch, slotsFor, writeMask } from '../../../src/lib/model/onnx/keyValueCache';
import { createOnnxModel } from '../../../src/lib/model/onnx/onnxModel';
import { OnnxGraph } from '../../../src/lib/model/onnx/onnxGraph';
import { OnnxRuntimeError, startRuntime } from '../../../src/lib/model/onnx/runtime';
import { loadWeightTensors } from '../../../src/lib/model/onnx/weightTensors';
import { HEAD_BLOCK, TOP } from '../../../src/lib/model/tokenFrame';
import type { Matrix, ModelWeights } from '../../../src/lib/model/weights';
import { ORT_FILES } from './onnxFiles';
import { SHIPPED_SHAPE, TINY, randomModel, randomNumbers } from './randomModel';

describe('an ONNX graph', () => {
	it('computes what was written down, in the memory that it was given', async () => {
		const graph = new OnnxGraph();
		const x = graph.input('x', 'float', ['rows', 4]);
		const weight = graph.input('weight', 'float', [4, 2]);
		const product = graph.node('MatMul', [x, weight]);
		const shifted = graph.node('Add', [product, graph.floats([2], [100, -100])]);
		const [left] = graph.split(shifted, graph.integers([1, 1]), -1, 2);
		const y = graph.output(shifted, ['rows', 2]);
		const z = graph.output(left!, ['rows', 1]);
		expect(graph.outputs.map(({ name }) => name)).toStrictEqual([y, z]);

		const runtime = await startRuntime(ORT_FILES, 1);
		const session = await runtime.createSession({
			bytes: graph.encode(),
			inputs: graph.inputs,
			outputs: graph.outputs
		});
		const tensor = (dimensions: number[], values: number[]) => {
			const pointer = runtime.allocate(4 * values.length);
			const view = runtime.floats(pointer, values.length);
			view.set(values);
			return { view, handle: runtime.createTensor('float', pointer, dimensions) };
		};
		const given = tensor([3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1]);
		const weights = tensor([4, 2], [1, 0, 0, 1, 1, 0, 0, 2]);
		const both = tensor(
			[3, 2],
			Array.from({ length: 6 }, () => NaN)
		);
		const one = tensor([3, 1], [NaN, NaN, NaN]);
		const run = () => {
			session.run([given.handle, weights.handle], [both.handle, one.handle]);
			return [Array.from(both.view), Array.from(one.view)];
		};
		const before = [
			[104, -90, 112, -78, 100, -98],
			[104, 112, 100]
		];
		expect(run()).toStrictEqual(before);
		/** the memory grows, and what lies there stays */
		const much = runtime.allocate(300e6);
		expect(runtime.floats(much + 299e6, 1)).toHaveLength(1);
		expect(run()).toStrictEqual(before);
		given.view[0] = 2;
		expect(run()[1]![0]).toBe(105);
		session.dispose();
	});

	it('is refused in words when it makes no sense', async () => {
		const graph = new OnnxGraph();
		const x = graph.input('x', 'float', [4]);
		const y = graph.output(graph.node('NoSuchOperator', [x]), [4]);
		const runtime = await startRuntime(ORT_FILES, 1);
		const session = runtime.createSession({
			bytes: graph.encode(),
			inputs: graph.inputs,
			outputs: graph.outputs
		});
		await expect(session).rejects.toThrow(OnnxRuntimeError);
		await expect(session).rejects.toThrow(/WebAssembly engine failed \(.*NoSuchOperator/);
		expect(y).toBe('v0');
	});
});

describe('the runtime', () => {
	it('says so when it can not start', async () => {
		const missing = { ...ORT_FILES, script: ORT_FILES.script.replace('ort-', 'no-') };
		await expect(startRuntime(missing, 1)).rejects.toThrow(OnnxRuntimeError);
		await expect(createOnnxModel(randomModel(TINY), { files: missing })).rejects.toThrow(
			/The WebAssembly engine can't start \(.*\)\. .* choose another engine\./s
		);
	});

	it('says so when its memory is used up', async () => {
		const runtime = await startRuntime(ORT_FILES, 1);
		const most = runtime.allocate(3e9);
		expect(() => runtime.allocate(2e9)).toThrow(/no memory left for 2000 MB more/);
		runtime.free(most);
		runtime.free(runtime.allocate(0));
		const endless = { ...TINY, layerWindows: [2 ** 24, 2 ** 24], window: 2 ** 24 };
		await expect(
			createOnnxModel(randomModel(endless), { files: ORT_FILES, threads: 1 })
		).rejects.toThrow(OnnxRuntimeError);
	});
});

describe('threads', () => {
	/** 17 million multiplications for a token */
	const large: ModelConfig = {
		...TINY,
		hiddenSize: 512,
		layers: 4,
		heads: 8,
		keyValueHeads: 8,
		headSize: 64,
		intermediateSize: 2048,
		rotations: [plainRotation(10_000, 64)],
		layerRotations: [0, 0, 0, 0],
		layerWindows: [600, 600, 16, 600],
		window: 600
	};

	function onPage(crossOriginIsolated: boolean, hardwareConcurrency: number): void {
		vi.stubGlobal('crossOriginIsolated', crossOriginIsolated);
		vi.stubGlobal('navigator', { hardwareConcurrency });
	}
	afterEach(() => void vi.unstubAllGlobals());

	it('are not more than one where the page is not isolated', async () => {
		onPage(false, 8);
		expect((await chooseRuntime(ORT_FILES, large)).threads).toBe(1);
		await expect(startRuntime(ORT_FILES, 2)).rejects.toThrow(/not cross-origin isolated/);
	});

	it('are not more than one for a small model', async () => {
		onPage(true, 8);
		expect((await chooseRuntime(ORT_FILES, SHIPPED_SHAPE)).threads).toBe(1);
	});

	it('are what a measurement prefers for a large one', async () => {
		onPage(true, 3);
		expect([1, 2]).toContain((await chooseRuntime(ORT_FILES, large)).threads);
	});
});

describe('weights', () => {
	it('are refused before they are read when they are too many', async () => {
		const model = randomModel(TINY);
		const config: ModelConfig = { ...TINY, vocabularySize: 262_144, hiddenSize: 2048 };
		const unread = (matrix: Matrix): Matrix => ({
			...matrix,
			floats: () => Promise.reject(new Error('A weight was read.'))
		});
		const weights: ModelWeights = { ...model.weights, head: unread(model.weights.head) };
		const runtime = await startRuntime(ORT_FILES, 1);
		const loading = loadWeightTensors(runtime, buildDecoderGraph(config), config, weights);
		await expect(loading).rejects.toThrow(ModelFileError);
		await expect(loading).rejects.toThrow(/need 2\.\d GB .* has room for 1\.5 GB/);
	});

	it('pass on what is wrong with a file', async () => {
		const { config, weights } = randomModel(TINY);
		const broken: Matrix = {
			...weights.layers[1]!.down.weight,
			floats: () => Promise.reject(new ModelFileError('The file is cut off.'))
		};
		const layers = [
			weights.layers[0]!,
			{ ...weights.layers[1]!, down: { weight: broken, bias: null } }
		];
		const loading = createOnnxModel(
			{ config, weights: { ...weights, layers } },
			{ files: ORT_FILES, threads: 1 }
		);
		await expect(loading).rejects.toThrow('The file is cut off.');
	});
});

describe('the mask of a run', () => {
	const runs = fc.record({
		window: fc.integer({ min: 1, max: 400 }),
		run: fc.integer({ min: 0, max: 1500 }),
		tokens: fc.integer({ min: 1, max: 20 })
	});

	it('shows each query the keys of its window that are not after it, and no others', () => {
		fc.assert(
			fc.property(runs, ({ window, run, tokens }) => {
				const slots = slotsFor(window, run);
				const mask = new Float32Array(tokens * (slots + tokens)).fill(NaN);
				writeMask(mask, window, slots, run, tokens);
				for (let i = 0; i < tokens; i++) {
					const row = mask.subarray(i * (slots + tokens), (i + 1) * (slots + tokens));
					const placeOf = (position: number) =>
						position < run ? position % window : slots + position - run;
					const all = Array.from(
						{ length: Math.min(run, window) + tokens },
						(_, k) => Math.max(0, run - window) + k
					);
					const seen = all.filter((position) => row[placeOf(position)] === 0);
					expect(row.every((value) => value === 0 || value < -1e29)).toBe(true);
					const oldest = Math.max(0, run + i - window + 1);
					expect(seen).toStrictEqual(
						Array.from({ length: run + i - oldest + 1 }, (_, k) => oldest + k)
					);
					expect(row.filter((value) => value === 0)).toHaveLength(seen.length);
				}
			})
		);
	});

	it('covers all positions of a stretch once, in their order', () => {
		fc.assert(
			fc.property(runs, ({ window, run, tokens }) => {
				const slots: number[] = [];
				const first = Math.max(0, run - Math.min(window, tokens * 10));
				eachStretch(window, first, run, (slot, count) => {
					for (let i = 0; i < count; i++) slots.push(slot + i);
				});
				expect(slots).toStrictEqual(
					Array.from({ length: run - first }, (_, i) => (first + i) % window)
				);
			})
		);
	});

	it('has slots for all that is in the window, and few steps on the way there', () => {
		for (const window of [1, 16, 128, 768, 32_768]) {
			const sizes = new Set<number>();
			for (let run = 0; run <= window + 3; run++) {
				const slots = slotsFor(window, run);
				if (slots < Math.max(1, Math.min(run, window)) || slots > window) {
					expect.fail(`${slots} slots for ${run} positions and a window of ${window}`);
				}
				sizes.add(slots);
			}
			expect(sizes.size).toBeLessThanOrEqual(17);
		}
	});
});

describe('the description of a head', () => {
	function described(scores: number[]) {
		const largest = Math.max(...scores);
		const exponentials = scores.map((score) => Math.exp(score - largest));
		const sum = exponentials.reduce((a, b) => a + b, 0);
		const weights = Float32Array.from(exponentials, (value) => value / sum);
		const block = new ArrayBuffer(4 * (2 + 2 * TOP));
		const frame = { words: new Uint32Array(block), floats: new Float32Array(block) };
		const normalizer = describeAttention(
			Float32Array.from(scores),
			weights,
			scores.length,
			1000,
			frame,
			0,
			new Uint32Array(TOP)
		);
		return { ...frame, normalizer, expectedNormalizer: largest + Math.log(sum) };
	}

	/** -Σ w ln w of all scores but the first, in f64 */
	function entropyBehindSink(scores: number[]): number {
		const others = scores.slice(1).map(Math.fround);
		const largest = Math.max(...others);
		const sum = others.reduce((total, score) => total + Math.exp(score - largest), 0);
		return others.reduce((total, score) => {
			const weight = Math.exp(score - largest) / sum;
			return weight > 0 ? total - weight * Math.log(weight) : total;
		}, 0);
	}

	it('gives the entropy behind the sink, however much the sink takes', () => {
		const random = randomNumbers(3);
		for (const sink of [-50, 0, 5, 30, 80, 300]) {
			for (const count of [2, 3, 9, 200]) {
				const scores = [sink, ...Array.from({ length: count - 1 }, () => 8 * random() - 4)];
				const { floats, normalizer, expectedNormalizer } = described(scores);
				expect(floats[HEAD_BLOCK.entropy]).toBeCloseTo(entropyBehindSink(scores), 4);
				expect(normalizer).toBeCloseTo(expectedNormalizer, 4);
			}
		}
	});

	it('ranks the most attended keys by position, fewer where there are fewer', () => {
		const { words, floats } = described([1, 3, 2]);
		expect(Array.from(words.subarray(HEAD_BLOCK.indices, HEAD_BLOCK.indices + 4))).toStrictEqual([
			1001, 1002, 1000, 0xffffffff
		]);
		expect(floats[HEAD_BLOCK.weights + 2]).toBe(floats[HEAD_BLOCK.sink]);
		expect(described([4]).floats[HEAD_BLOCK.entropy]).toBe(0);
	});
});

it('the graph of the shipped model is small, since it holds no weights', () => {
	expect(buildDecoderGraph(SHIPPED_SHAPE).bytes.byteLength).toBeLessThan(50_000);
});
