import { describe, expect, it } from 'vitest';
import { parseModelDescription } from '../../../src/lib/model/modelDescription';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { unconstrained } from '../../../src/lib/model/sampling';
import { computeExpectation, selfTest } from '../../../src/lib/model/selfTest';
import { TokenFrame } from '../../../src/lib/model/tokenFrame';
import { SHIPPED_FOLDER, modelIn, readJson } from './fixtures';
import { TINY, TINY_GPT2, randomModel } from './randomModel';

const PROMPT = [1, 2, 3, 4];
const decoder = await createReferenceModel(randomModel(TINY), { precision: 'f32' }).then((model) =>
	model.createDecoder()
);

/** The five best continuations, as the decoder itself finds them. */
async function answerOf(): Promise<number[]> {
	const sampling = { temperature: 1, topP: 1, minP: 0, seed: 1 };
	decoder.truncate(0);
	await decoder.prefill(PROMPT);
	const slab = await decoder.generate(1, sampling, unconstrained(TINY.vocabularySize));
	return new TokenFrame(slab, 0).alternatives.slice(0, 5).map(({ token }) => token);
}

describe('the self-test', () => {
	it('passes a decoder that gives the known answer, and times it', async () => {
		const top5 = await answerOf();
		const result = await selfTest(decoder, { tokens: PROMPT, top5, logits: [5, 4, 3, 2, 1] });
		expect(result).toMatchObject({ passed: true, message: '' });
		expect(result.tokensPerSecond).toBeGreaterThan(0);
		expect(decoder.length, 'it leaves the decoder empty').toBe(0);
	});

	it('lets tokens of nearly equal logits change places', async () => {
		const [a = 0, b = 0, ...rest] = await answerOf();
		const swapped = { tokens: PROMPT, top5: [b, a, ...rest] };
		const near = await selfTest(decoder, { ...swapped, logits: [5, 4.9995, 3, 2, 1] });
		expect(near.passed).toBe(true);
		const far = await selfTest(decoder, { ...swapped, logits: [5, 4.99, 3, 2, 1] });
		expect(far.passed).toBe(false);
	});

	it('fails any other answer and names both', async () => {
		const top5 = (await answerOf()).map((token) => (token + 1) % TINY.vocabularySize);
		const result = await selfTest(decoder, { tokens: PROMPT, top5, logits: [5, 4, 3, 2, 1] });
		expect(result.passed).toBe(false);
		expect(result.message).toContain(top5.join(', '));
	});

	it('compares with an answer that another decoder gave, and lets its rounding differ', async () => {
		const expected = await computeExpectation(decoder);
		expect(decoder.length).toBe(0);
		expect((await selfTest(decoder, expected)).passed).toBe(true);
		const logits = expected.logits.map((logit, i) => logit + (i % 2 ? 0.02 : -0.02));
		expect((await selfTest(decoder, { ...expected, logits })).passed).toBe(true);
		const other = await createReferenceModel(randomModel(TINY, 2), { precision: 'f32' });
		const result = await selfTest(await other.createDecoder(), expected);
		expect(result.message).toMatch(/most probable tokens should be/);
	});

	it.each<[string, number, RegExp]>([
		['all zero', 0, /equally probable/],
		['no numbers', NaN, /no numbers/]
	])('finds logits that are %s without any answer to compare with', async (_, value, message) => {
		expect((await selfTest(decoder, null)).message).toBe('');
		const { config, weights } = randomModel(TINY);
		const size = weights.finalNorm.weight.size;
		const weight = {
			...weights.finalNorm.weight,
			floats: async () => new Float32Array(size).fill(value)
		};
		const broken = { config, weights: { ...weights, finalNorm: { weight, bias: null } } };
		const model = await createReferenceModel(broken, { precision: 'f32' });
		const result = await selfTest(await model.createDecoder(), null);
		expect(result.passed).toBe(false);
		expect(result.message).toMatch(message);
	});

	it('stays inside the positions that a model has learned', async () => {
		const few = { ...TINY_GPT2, learnedPositions: 20, layerWindows: [20, 20], window: 20 };
		const model = await createReferenceModel(randomModel(few), { precision: 'f32' });
		const result = await selfTest(await model.createDecoder(), null);
		expect(result.message).toBe('');
	});

	it('passes on the shipped model', async () => {
		const model = await createReferenceModel(await modelIn(SHIPPED_FOLDER), { precision: 'f32' });
		const shipped = await model.createDecoder();
		const json = readJson(`${SHIPPED_FOLDER}/instrument.json`);
		const result = await selfTest(shipped, parseModelDescription(json).selfTest);
		expect(result.message).toBe('');
	});
});
