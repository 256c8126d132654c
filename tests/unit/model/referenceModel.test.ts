import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/lib/model/config';
import type { Decoder, DecoderOptions, Sampling } from '../../../src/lib/model/decoder';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { EXCLUDED, unconstrained } from '../../../src/lib/model/sampling';
import { TOP, TokenFrame, type FrameSlab } from '../../../src/lib/model/tokenFrame';
import { advance, copyState, initialState } from '../../../src/lib/model/tokenGrammar';
import { GRAMMAR } from '../../../src/lib/music/grammar';
import { TINY, TINY_GPT2, randomModel } from './randomModel';

const SAMPLING: Sampling = { temperature: 1, topP: 0.95, minP: 0, seed: 9 };
const OPEN = unconstrained(TINY.vocabularySize);
const OPENING = [3, 5, 7];

function framesOf(slab: FrameSlab): TokenFrame[] {
	return Array.from({ length: slab.count }, (_, i) => new TokenFrame(slab, i));
}

const tokensOf = (slab: FrameSlab) => framesOf(slab).map(({ token }) => token);

describe.each(['f64', 'f32'] as const)('the reference decoder in %s', (precision) => {
	let decoder: Decoder;
	beforeEach(async () => {
		decoder = await decoderOf(TINY);
	});

	async function decoderOf(config: ModelConfig, options?: DecoderOptions): Promise<Decoder> {
		const model = await createReferenceModel(randomModel(config), { precision });
		return model.createDecoder(options);
	}

	it('gives one frame a token, in order, the first of which nothing predicted', async () => {
		const opening = await decoder.prefill(OPENING);
		const written = await decoder.generate(5, SAMPLING, OPEN);
		expect(decoder.length).toBe(8);
		const frames = [...framesOf(opening), ...framesOf(written)];
		expect(frames.map(({ index }) => index)).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		expect(tokensOf(opening)).toStrictEqual(OPENING);
		const [first] = frames;
		expect(first).toMatchObject({ logProbability: 0, entropy: 0, alternatives: [] });
		expect(first!.head(1, 0)).toMatchObject({ entropy: 0, sink: 0 });
		expect(first!.head(1, 0).indices).toHaveLength(0);
	});

	it('fills frames with quantities that belong together', async () => {
		await decoder.prefill(OPENING);
		const slab = await decoder.generate(60, SAMPLING, OPEN);
		for (const frame of framesOf(slab)) {
			const oldest = Math.max(0, frame.index - TINY.window);
			const visible = Math.min(frame.index, TINY.window);
			expect(frame.logProbability).toBeLessThanOrEqual(0);
			expect(frame.entropy).toBeGreaterThanOrEqual(0);
			expect(frame.entropy).toBeLessThanOrEqual(Math.log(TINY.vocabularySize) + 1e-6);
			const probabilities = frame.alternatives.map(({ probability }) => probability);
			expectRanked(probabilities);
			const own = frame.alternatives.find(({ token }) => token === frame.token);
			if (own) expect(Math.log(own.probability)).toBeCloseTo(frame.logProbability, 5);
			for (let layer = 0; layer < TINY.layers; layer++) {
				for (let head = 0; head < TINY.heads; head++) {
					const { entropy, sink, indices, weights } = frame.head(layer, head);
					expectRanked(weights);
					expect(weights).toHaveLength(Math.min(TOP, visible));
					expect(new Set(indices).size).toBe(indices.length);
					expect(Math.min(...indices)).toBeGreaterThanOrEqual(oldest);
					expect(Math.max(...indices)).toBeLessThan(frame.index);
					const place = indices.indexOf(oldest);
					if (place >= 0) expect(weights[place]).toBe(sink);
					expect(entropy).toBeGreaterThanOrEqual(0);
					expect(entropy).toBeLessThanOrEqual(Math.log(Math.max(1, visible - 1)) + 1e-6);
				}
				const { mlpSparsity, ...norms } = frame.layer(layer);
				expect(mlpSparsity).toBeGreaterThan(0);
				expect(mlpSparsity).toBeLessThan(1);
				expect(Math.min(...Object.values(norms))).toBeGreaterThan(0);
			}
		}
	});

	it('goes on after truncation, a snapshot or a rereading as if straight through', async () => {
		await decoder.prefill(OPENING);
		const straight = await decoder.generate(80, SAMPLING, OPEN);
		decoder.truncate(30);
		const middle = decoder.snapshot();
		const again = await decoder.generate(53, SAMPLING, OPEN);
		expect(framesEqual(again, 0, straight, 27, 53)).toBe(true);
		decoder.restore(middle);
		expect(decoder.length).toBe(30);
		const third = await decoder.generate(53, SAMPLING, OPEN);
		expect(framesEqual(third, 0, straight, 27, 53)).toBe(true);
		decoder.truncate(0);
		const read = await decoder.prefill([...OPENING, ...tokensOf(straight)]);
		expect(framesEqual(read, 3, straight, 0, 80)).toBe(true);
	});

	it('remembers enough to take back 512 tokens after the window has slid', async () => {
		await decoder.prefill(OPENING);
		const straight = await decoder.generate(1000, SAMPLING, OPEN);
		decoder.truncate(1003 - 512);
		const again = await decoder.generate(200, SAMPLING, OPEN);
		expect(framesEqual(again, 0, straight, 488, 200)).toBe(true);
		expect(() => decoder.truncate(480)).toThrow(RangeError);
	});

	it('stays inside the grammar and the bias', async () => {
		const config = { ...TINY, vocabularySize: GRAMMAR.vocabularySize };
		const musical = await decoderOf(config);
		const state = initialState(GRAMMAR);
		const bias = new Float32Array(GRAMMAR.scopeCount * 334);
		for (let scope = 0; scope < GRAMMAR.scopeCount; scope++) bias[scope * 334 + 1] = EXCLUDED;
		await musical.prefill([0]);
		advance(GRAMMAR, state, 0);
		const constraint = { grammar: GRAMMAR, state: copyState(state), bias };
		const before = copyState(state);
		const tokens = tokensOf(
			await musical.generate(200, { ...SAMPLING, temperature: 2 }, constraint)
		);
		for (const token of tokens) advance(GRAMMAR, state, token);
		expect(tokens).not.toContain(1);
		expect(constraint.state, 'the caller keeps its state').toStrictEqual(before);
	});

	it('is as cold as the state of the grammar says', async () => {
		await decoder.prefill(OPENING);
		const stateTemperature = Float32Array.of(1e-6);
		const cold = tokensOf(await decoder.generate(30, SAMPLING, { ...OPEN, stateTemperature }));
		decoder.truncate(OPENING.length);
		const greedy = tokensOf(await decoder.generate(30, { ...SAMPLING, topK: 1 }, OPEN));
		decoder.truncate(OPENING.length);
		const drawn = tokensOf(await decoder.generate(30, SAMPLING, OPEN));
		expect(cold).toStrictEqual(greedy);
		expect(cold).not.toStrictEqual(drawn);
	});

	it('lets other tasks of the thread in while it writes', async () => {
		await decoder.prefill(OPENING);
		let turns = 0;
		const timer = setInterval(() => turns++, 1);
		await decoder.generate(1500, SAMPLING, OPEN);
		clearInterval(timer);
		expect(turns).toBeGreaterThan(1);
	});

	it('refuses what it can not do, in words', async () => {
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/sequence is empty/);
		await expect(decoder.prefill([1, 61])).rejects.toThrow(/61 is no token/);
		await decoder.prefill(OPENING);
		const writing = decoder.generate(300, SAMPLING, OPEN);
		await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/still writing/);
		decoder.dispose();
		await writing.catch((error: unknown) => expect(String(error)).toMatch(/disposed/));
	});

	it('says what it is', () => {
		expect(decoder.capabilities).toStrictEqual({
			engine: 'cpu',
			device: 'TypeScript',
			software: true,
			truncationLimit: 512,
			longestSequence: Infinity
		});
	});

	it('takes forced tokens first, then its own', async () => {
		await decoder.prefill(OPENING);
		const slab = await decoder.generate(6, SAMPLING, { ...OPEN, forced: [9, 8] });
		expect(tokensOf(slab).slice(0, 2)).toStrictEqual([9, 8]);
		decoder.truncate(0);
		await decoder.prefill([...OPENING, 9, 8]);
		const straight = await decoder.generate(4, SAMPLING, OPEN);
		expect(tokensOf(slab).slice(2)).toStrictEqual(tokensOf(straight));
	});

	it('does not repeat itself under a heavy repetition penalty', async () => {
		await decoder.prefill(OPENING);
		const greedy = { ...SAMPLING, topK: 1 };
		const plain = tokensOf(await decoder.generate(40, greedy, OPEN));
		expect(new Set(plain).size, 'greedy text goes in circles').toBeLessThan(40);
		decoder.truncate(OPENING.length);
		const penalty = { ...greedy, repetitionPenalty: 1e6, repetitionWindow: 20 };
		const varied = tokensOf(await decoder.generate(40, penalty, OPEN));
		varied.forEach((token, i) => {
			expect([...OPENING, ...varied].slice(Math.max(0, i + 3 - 20), i + 3)).not.toContain(token);
		});
	});

	it('refuses to go beyond the positions that the model learned', async () => {
		const short = await decoderOf(TINY_GPT2);
		await short.prefill(OPENING);
		await expect(short.generate(126, SAMPLING, OPEN)).rejects.toThrow(/knows 128 positions/);
		expect(short.length).toBe(3);
		expect(short.capabilities.longestSequence).toBe(128);
	});

	it('writes the same without frames and recording', async () => {
		const bare = await decoderOf(TINY, { frames: false, recording: false });
		await decoder.prefill(OPENING);
		await bare.prefill(OPENING);
		const full = await decoder.generate(30, SAMPLING, OPEN);
		const slab = await bare.generate(30, SAMPLING, OPEN);
		expect(tokensOf(slab)).toStrictEqual(tokensOf(full));
		expect(framesOf(slab).map(({ index }) => index)[29]).toBe(32);
		expect(framesOf(slab)[29]!.layer(0).residualNorm).toBe(0);
		expect(bare.inspector).toBeNull();
	});

	it('lets several decoders share its weights and keeps them apart', async () => {
		const model = await createReferenceModel(randomModel(TINY), { precision });
		const pair = [await model.createDecoder(), await model.createDecoder()];
		const write = async (one: Decoder, opening: number[]) => {
			await one.prefill(opening);
			return tokensOf(await one.generate(60, SAMPLING, OPEN));
		};
		const together = await Promise.all(pair.map((one, i) => write(one, [i + 1, 5])));
		for (const [i, tokens] of together.entries()) {
			decoder.truncate(0);
			expect(await write(decoder, [i + 1, 5])).toStrictEqual(tokens);
		}
	});
});

/** Probabilities, largest first, that do not exceed a whole. */
function expectRanked(weights: ArrayLike<number>): void {
	const list = Array.from(weights);
	expect(list).toStrictEqual([...list].sort((a, b) => b - a));
	expect(list.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(1 + 1e-5);
}

/** Whether `count` frames from `i` on in one slab equal those from `j` on in another, bit by bit. */
function framesEqual(a: FrameSlab, i: number, b: FrameSlab, j: number, count: number): boolean {
	const stride = a.buffer.byteLength / a.count;
	const bytes = (slab: FrameSlab, first: number) =>
		Buffer.from(slab.buffer, first * stride, count * stride);
	return bytes(a, i).equals(bytes(b, j));
}
