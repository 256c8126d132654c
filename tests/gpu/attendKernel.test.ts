import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { ModelConfig } from '../../src/lib/model/config';
import { attend } from '../../src/lib/model/reference/attention';
import { HEAD_BLOCK, NONE, TOP, frameLayout } from '../../src/lib/model/tokenFrame';
import { capacityOf, quadsOf, type KernelOptions } from '../../src/lib/model/wgsl/constants';
import type { KernelForm } from '../../src/lib/model/wgsl/form';
import type { Kernel, Reduction } from '../../src/lib/model/wgsl/kernel';
import { layerKernels } from '../../src/lib/model/wgsl/kernels';
import { TINY, randomNumbers } from '../unit/model/randomModel';
import { activationsWith, padded, runKernel, type BufferName } from './kernelHarness';
import { testDevice } from './setup';

const LAYER = 1;
const HEADS = 6;
const KEY_HEADS = 3;

/** The second layer's window is the one under test. */
const modelWith = (headSize: number, window: number): ModelConfig => ({
	...TINY,
	heads: HEADS,
	keyValueHeads: KEY_HEADS,
	headSize,
	layerWindows: [40, window],
	window: Math.max(40, window),
	attentionScale: 0.9 * headSize ** -0.5
});
const NORMAL = modelWith(12, 300);
const CAPACITY = capacityOf(NORMAL, LAYER);

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

interface Case {
	query: Float32Array<ArrayBuffer>;
	/** both [key head][slot][channel] */
	keys: Float32Array<ArrayBuffer>;
	values: Float32Array<ArrayBuffer>;
}

/** Keys and queries large enough that attention concentrates. `sinkPull` is added along the sink's key. */
function randomCase(config: ModelConfig, position: number, sinkPull: number): Case {
	const { headSize } = config;
	const capacity = capacityOf(config, LAYER);
	const sinkSlot = Math.max(0, position - config.layerWindows[LAYER]! + 1) % capacity;
	const random = randomNumbers(position + 1);
	const size = KEY_HEADS * capacity * headSize;
	const query = Float32Array.from({ length: HEADS * headSize }, () => 4 * random() - 2);
	const keys = Float32Array.from({ length: size }, () => 4 * random() - 2);
	const values = Float32Array.from({ length: size }, () => 2 * random() - 1);
	for (let head = 0; head < KEY_HEADS; head++) {
		for (let channel = 0; channel < headSize; channel++) {
			const at = (head * capacity + sinkSlot) * headSize + channel;
			keys[at] = keys[at]! + sinkPull * query[head * 2 * headSize + channel]!;
		}
	}
	return { query, keys, values };
}

/** As the kernels keep them: keys [key head][channel / 4][slot][4], values [key head][slot][channel], filled with zeros. */
function asCached(config: ModelConfig, { keys, values }: Case) {
	const { headSize } = config;
	const quads = quadsOf(config);
	const capacity = capacityOf(config, LAYER);
	const cachedKeys = new Float32Array(KEY_HEADS * capacity * quads * 4);
	const cachedValues = new Float32Array(cachedKeys.length);
	for (let row = 0; row < KEY_HEADS * capacity; row++) {
		const [head, slot] = [Math.floor(row / capacity), row % capacity];
		for (let channel = 0; channel < headSize; channel++) {
			const quad = head * quads + Math.floor(channel / 4);
			cachedKeys[(quad * capacity + slot) * 4 + (channel % 4)] = keys[row * headSize + channel]!;
			cachedValues[row * quads * 4 + channel] = values[row * headSize + channel]!;
		}
	}
	return { keys: cachedKeys, values: cachedValues };
}

function attendKernel(config: ModelConfig, reduction: Reduction, options: KernelOptions): Kernel {
	const form: KernelForm = {
		form: { kind: 'rows' },
		reduction,
		fused: false,
		weights: 'f16',
		bindingBytes: 2 ** 27,
		largestRow: 65_535
	};
	const kernels = layerKernels(config, form, options, LAYER);
	return kernels.find(({ name }) => name === 'attend.wgsl')!;
}

function run(
	config: ModelConfig,
	kernel: Kernel,
	position: number,
	given: Case
): Promise<(name: BufferName) => Float32Array> {
	return runKernel(gpu.device, {
		config,
		kernel,
		layer: LAYER,
		position,
		buffers: {
			activations: activationsWith(config, { query: given.query }),
			...asCached(config, given)
		}
	});
}

function expectReference(
	config: ModelConfig,
	position: number,
	given: Case,
	result: (name: BufferName) => Float32Array,
	{ frames, recording }: KernelOptions
): void {
	const { headSize } = config;
	const window = config.layerWindows[LAYER]!;
	const capacity = capacityOf(config, LAYER);
	const oldest = Math.max(0, position - window + 1);
	const layout = frameLayout(config.layers, HEADS);
	const frame = { floats: result('frames'), words: new Uint32Array(result('frames').buffer) };
	const recorded = result('recording');
	const slot = position % capacity;
	const mixed = new Float64Array(HEADS * headSize);
	for (let head = 0; head < HEADS; head++) {
		const floats = new Float32Array(layout.headStride);
		const expected = { floats, words: new Uint32Array(floats.buffer) };
		const memory = {
			scores: new Float64Array(window),
			largest: new Uint32Array(TOP),
			logNormalizer: NaN
		};
		attend(
			Float64Array.from(given.query),
			head * headSize,
			config.attentionScale,
			Float64Array.from(given.keys),
			Float64Array.from(given.values),
			Math.floor(head / 2) * capacity * headSize,
			headSize,
			{ oldest, count: position - oldest + 1, capacity },
			mixed,
			memory,
			expected,
			0
		);
		if (recording) {
			const query = recorded.subarray((head * capacity + slot) * headSize).subarray(0, headSize);
			expect([...query]).toStrictEqual([
				...given.query.subarray(head * headSize, (head + 1) * headSize)
			]);
			const normalizer = recorded[HEADS * capacity * headSize + head * capacity + slot]!;
			expect(Math.abs(normalizer - memory.logNormalizer)).toBeLessThan(2e-5);
		}
		if (frames)
			expectHead(frame, layout.headBlocks + (LAYER * HEADS + head) * layout.headStride, expected);
	}
	const size = HEADS * headSize;
	const found = result('mixed');
	mixed.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5));
	expect(found.length).toBe(padded(mixed).length);
	expect(found.subarray(size).every(Number.isNaN), 'nothing behind the last head').toBe(true);
	const written = (values: Float32Array) => values.filter((x) => !Number.isNaN(x)).length;
	expect(written(recorded)).toBe(recording ? size + HEADS : 0);
	expect(written(frame.floats) > 0).toBe(frames);
}

type Words = { floats: Float32Array; words: Uint32Array };

/** Numbers within rounding, ranks equal but for near ties. */
function expectHead(frame: Words, block: number, expected: Words): void {
	for (const place of [HEAD_BLOCK.entropy, HEAD_BLOCK.sink]) {
		expect(Math.abs(frame.floats[block + place]! - expected.floats[place]!)).toBeLessThan(2e-5);
	}
	for (let i = 0; i < TOP; i++) {
		const index = frame.words[block + HEAD_BLOCK.indices + i]!;
		const weight = frame.floats[block + HEAD_BLOCK.weights + i]!;
		const wanted = expected.floats[HEAD_BLOCK.weights + i]!;
		expect(Math.abs(weight - wanted)).toBeLessThan(1e-5);
		const next = i + 1 < TOP ? expected.floats[HEAD_BLOCK.weights + i + 1]! : -1;
		const previous = i > 0 ? expected.floats[HEAD_BLOCK.weights + i - 1]! : 2;
		const isNearTie = Math.min(wanted - next, previous - wanted) < 1e-6;
		const wantedIndex = expected.words[HEAD_BLOCK.indices + i]!;
		if (!isNearTie || wantedIndex === NONE) expect(index).toBe(wantedIndex);
	}
}

describe.each(['narrow', 'wide'] as const)('attend with %s reductions', (reduction) => {
	const all = { frames: true, recording: true };

	it.each([
		['the first token, which sees itself alone', 0, 0],
		['the second, which has one key beside the sink', 1, 0],
		['fewer keys than alternatives', 4, 0],
		['a window that is not full', 200, 0],
		['a window that has slid', 500, 0],
		['a window that lies across the end of the ring', CAPACITY + 40, 0],
		['a sink that takes nearly everything', 700, 12]
	])('agrees with the reference on %s', async (_, position, sinkPull) => {
		const given = randomCase(NORMAL, position, sinkPull);
		const result = await run(NORMAL, attendKernel(NORMAL, reduction, all), position, given);
		expectReference(NORMAL, position, given, result, all);
	});

	it.each([2, 6, 10, 36, 128])('attends with heads of %i channels', async (headSize) => {
		const config = modelWith(headSize, 60);
		const given = randomCase(config, 700, 0);
		const result = await run(config, attendKernel(config, reduction, all), 700, given);
		expectReference(config, 700, given, result, all);
	});

	it.each([1, 2048])('attends over a window of %i', async (window) => {
		const config = modelWith(12, window);
		const given = randomCase(config, 5000, 0);
		const result = await run(config, attendKernel(config, reduction, all), 5000, given);
		expectReference(config, 5000, given, result, all);
	});

	it.each([
		[true, false],
		[false, true],
		[false, false]
	])('writes what is asked for alone: frames %s, recording %s', async (frames, recording) => {
		const options = { frames, recording };
		const given = randomCase(NORMAL, 350, 0);
		const result = await run(NORMAL, attendKernel(NORMAL, reduction, options), 350, given);
		expectReference(NORMAL, 350, given, result, options);
	});
});
