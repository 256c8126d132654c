import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { ModelConfig } from '../../src/lib/model/config';
import type { Constraint, Decoder, Sampling } from '../../src/lib/model/decoder';
import { createReferenceModel } from '../../src/lib/model/reference/referenceModel';
import { EXCLUDED, unconstrained } from '../../src/lib/model/sampling';
import { TokenFrame, frameLayout, type FrameSlab } from '../../src/lib/model/tokenFrame';
import { admits, advance, initialState } from '../../src/lib/model/tokenGrammar';
import { GRAMMAR } from '../../src/lib/music/grammar';
import { TINY, TINY_GEMMA, TINY_GPT2, randomModel } from '../unit/model/randomModel';
import { FORMS, expectSameFrames, tokensOf } from './frames';
import { testDevice } from './setup';
import { decoderOn } from './wgslModels';

const SAMPLING: Sampling = { temperature: 1, topP: 0.95, minP: 0.01, seed: 42 };
const OPEN = unconstrained(TINY.vocabularySize);
const OPENING = [3, 5, 7, 11, 13];

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

const withDecoder = decoderOn(() => gpu);

async function referenceDecoder(config: ModelConfig = TINY): Promise<Decoder> {
	const model = await createReferenceModel(randomModel(config), { precision: 'f64' });
	return model.createDecoder();
}

const wordsOf = ({ buffer }: FrameSlab) => new Uint32Array(buffer);

describe.each(FORMS)('the WGSL decoder with %s', (_, form) => {
	it.each([
		['like Llama', TINY],
		['like Llama with an output matrix of its own', { ...TINY, tiedEmbeddings: false }],
		['like GPT-2', TINY_GPT2],
		['like Gemma', TINY_GEMMA]
	])('writes the tokens and frames of the reference, on a model %s', async (__, config) => {
		const write = async (decoder: Decoder): Promise<FrameSlab[]> => [
			await decoder.prefill(OPENING),
			await decoder.generate(45, SAMPLING, OPEN)
		];
		const expected = await write(await referenceDecoder(config));
		const found = await withDecoder(write, form, config);
		found.forEach((slab, i) => expectSameFrames(slab, expected[i]!));
	});

	it('repeats itself bit by bit under the same seed, and not under another', async () => {
		await withDecoder(async (decoder) => {
			const write = async (seed: number) => {
				decoder.truncate(0);
				await decoder.prefill(OPENING);
				return decoder.generate(24, { ...SAMPLING, seed }, OPEN);
			};
			const first = await write(1);
			expect(wordsOf(await write(1))).toStrictEqual(wordsOf(first));
			expect(tokensOf(await write(2))).not.toStrictEqual(tokensOf(first));
		}, form);
	});

	it('reads given tokens as it reads its own', async () => {
		await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING);
			const written = await decoder.generate(30, SAMPLING, OPEN);
			decoder.truncate(0);
			const read = await decoder.prefill([...OPENING, ...tokensOf(written)]);
			expect(decoder.length).toBe(35);
			const own = wordsOf(written);
			expect(wordsOf(read).slice(-own.length)).toStrictEqual(own);
		}, form);
	});
});

describe('the WGSL decoder', () => {
	it('goes on as if nothing had happened after taking tokens back', async () => {
		await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING);
			const straight = await decoder.generate(60, SAMPLING, OPEN);
			decoder.truncate(25);
			const again = await decoder.generate(40, SAMPLING, OPEN);
			expect(tokensOf(again)).toStrictEqual(tokensOf(straight).slice(20));
			const last = new TokenFrame(again, 39);
			expect(last.head(1, 3)).toStrictEqual(new TokenFrame(straight, 59).head(1, 3));
		});
	});

	it('forgets repetitions that were taken back, and remembers those before', async () => {
		const write = async (decoder: Decoder) => {
			const sampling = { ...SAMPLING, topK: 8, repetitionPenalty: 4, repetitionWindow: 12 };
			await decoder.prefill(OPENING);
			const first = await decoder.generate(30, sampling, OPEN);
			decoder.truncate(15);
			const plain = await decoder.generate(3, { ...SAMPLING, seed: 7 }, OPEN);
			const second = await decoder.generate(20, { ...sampling, seed: 8 }, OPEN);
			decoder.truncate(20);
			await decoder.prefill([9, 9, 2]);
			const third = await decoder.generate(20, { ...sampling, seed: 9 }, OPEN);
			return [first, plain, second, third].map(tokensOf);
		};
		const expected = await write(await referenceDecoder());
		expect(await withDecoder(write)).toStrictEqual(expected);
	});

	it('never leaves the grammar, whatever the seed', async () => {
		const config = { ...TINY, vocabularySize: GRAMMAR.vocabularySize };
		await withDecoder(
			async (decoder) => {
				for (const seed of [1, 2, 3]) {
					decoder.truncate(0);
					const state = initialState(GRAMMAR);
					await decoder.prefill([0]);
					advance(GRAMMAR, state, 0);
					const bias = new Float32Array(GRAMMAR.scopeCount * GRAMMAR.vocabularySize);
					const constraint: Constraint = { grammar: GRAMMAR, state, bias };
					const sampling = { ...SAMPLING, temperature: 2, seed };
					const slab = await decoder.generate(50, sampling, constraint);
					for (const token of tokensOf(slab)) {
						expect(admits(GRAMMAR, state, token)).toBe(true);
						advance(GRAMMAR, state, token);
					}
				}
			},
			{},
			config
		);
	});

	it('begins with forced tokens, which move the grammar as sampled ones do', async () => {
		const config = { ...TINY, vocabularySize: GRAMMAR.vocabularySize };
		const write = async (decoder: Decoder) => {
			const state = initialState(GRAMMAR);
			await decoder.prefill([0]);
			advance(GRAMMAR, state, 0);
			const bias = new Float32Array(GRAMMAR.scopeCount * GRAMMAR.vocabularySize);
			const first = await decoder.generate(11, SAMPLING, { grammar: GRAMMAR, state, bias });
			decoder.truncate(1);
			const forced = tokensOf(first);
			const sampling = { ...SAMPLING, seed: 3 };
			return decoder.generate(30, sampling, { grammar: GRAMMAR, state, bias, forced });
		};
		const expected = await write(await referenceDecoder(config));
		expectSameFrames(await withDecoder(write, {}, config), expected);
	});

	it('refuses a forced token that the grammar does not admit before anything runs', async () => {
		await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING);
			const grammar = {
				...OPEN.grammar,
				classCount: 2,
				tokenClass: new Uint8Array(TINY.vocabularySize).fill(1, 9, 10),
				next: Uint8Array.of(0, 255),
				classRegister: Int8Array.of(-1, -1),
				classResets: new Uint8Array(2),
				classNeedsRoom: new Uint8Array(2)
			};
			const writing = decoder.generate(8, SAMPLING, { ...OPEN, grammar, forced: [1, 2, 9] });
			await expect(writing).rejects.toThrow(RangeError);
			expect(decoder.length).toBe(5);
			const slab = await decoder.generate(8, SAMPLING, { ...OPEN, grammar, forced: [1, 2] });
			expect(tokensOf(slab).slice(0, 2)).toStrictEqual([1, 2]);
		});
	});

	it('stops where the grammar ends, and keeps what it wrote until then', async () => {
		await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING);
			/** after each token one state further, and nothing behind the third */
			const grammar = { ...OPEN.grammar, stateCount: 3, next: Uint8Array.of(1, 2, 255) };
			const constraint = { ...OPEN, grammar: { ...grammar, stateScope: new Uint8Array(3) } };
			const writing = decoder.generate(30, SAMPLING, constraint);
			await expect(writing).rejects.toThrow(/admits no token at position 7/);
			expect(decoder.length).toBe(7);
			expect((await decoder.generate(5, SAMPLING, OPEN)).count).toBe(5);
		});
	});

	it('obeys a bias that excludes tokens', async () => {
		await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING);
			const bias = new Float32Array(TINY.vocabularySize).fill(EXCLUDED).fill(0, 20, 23);
			const slab = await decoder.generate(24, SAMPLING, { ...OPEN, bias });
			expect(tokensOf(slab).every((token) => token >= 20 && token < 23)).toBe(true);
		});
	});

	it('is as cold as the state of the grammar says, from one call to the next', async () => {
		await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING);
			const write = async (sampling: Sampling, constraint: Constraint) => {
				const tokens = tokensOf(await decoder.generate(24, sampling, constraint));
				decoder.truncate(OPENING.length);
				return tokens;
			};
			const drawn = await write(SAMPLING, OPEN);
			const greedy = await write({ ...SAMPLING, topK: 1 }, OPEN);
			const cold = { ...OPEN, stateTemperature: Float32Array.of(1e-6) };
			expect(await write(SAMPLING, cold)).toStrictEqual(greedy);
			expect(await write(SAMPLING, OPEN)).toStrictEqual(drawn);
			expect(greedy).not.toStrictEqual(drawn);
		});
	});

	it('writes index and token alone where nobody asks for frames, and the same tokens', async () => {
		const write = async (decoder: Decoder) => {
			await decoder.prefill(OPENING);
			return decoder.generate(20, SAMPLING, OPEN);
		};
		const { index, token, stride } = frameLayout(TINY.layers, TINY.heads);
		const full = await withDecoder(write);
		const bare = await withDecoder(write, { frames: false, recording: false });
		const words = wordsOf(bare);
		expect(tokensOf(bare)).toStrictEqual(tokensOf(full));
		words.forEach((word, i) => {
			const at = i % stride;
			if (at === index) expect(word).toBe(5 + Math.floor(i / stride));
			else if (at !== token) expect(word).toBe(0);
		});
	});

	it('refuses what it can not do, in words', async () => {
		await withDecoder(async (decoder) => {
			await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/sequence is empty/);
			await expect(decoder.prefill([TINY.vocabularySize])).rejects.toThrow(/61 is no token/);
			await decoder.prefill(OPENING);
			await expect(decoder.generate(1, SAMPLING, unconstrained(7))).rejects.toThrow(/7 tokens/);
			expect(() => decoder.truncate(9)).toThrow(RangeError);
			const writing = decoder.generate(8, SAMPLING, OPEN);
			await expect(decoder.generate(1, SAMPLING, OPEN)).rejects.toThrow(/still writing/);
			expect(() => decoder.truncate(1)).toThrow(/still writing/);
			await writing;
		});
	});

	it('refuses positions that the model never learned, before anything runs', async () => {
		await withDecoder(
			async (decoder) => {
				expect(decoder.capabilities.longestSequence).toBe(128);
				await expect(decoder.prefill(Array<number>(129).fill(1))).rejects.toThrow(RangeError);
				expect(decoder.length).toBe(0);
				await decoder.prefill(Array<number>(120).fill(1));
				await expect(decoder.generate(9, SAMPLING, OPEN)).rejects.toThrow(/128 positions/);
				expect(decoder.length).toBe(120);
				expect((await decoder.generate(8, SAMPLING, OPEN)).count).toBe(8);
			},
			{},
			TINY_GPT2
		);
	});

	it('says what it is', async () => {
		await withDecoder(async ({ capabilities }) => {
			expect(capabilities).toMatchObject({
				engine: 'webgpu',
				truncationLimit: 512,
				longestSequence: Infinity
			});
			expect(capabilities.device.length).toBeGreaterThan(3);
		});
	});
});
