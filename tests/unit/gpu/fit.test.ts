import { describe, expect, it } from 'vitest';
import { ModelFileError, limitWindow, type ModelConfig } from '../../../src/lib/model/config';
import { attentionBytes, requireFit } from '../../../src/lib/model/wgsl/fit';
import { SHIPPED_SHAPE, TINY, TINY_GEMMA } from '../model/randomModel';

const DEFAULT_LIMITS = { maxComputeWorkgroupStorageSize: 16_384 };
const DEFAULT = { weights: 'f16', reduction: 'wide', bindingBytes: 128 * 2 ** 20 } as const;

/** The published shape of Gemma-3-270M. */
const GEMMA_270M: ModelConfig = {
	...TINY_GEMMA,
	vocabularySize: 262_144,
	hiddenSize: 640,
	layers: 18,
	heads: 4,
	keyValueHeads: 1,
	headSize: 256,
	intermediateSize: 2048,
	layerRotations: Array.from({ length: 18 }, (_, i) => Number(i % 6 === 5)),
	layerWindows: Array.from({ length: 18 }, (_, i) => (i % 6 === 5 ? 2048 : 512)),
	window: 2048
};

describe('whether a model fits', () => {
	it.each([
		['the shipped model', SHIPPED_SHAPE],
		['a small one', TINY],
		['Gemma-3-270M with windows of at most 2048', GEMMA_270M]
	])('says that %s does, with default limits', (_, config) => {
		expect(requireFit(config, DEFAULT, DEFAULT_LIMITS)).toBe(true);
		expect(requireFit(config, { ...DEFAULT, reduction: 'narrow' }, DEFAULT_LIMITS)).toBe(true);
	});

	it('leaves room in workgroup memory for windows of 2048, whatever the head', () => {
		for (const headSize of [64, 80, 96, 128, 256]) {
			const config = limitWindow({ ...TINY, headSize, layerWindows: [4096, 4096] }, 2048);
			expect(attentionBytes(config, 'wide')).toBeLessThanOrEqual(16_384);
		}
	});

	it('lets wide models norm their input in a kernel of its own', () => {
		expect(requireFit({ ...TINY, hiddenSize: 4096 }, DEFAULT, DEFAULT_LIMITS)).toBe(false);
	});

	it.each([
		['a window', { window: 4096, layerWindows: [4096, 4096] }, /attention over 4096 keys/],
		[
			'an MLP',
			{ hiddenSize: 8192, intermediateSize: 28_672 },
			/wide MLP weights.* takes 896\.0 MB/
		],
		['a table of positions', { learnedPositions: 2 ** 21 }, /table of positions takes 256\.0 MB/],
		['a memory of keys', { keyValueHeads: 512, heads: 512, headSize: 512 }, /a layer's/]
	])('says which is too large: %s', (_, part, message) => {
		const check = () => requireFit({ ...TINY, ...part }, DEFAULT, DEFAULT_LIMITS);
		expect(check).toThrow(ModelFileError);
		expect(check).toThrow(message);
	});
});
