import { describe, expect, it } from 'vitest';
import { parseModelDescription } from '../../../src/lib/model/modelDescription';
import { createReferenceDecoder } from '../../../src/lib/model/reference/referenceDecoder';
import { unconstrained } from '../../../src/lib/model/sampling';
import { selfTest } from '../../../src/lib/model/selfTest';
import { TokenFrame } from '../../../src/lib/model/tokenFrame';
import { SHIPPED_FOLDER, modelIn, readJson } from './fixtures';
import { TINY, randomModel } from './randomModel';

const PROMPT = [1, 2, 3, 4];
const decoder = createReferenceDecoder(randomModel(TINY), { precision: 'f32' });

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

	it('passes on the shipped model', async () => {
		const shipped = createReferenceDecoder(modelIn(SHIPPED_FOLDER), { precision: 'f32' });
		const json = readJson(`${SHIPPED_FOLDER}/instrument.json`);
		const result = await selfTest(shipped, parseModelDescription(json).selfTest);
		expect(result.message).toBe('');
	});
});
