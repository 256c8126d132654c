import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import { plainRotation, type ModelConfig } from '../../src/lib/model/config';
import type { Decoder, Sampling } from '../../src/lib/model/decoder';
import { RESIDUAL_POSITIONS, type Inspector } from '../../src/lib/model/inspector';
import { createReferenceModel } from '../../src/lib/model/reference/referenceModel';
import { unconstrained } from '../../src/lib/model/sampling';
import { createWgslModel, type WgslModelOptions } from '../../src/lib/model/wgsl/wgslModel';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel, randomNumbers } from '../unit/model/randomModel';
import { FORMS, tokensOf } from './frames';
import { testDevice } from './setup';

/** six channels a head are a vector and a half */
const SIX_CHANNELS: ModelConfig = {
	...TINY,
	headSize: 6,
	attentionScale: 6 ** -0.5,
	rotations: [plainRotation(10_000, 6)]
};
const SAMPLING: Sampling = { temperature: 1, topP: 1, minP: 0, seed: 5 };
const OPEN = unconstrained(TINY.vocabularySize);
const ROWS: WgslModelOptions = { form: { kind: 'rows' }, stepsPerSubmit: 8 };

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

function randomTokens(count: number, seed = 1): number[] {
	const random = randomNumbers(seed);
	return Array.from({ length: count }, () => Math.floor(random() * TINY.vocabularySize));
}

/** A decoder on the GPU and the reference in f64, of one model. */
async function withBoth(
	use: (decoder: Decoder, reference: Decoder) => Promise<void>,
	config: ModelConfig = TINY,
	options: WgslModelOptions = ROWS
): Promise<void> {
	const model = await createWgslModel(gpu, randomModel(config), options);
	const decoder = await model.createDecoder();
	const referenceModel = await createReferenceModel(randomModel(config), { precision: 'f64' });
	await use(decoder, await referenceModel.createDecoder());
	decoder.dispose();
	model.dispose();
}

function inspectorOf({ inspector }: Decoder): Inspector {
	if (!inspector) throw new Error('The decoder should have an inspector.');
	return inspector;
}

function expectClose(
	found: Float32Array,
	expected: Float32Array,
	tolerance: number,
	what: string
): void {
	expect(found.length, what).toBe(expected.length);
	let worst = 0;
	expected.forEach((value, i) => {
		const difference = Math.abs(found[i]! - value);
		/** Math.max would pass NaN on, and NaN is no less than anything */
		worst = difference <= worst ? worst : difference;
	});
	expect(worst, what).toBeLessThan(tolerance);
}

/** Asks both about every layer and head, about `positions`, and about the `run` of positions that ends at the last of them. */
async function expectSameAnswers(
	config: ModelConfig,
	decoder: Decoder,
	reference: Decoder,
	positions: readonly number[],
	run = 19
): Promise<void> {
	const [a, b] = [inspectorOf(decoder), inspectorOf(reference)];
	for (let layer = 0; layer <= config.layers; layer++) {
		for (const position of positions) {
			const what = `residual ${layer} at ${position}`;
			expectClose(await a.residual(layer, position), await b.residual(layer, position), 2e-4, what);
		}
		const last = Math.max(...positions);
		const first = last + 1 - run;
		const what = `residuals ${layer} from ${first} to ${last}`;
		const found = await a.residuals(layer, first, run);
		expectClose(found, await b.residuals(layer, first, run), 2e-4, what);
		expect(found.slice(-config.hiddenSize), what).toStrictEqual(await a.residual(layer, last));
	}
	for (let layer = 0; layer < config.layers; layer++) {
		for (let head = 0; head < config.heads; head++) {
			const what = `layer ${layer}, head ${head}`;
			const found = await a.attention(layer, head);
			const expected = await b.attention(layer, head);
			expect([found.first, found.count]).toStrictEqual([expected.first, expected.count]);
			expectClose(found.weights, expected.weights, 2e-5, `attention of ${what}`);
			for (const position of positions) {
				const [p, q] = [
					await a.products(layer, head, position),
					await b.products(layer, head, position)
				];
				expect([p.first, p.count]).toStrictEqual([q.first, q.count]);
				expectClose(p.query, q.query, 2e-4, `query of ${what}`);
				expectClose(p.keys, q.keys, 2e-4, `keys of ${what}`);
				expectClose(p.products, q.products, 1e-3, `products of ${what}`);
				expectClose(p.weights, q.weights, 2e-5, `weights of ${what}`);
			}
		}
	}
}

describe('the inspector', () => {
	it.each(FORMS)('answers as the reference does, with %s', async (_, form) => {
		await withBoth(
			async (decoder, reference) => {
				const tokens = randomTokens(41);
				await Promise.all([decoder.prefill(tokens), reference.prefill(tokens)]);
				await expectSameAnswers(TINY, decoder, reference, [0, 7, 20, 39]);
			},
			TINY,
			form
		);
	});

	it.each([
		['like GPT-2', TINY_GPT2],
		['like Gemma', TINY_GEMMA],
		['whose heads are no whole vectors', SIX_CHANNELS]
	])('answers as the reference does on a model %s', async (_, config) => {
		await withBoth(async (decoder, reference) => {
			const tokens = randomTokens(41);
			await Promise.all([decoder.prefill(tokens), reference.prefill(tokens)]);
			await expectSameAnswers(config, decoder, reference, [0, 7, 20, 39]);
		}, config);
	});

	it('answers as the reference does when every ring has gone round', async () => {
		await withBoth(async (decoder, reference) => {
			const tokens = randomTokens(700);
			await Promise.all([decoder.prefill(tokens), reference.prefill(tokens)]);
			const oldest = 699 - RESIDUAL_POSITIONS;
			await expectSameAnswers(TINY, decoder, reference, [698, 560, oldest], RESIDUAL_POSITIONS);
			/** 528 slots; the query at 186 saw the keys from 171 on, which are the oldest left */
			const [a, b] = [inspectorOf(decoder), inspectorOf(reference)];
			const [found, expected] = [await a.products(1, 2, 186), await b.products(1, 2, 186)];
			expectClose(found.keys, expected.keys, 2e-4, 'the oldest keys');
			await expect(a.products(1, 2, 185)).rejects.toThrow(/too far back/);
			await expect(a.residual(0, 698 - RESIDUAL_POSITIONS)).rejects.toThrow(/too far back/);
			await expect(a.residuals(2, oldest - 1, 9)).rejects.toThrow(/too far back/);
		});
	});

	it('knows nothing of what was taken back, and all of what came in its place', async () => {
		await withBoth(async (decoder, reference) => {
			const tokens = randomTokens(300);
			await Promise.all([decoder.prefill(tokens), reference.prefill(tokens)]);
			for (const each of [decoder, reference]) each.truncate(100);
			const inspector = inspectorOf(decoder);
			await expect(inspector.products(0, 0, 99)).rejects.toThrow(RangeError);
			await expect(inspector.residual(0, 99)).rejects.toThrow(RangeError);
			await expectSameAnswers(TINY, decoder, reference, [98, 60]);
			const others = randomTokens(20, 2);
			await Promise.all([decoder.prefill(others), reference.prefill(others)]);
			await expectSameAnswers(TINY, decoder, reference, [118, 99, 60]);
			/** their places were taken by the residuals of positions that are gone */
			await Promise.all(
				[decoder, reference].map(async (each) => {
					each.truncate(30);
					await each.prefill(others);
					await expect(inspectorOf(each).residual(0, 28)).rejects.toThrow(/too far back/);
				})
			);
			await expectSameAnswers(TINY, decoder, reference, [48, 29]);
			decoder.truncate(0);
			await expect(inspector.attention(0, 0)).rejects.toThrow(/read nothing/);
			await decoder.prefill(others);
			expect((await inspector.attention(0, 0)).first).toBe(19 - TINY.window);
		});
	});

	it('answers while the decoder writes, which does not change what it writes', async () => {
		await withBoth(async (decoder, reference) => {
			const opening = randomTokens(5);
			await decoder.prefill(opening);
			const undisturbed = tokensOf(await decoder.generate(300, SAMPLING, OPEN));
			decoder.truncate(5);

			let isWriting = true;
			const writing = decoder.generate(300, SAMPLING, OPEN).finally(() => (isWriting = false));
			const inspector = inspectorOf(decoder);
			const answers = [];
			while (isWriting) {
				const [matrix, other] = await Promise.all([
					inspector.attention(1, 3),
					inspector.attention(0, 0)
				]);
				const last = matrix.first + matrix.count - 1;
				const residual = await inspector.residual(2, last);
				const products = await inspector.products(1, 3, last);
				answers.push({ matrix, other, last, residual, products });
			}
			const tokens = tokensOf(await writing);
			expect(tokens).toStrictEqual(undisturbed);

			expect(answers.length).toBeGreaterThan(2);
			expect(answers[2]!.last).toBeGreaterThan(answers[0]!.last);
			const known = inspectorOf(reference);
			for (const { matrix, other, last, residual, products } of answers.slice(0, 4)) {
				reference.truncate(0);
				await reference.prefill([...opening, ...tokens].slice(0, last + 2));
				const expected = await known.attention(1, 3);
				expect([matrix.first, matrix.count]).toStrictEqual([expected.first, expected.count]);
				expectClose(matrix.weights, expected.weights, 2e-5, 'attention');
				expectClose(other.weights, (await known.attention(0, 0)).weights, 2e-5, 'attention');
				expectClose(residual, await known.residual(2, last), 2e-4, 'residual');
				const { weights, query } = await known.products(1, 3, last);
				expectClose(products.weights, weights, 2e-5, 'weights');
				expectClose(products.query, query, 2e-4, 'query');
			}
		});
	});

	it('works out a window that takes more than one dispatch', async () => {
		const wide = {
			...TINY,
			layers: 1,
			headSize: 64,
			attentionScale: 1 / 8,
			rotations: [plainRotation(10_000, 64)],
			layerRotations: [0],
			layerWindows: [600],
			window: 600
		};
		await withBoth(async (decoder, reference) => {
			const tokens = randomTokens(620);
			await Promise.all([decoder.prefill(tokens), reference.prefill(tokens)]);
			const [found, expected] = [
				await inspectorOf(decoder).attention(0, 3),
				await inspectorOf(reference).attention(0, 3)
			];
			expect([found.first, found.count]).toStrictEqual([19, 600]);
			expectClose(found.weights, expected.weights, 2e-5, 'attention');
		}, wide);
	});

	it('refuses what is not there, in words', async () => {
		await withBoth(async (decoder) => {
			const inspector = inspectorOf(decoder);
			await expect(inspector.attention(0, 0)).rejects.toThrow(/read nothing/);
			await decoder.prefill([1, 2, 3]);
			for (const asking of [
				inspector.attention(2, 0),
				inspector.attention(0, 4),
				inspector.products(0, -1, 0),
				inspector.products(0, 0, 2),
				inspector.products(0, 0, 0.5),
				inspector.residual(3, 0),
				inspector.residual(0, 2),
				inspector.residuals(0, 1, 2),
				inspector.residuals(3, 0, 1),
				inspector.residuals(0, 0, 0)
			]) {
				await expect(asking).rejects.toThrow(RangeError);
			}
			decoder.dispose();
			await expect(inspector.attention(0, 0)).rejects.toThrow(/disposed/);
		});
	});

	it('is not there where nothing is recorded', async () => {
		const model = await createWgslModel(gpu, randomModel(TINY), ROWS);
		const decoder = await model.createDecoder({ recording: false });
		expect(decoder.inspector).toBeNull();
		decoder.dispose();
		model.dispose();
	});
});
