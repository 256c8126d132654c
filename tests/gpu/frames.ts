/** The ways in which kernels are put together, and a comparison of what two engines report of the same tokens. */
import { expect } from 'vitest';
import type { GpuModelOptions } from '../../src/lib/model/wgsl/gpuModel';
import {
	HEAD_BLOCK,
	NONE,
	TOP,
	TokenFrame,
	frameLayout,
	type FrameSlab
} from '../../src/lib/model/tokenFrame';

/** Every way to multiply, with the reductions and the norms that go with it on some adapter. */
export const FORMS: readonly (readonly [string, GpuModelOptions])[] = [
	['threads that share nothing', { form: { kind: 'rows' }, reduction: 'narrow', fused: false }],
	[
		'threads that share workgroup memory',
		{ form: { kind: 'workgroup', lanes: 8 }, reduction: 'wide', fused: true }
	],
	[
		'threads that share subgroups',
		{ form: { kind: 'subgroup', lanes: 4 }, reduction: 'narrow', fused: true }
	]
];

export function tokensOf(slab: FrameSlab): number[] {
	return Array.from({ length: slab.count }, (_, i) => new TokenFrame(slab, i).token);
}

/** Tokens equal, numbers within `tolerance`, ranks equal but for near ties. */
export function expectSameFrames(found: FrameSlab, expected: FrameSlab, tolerance = 1e-3): void {
	expect(tokensOf(found)).toStrictEqual(tokensOf(expected));
	const layout = frameLayout(expected.layers, expected.heads);
	const a = viewsOf(found);
	const b = viewsOf(expected);
	const isClose = (word: number, what: string) =>
		expect(Math.abs(a.floats[word]! - b.floats[word]!), what).toBeLessThan(tolerance);
	const sameRanking = (indices: number, weights: number, what: string) => {
		for (let i = 0; i < TOP; i++) {
			isClose(weights + i, `${what}, weight ${i}`);
			const next = i + 1 < TOP ? b.floats[weights + i + 1]! : 0;
			const previous = i > 0 ? b.floats[weights + i - 1]! : 1;
			const weight = b.floats[weights + i]!;
			const isTie = Math.min(weight - next, previous - weight) < tolerance;
			if (!isTie || b.words[indices + i] === NONE) {
				expect(a.words[indices + i], `${what}, index ${i}`).toBe(b.words[indices + i]);
			}
		}
	};
	for (let frame = 0; frame < expected.count; frame++) {
		const start = frame * layout.stride;
		expect(a.words[start + layout.index]).toBe(b.words[start + layout.index]);
		isClose(start + layout.logProbability, `log-probability of frame ${frame}`);
		isClose(start + layout.entropy, `entropy of frame ${frame}`);
		sameRanking(
			start + layout.alternativeTokens,
			start + layout.alternativeProbabilities,
			`alternatives of frame ${frame}`
		);
		for (let head = 0; head < layout.layers * layout.heads; head++) {
			const block = start + layout.headBlocks + head * layout.headStride;
			const what = `head ${head} of frame ${frame}`;
			isClose(block + HEAD_BLOCK.entropy, `entropy of ${what}`);
			isClose(block + HEAD_BLOCK.sink, `sink of ${what}`);
			sameRanking(block + HEAD_BLOCK.indices, block + HEAD_BLOCK.weights, what);
		}
		for (let word = layout.layerBlocks; word < layout.stride; word++) {
			isClose(start + word, `layer word ${word} of frame ${frame}`);
		}
	}
}

function viewsOf({ buffer }: FrameSlab): { words: Uint32Array; floats: Float32Array } {
	return { words: new Uint32Array(buffer), floats: new Float32Array(buffer) };
}
