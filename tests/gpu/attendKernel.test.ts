import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { ModelConfig } from '../../src/lib/model/config';
import { attend } from '../../src/lib/model/reference/attention';
import { cacheCapacity } from '../../src/lib/model/sequence';
import { HEAD_BLOCK, NONE, TOP, frameLayout } from '../../src/lib/model/tokenFrame';
import { stepKernels } from '../../src/lib/model/wgsl/kernels';
import { TINY, randomNumbers } from '../unit/model/randomModel';
import { activationsWith, runKernel } from './kernelHarness';
import { testDevice } from './setup';

const CONFIG: ModelConfig = {
	...TINY,
	heads: 6,
	keyValueHeads: 3,
	headSize: 12,
	slidingWindow: 300
};
const LAYER = 1;
const CAPACITY = cacheCapacity(CONFIG.slidingWindow);

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
function randomCase(seed: number, sinkSlot: number, sinkPull: number): Case {
	const random = randomNumbers(seed);
	const size = CONFIG.keyValueHeads * CAPACITY * CONFIG.headSize;
	const query = Float32Array.from({ length: 72 }, () => 4 * random() - 2);
	const keys = Float32Array.from({ length: size }, () => 4 * random() - 2);
	const values = Float32Array.from({ length: size }, () => 2 * random() - 1);
	for (let head = 0; head < 3; head++) {
		for (let channel = 0; channel < 12; channel++) {
			const at = (head * CAPACITY + sinkSlot) * 12 + channel;
			keys[at] = keys[at]! + sinkPull * query[head * 24 + channel]!;
		}
	}
	return { query, keys, values };
}

/** As the kernel keeps them: [key head][channel / 4][slot][4]. */
function channelsTogether(keys: Float32Array): Float32Array<ArrayBuffer> {
	const result = new Float32Array(keys.length);
	for (let row = 0; row < CONFIG.keyValueHeads * CAPACITY; row++) {
		const [head, slot] = [Math.floor(row / CAPACITY), row % CAPACITY];
		for (let channel = 0; channel < 12; channel++) {
			const quad = head * 3 + Math.floor(channel / 4);
			result[(quad * CAPACITY + slot) * 4 + (channel % 4)] = keys[row * 12 + channel]!;
		}
	}
	return result;
}

describe.each(['rows', 'workgroup'] as const)('attend in the variant "%s"', (variant) => {
	const kernel = stepKernels(CONFIG, variant).layer[1]!;

	it.each([
		['the first token, which sees itself alone', 0, 0],
		['the second, which has one key beside the sink', 1, 0],
		['fewer keys than alternatives', 4, 0],
		['a window that is not full', 200, 0],
		['a window that has slid', 500, 0],
		['a window that lies across the end of the ring', CAPACITY + 40, 0],
		['a sink that takes nearly everything', 700, 12]
	])('agrees with the reference on %s', async (_, position, sinkPull) => {
		expect(kernel.name).toBe('attend.wgsl');
		const oldest = Math.max(0, position - CONFIG.slidingWindow + 1);
		const { query, keys, values } = randomCase(position + 1, oldest % CAPACITY, sinkPull);
		const result = await runKernel(gpu.device, {
			config: CONFIG,
			kernel,
			position,
			buffers: {
				layer: Uint32Array.of(LAYER, 0, 0, 0),
				activations: activationsWith(CONFIG, { query }),
				keys: channelsTogether(keys),
				values
			}
		});
		const layout = frameLayout(CONFIG.layers, CONFIG.heads);
		const frame = { floats: result('frames'), words: new Uint32Array(result('frames').buffer) };
		const mixed = new Float64Array(72);
		for (let head = 0; head < 6; head++) {
			const expected = {
				floats: new Float32Array(layout.headStride),
				words: new Uint32Array(0),
				offset: 0
			};
			expected.words = new Uint32Array(expected.floats.buffer);
			attend(
				Float64Array.from(query),
				head * 12,
				Float64Array.from(keys),
				Float64Array.from(values),
				Math.floor(head / 2) * CAPACITY * 12,
				12,
				{ oldest, count: position - oldest + 1, capacity: CAPACITY },
				mixed,
				{ scores: new Float64Array(300), largest: new Uint32Array(TOP) },
				expected
			);
			const block = layout.headBlocks + (LAYER * 6 + head) * layout.headStride;
			for (const place of [HEAD_BLOCK.entropy, HEAD_BLOCK.sink]) {
				expect(Math.abs(frame.floats[block + place]! - expected.floats[place]!)).toBeLessThan(2e-5);
			}
			for (let i = 0; i < TOP; i++) {
				const index = frame.words[block + HEAD_BLOCK.indices + i]!;
				const weight = frame.floats[block + HEAD_BLOCK.weights + i]!;
				const wanted = expected.floats[HEAD_BLOCK.weights + i]!;
				expect(Math.abs(weight - wanted)).toBeLessThan(1e-5);
				const isNearTie =
					i + 1 < TOP && wanted - expected.floats[HEAD_BLOCK.weights + i + 1]! < 1e-6;
				const wantedIndex = expected.words[HEAD_BLOCK.indices + i]!;
				if (!isNearTie || wantedIndex === NONE) expect(index).toBe(wantedIndex);
			}
		}
		result('mixed')
			.slice(0, 72)
			.forEach((value, i) => expect(Math.abs(value - mixed[i]!)).toBeLessThan(1e-5));
	});
});
