import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import { ModelFileError, type ModelConfig } from '../../src/lib/model/config';
import type { Constraint, Decoder, Sampling } from '../../src/lib/model/decoder';
import { createReferenceDecoder } from '../../src/lib/model/reference/referenceDecoder';
import { EXCLUDED, unconstrained } from '../../src/lib/model/sampling';
import { TokenFrame, type FrameSlab } from '../../src/lib/model/tokenFrame';
import { admits, advance, initialState } from '../../src/lib/model/tokenGrammar';
import type { KernelVariant } from '../../src/lib/model/wgsl/kernels';
import { createWgslDecoder } from '../../src/lib/model/wgsl/wgslDecoder';
import { GRAMMAR } from '../../src/lib/music/grammar';
import { TINY, randomModel } from '../unit/model/randomModel';
import { expectSameFrames, tokensOf } from './frames';
import { testDevice } from './setup';

const SAMPLING: Sampling = { temperature: 1, topP: 0.95, minP: 0.01, seed: 42 };
const OPEN = unconstrained(TINY.vocabularySize);
const OPENING = [3, 5, 7, 11, 13];

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

/** Makes a decoder of the tiny model, and disposes of it after `use`. */
async function withDecoder<T>(
	variant: KernelVariant,
	use: (decoder: Decoder) => Promise<T>,
	stepsPerSubmit = 8,
	config: ModelConfig = TINY
): Promise<T> {
	const decoder = await createWgslDecoder(gpu, randomModel(config), { variant, stepsPerSubmit });
	try {
		return await use(decoder);
	} finally {
		decoder.dispose();
	}
}

describe.each(['rows', 'workgroup'] as const)('the WGSL decoder in the variant "%s"', (variant) => {
	it('writes the tokens and frames of the reference, far beyond its window', async () => {
		const reference = createReferenceDecoder(randomModel(TINY), { precision: 'f64' });
		const write = async (decoder: Decoder): Promise<FrameSlab[]> => [
			await decoder.prefill(OPENING),
			await decoder.generate(61, SAMPLING, OPEN)
		];
		const expected = await write(reference);
		const found = await withDecoder(variant, write);
		found.forEach((slab, i) => expectSameFrames(slab, expected[i]!));
	});

	it('writes the same with one step a submit and with eight', async () => {
		const write = async (decoder: Decoder) => {
			await decoder.prefill(OPENING);
			return decoder.generate(40, SAMPLING, OPEN);
		};
		const one = await withDecoder(variant, write, 1);
		const eight = await withDecoder(variant, write, 8);
		expect(new Uint32Array(one.buffer)).toStrictEqual(new Uint32Array(eight.buffer));
	});

	it('repeats itself bit by bit under the same seed, and not under another', async () => {
		await withDecoder(variant, async (decoder) => {
			const write = async (seed: number) => {
				decoder.truncate(0);
				await decoder.prefill(OPENING);
				return decoder.generate(24, { ...SAMPLING, seed }, OPEN);
			};
			const first = await write(1);
			const again = await write(1);
			expect(new Uint32Array(again.buffer)).toStrictEqual(new Uint32Array(first.buffer));
			expect(tokensOf(await write(2))).not.toStrictEqual(tokensOf(first));
		});
	});

	it('goes on as if nothing had happened after taking tokens back', async () => {
		await withDecoder(variant, async (decoder) => {
			await decoder.prefill(OPENING);
			const straight = await decoder.generate(60, SAMPLING, OPEN);
			decoder.truncate(25);
			const again = await decoder.generate(40, SAMPLING, OPEN);
			expect(tokensOf(again)).toStrictEqual(tokensOf(straight).slice(20));
			const last = new TokenFrame(again, 39);
			expect(last.head(1, 3)).toStrictEqual(new TokenFrame(straight, 59).head(1, 3));
		});
	});

	it('reads given tokens as it reads its own', async () => {
		await withDecoder(variant, async (decoder) => {
			await decoder.prefill(OPENING);
			const written = await decoder.generate(30, SAMPLING, OPEN);
			decoder.truncate(0);
			const read = await decoder.prefill([...OPENING, ...tokensOf(written)]);
			expect(decoder.length).toBe(35);
			const words = new Uint32Array(read.buffer);
			const own = new Uint32Array(written.buffer);
			expect(words.slice(-own.length)).toStrictEqual(own);
		});
	});

	it('never leaves the grammar, whatever the seed', async () => {
		const config = { ...TINY, vocabularySize: GRAMMAR.vocabularySize };
		await withDecoder(
			variant,
			async (decoder) => {
				for (const seed of [1, 2, 3]) {
					decoder.truncate(0);
					const state = initialState(GRAMMAR);
					await decoder.prefill([0]);
					advance(GRAMMAR, state, 0);
					const bias = new Float32Array(GRAMMAR.scopeCount * GRAMMAR.vocabularySize);
					const constraint: Constraint = { grammar: GRAMMAR, state, bias };
					const slab = await decoder.generate(
						50,
						{ ...SAMPLING, temperature: 2, seed },
						constraint
					);
					for (const token of tokensOf(slab)) {
						expect(admits(GRAMMAR, state, token)).toBe(true);
						advance(GRAMMAR, state, token);
					}
				}
			},
			8,
			config
		);
	});

	it('obeys a bias that excludes tokens', async () => {
		await withDecoder(variant, async (decoder) => {
			await decoder.prefill(OPENING);
			const bias = new Float32Array(TINY.vocabularySize).fill(EXCLUDED).fill(0, 20, 23);
			const slab = await decoder.generate(24, SAMPLING, { ...OPEN, bias });
			expect(tokensOf(slab).every((token) => token >= 20 && token < 23)).toBe(true);
		});
	});
});

describe('the WGSL decoder', () => {
	it('refuses what it can not do, in words', async () => {
		await withDecoder('rows', async (decoder) => {
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

	it('refuses a model that does not fit its kernels', async () => {
		const tooWide = { ...TINY, vocabularySize: 2049 };
		await expect(createWgslDecoder(gpu, randomModel(tooWide))).rejects.toThrow(ModelFileError);
		const tooFar = { ...randomModel(TINY), config: { ...TINY, slidingWindow: 4096 } };
		await expect(createWgslDecoder(gpu, tooFar)).rejects.toThrow(/window is 4096/);
	});

	it('says what it is', async () => {
		await withDecoder('rows', async ({ capabilities }) => {
			expect(capabilities).toMatchObject({ engine: 'webgpu', truncationLimit: 512 });
			expect(capabilities.device.length).toBeGreaterThan(3);
		});
	});

	it('runs a model with an output matrix of its own', async () => {
		const untied = { ...TINY, tiedEmbeddings: false };
		const model = randomModel(untied);
		const reference = createReferenceDecoder(model, { precision: 'f64' });
		await reference.prefill(OPENING);
		const expected = await reference.generate(8, SAMPLING, OPEN);
		await withDecoder(
			'rows',
			async (decoder) => {
				await decoder.prefill(OPENING);
				expectSameFrames(await decoder.generate(8, SAMPLING, OPEN), expected);
			},
			8,
			untied
		);
	});
});
