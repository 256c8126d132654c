import { beforeEach, describe, expect, it } from 'vitest';
import type { Decoder, Sampling } from '../../../src/lib/model/decoder';
import { RESIDUAL_POSITIONS, type Inspector } from '../../../src/lib/model/inspector';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { unconstrained } from '../../../src/lib/model/sampling';
import { TokenFrame } from '../../../src/lib/model/tokenFrame';
import { TINY, randomModel } from './randomModel';

const SAMPLING: Sampling = { temperature: 1, topP: 1, minP: 0, seed: 3 };
const OPEN = unconstrained(TINY.vocabularySize);
const WRITTEN = 700;

describe('looking into a decoder on the CPU', () => {
	let decoder: Decoder;
	let inspector: Inspector;
	let last: TokenFrame;
	beforeEach(async () => {
		const model = await createReferenceModel(randomModel(TINY), { precision: 'f64' });
		decoder = await model.createDecoder();
		inspector = decoder.inspector!;
		await decoder.prefill([1, 2, 3]);
		const slab = await decoder.generate(WRITTEN, SAMPLING, OPEN);
		last = new TokenFrame(slab, slab.count - 1);
	});

	it('finds in the matrix what the frame of the last token says', async () => {
		for (let layer = 0; layer < TINY.layers; layer++) {
			for (let head = 0; head < TINY.heads; head++) {
				const { first, count, weights } = await inspector.attention(layer, head);
				expect(count).toBe(TINY.window);
				expect(first + count).toBe(decoder.length - 1);
				const row = weights.subarray((count - 1) * count);
				const frame = last.head(layer, head);
				frame.indices.forEach((position, i) => {
					expect(row[position - first]).toBeCloseTo(frame.weights[i]!, 5);
				});
				expect(sumOf(row)).toBeCloseTo(1, 5);
			}
		}
	});

	it('leaves the keys of later positions at zero, and gives earlier rows their share inside the window', async () => {
		const { count, weights } = await inspector.attention(1, 2);
		for (let row = 0; row < count; row++) {
			const values = weights.subarray(row * count, (row + 1) * count);
			expect([...values.subarray(row + 1)].every((weight) => weight === 0)).toBe(true);
			expect(sumOf(values)).toBeLessThanOrEqual(1 + 1e-5);
			expect(values[row]).toBeGreaterThan(0);
		}
		expect(sumOf(weights.subarray(0, count)), 'the first query saw older keys too').toBeLessThan(1);
	});

	it('gives a query, its keys, their products and what softmax makes of them', async () => {
		const position = decoder.length - 2;
		const { attentionScale, headSize, window } = TINY;
		const found = await inspector.products(0, 3, position);
		expect(found).toMatchObject({ first: position - window + 1, count: window });
		const { weights } = await inspector.attention(0, 3);
		found.products.forEach((product, key) => {
			let sum = 0;
			for (let c = 0; c < headSize; c++) {
				sum += found.query[c]! * found.keys[key * headSize + c]!;
			}
			expect(product).toBeCloseTo(sum * attentionScale, 4);
			expect(found.weights[key]).toBeCloseTo(weights[(window - 1) * window + key]!, 5);
		});
	});

	it('gives the residual behind each layer, whose norms the frame reports', async () => {
		const position = decoder.length - 2;
		for (let layer = 0; layer < TINY.layers; layer++) {
			const residual = await inspector.residual(layer + 1, position);
			const norm = Math.sqrt(residual.reduce((sum, x) => sum + x * x, 0));
			expect(norm).toBeCloseTo(last.layer(layer).residualNorm, 4);
		}
		const embedding = await inspector.residual(0, position);
		expect(embedding).toHaveLength(TINY.hiddenSize);
	});

	it('gives the residuals of a run of positions at once, as it gives them one by one', async () => {
		const newest = decoder.length - 2;
		const first = newest - RESIDUAL_POSITIONS + 1;
		const run = await inspector.residuals(2, first, RESIDUAL_POSITIONS);
		for (let i = 0; i < RESIDUAL_POSITIONS; i++) {
			const one = run.slice(i * TINY.hiddenSize, (i + 1) * TINY.hiddenSize);
			expect(one).toStrictEqual(await inspector.residual(2, first + i));
		}
		expect(await inspector.residuals(0, newest, 1)).toStrictEqual(
			await inspector.residual(0, newest)
		);
	});

	it('refuses a run of residuals of which one is not there', async () => {
		const newest = decoder.length - 2;
		const first = newest - RESIDUAL_POSITIONS;
		await expect(inspector.residuals(3, newest, 1)).rejects.toThrow(/no layer 3/);
		await expect(inspector.residuals(2, newest, 2)).rejects.toThrow(/no position/);
		await expect(inspector.residuals(2, -1, 4)).rejects.toThrow(/no position -1/);
		await expect(inspector.residuals(2, first, 9)).rejects.toThrow(/latest 256/);
		for (const count of [0, -1, 1.5, NaN]) {
			await expect(inspector.residuals(2, newest - 4, count)).rejects.toThrow(/one at least/);
		}
		decoder.truncate(650);
		await decoder.generate(20, SAMPLING, OPEN);
		/** what was taken back still lies in the places of 413 to 445 */
		await expect(inspector.residuals(2, 445, 200)).rejects.toThrow(/445 lies too far back/);
		expect(await inspector.residuals(2, 446, 223)).toHaveLength(223 * TINY.hiddenSize);
	});

	it('answers for what is left after a truncation, and for nothing else', async () => {
		const before = await inspector.products(0, 0, 600);
		decoder.truncate(650);
		expect(await inspector.products(0, 0, 600)).toStrictEqual(before);
		const { first, count } = await inspector.attention(0, 0);
		expect(first + count).toBe(649);
		await expect(inspector.residual(0, 649)).rejects.toThrow(/no position 649/);
	});

	it('refuses what is not there, in words', async () => {
		await expect(inspector.attention(2, 0)).rejects.toThrow(/no layer 2: there are 2/);
		await expect(inspector.attention(0, 4)).rejects.toThrow(/no head 4/);
		await expect(inspector.products(0, 0, 100)).rejects.toThrow(/too far back/);
		const tooOld = decoder.length - 2 - RESIDUAL_POSITIONS;
		await expect(inspector.residual(0, tooOld)).rejects.toThrow(/latest 256/);
		decoder.truncate(0);
		await expect(inspector.attention(0, 0)).rejects.toThrow(/nothing/);
	});
});

function sumOf(values: Float32Array): number {
	return values.reduce((sum, value) => sum + value, 0);
}
