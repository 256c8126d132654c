/** Steps of one submit, and decoders of one model: neither may show in what is written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Decoder, Sampling } from '../../src/lib/model/decoder';
import { unconstrained } from '../../src/lib/model/sampling';
import type { FrameSlab } from '../../src/lib/model/tokenFrame';
import { TINY } from '../unit/model/randomModel';
import { testDevice } from './setup';
import { decoderOn, withModel } from './wgslModels';

const SAMPLING: Sampling = { temperature: 1, topP: 0.95, minP: 0.01, seed: 42 };
const OPEN = unconstrained(TINY.vocabularySize);
const OPENING = [3, 5, 7, 11, 13];

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

const withDecoder = decoderOn(() => gpu);
const wordsOf = ({ buffer }: FrameSlab) => new Uint32Array(buffer);

describe('steps of a submit', () => {
	const sampling = { ...SAMPLING, topK: 20, repetitionPenalty: 1.3, repetitionWindow: 10 };
	const write = async (decoder: Decoder) => {
		const opening = await decoder.prefill(OPENING);
		const rest = await decoder.generate(21, sampling, { ...OPEN, forced: [1, 2, 3] });
		return [wordsOf(opening), wordsOf(rest)];
	};

	it('make no difference to what is written, however many', async () => {
		const one = await withDecoder(write, { stepsPerSubmit: 1 });
		for (const stepsPerSubmit of [2, 3, 4, 5, 6, 7, 8, 'adaptive'] as const) {
			const found = await withDecoder(write, { stepsPerSubmit });
			expect(found, `${stepsPerSubmit} steps`).toStrictEqual(one);
		}
	});

	it('make no difference where a call ends', async () => {
		const [, whole] = await withDecoder(write);
		const parts = await withDecoder(async (decoder) => {
			await decoder.prefill(OPENING.slice(0, 2));
			await decoder.prefill(OPENING.slice(2));
			const slabs = [await decoder.generate(2, sampling, { ...OPEN, forced: [1, 2] })];
			slabs.push(await decoder.generate(1, sampling, { ...OPEN, forced: [3] }));
			for (const count of [1, 9, 0, 8]) slabs.push(await decoder.generate(count, sampling, OPEN));
			return slabs.flatMap((slab) => [...wordsOf(slab)]);
		});
		expect(parts).toStrictEqual([...whole!]);
	});
});

describe('decoders of one model', () => {
	it('write at the same time as if each were alone', async () => {
		const write = async (decoder: Decoder, seed: number, count: number) => {
			await decoder.prefill([seed, ...OPENING]);
			const slab = await decoder.generate(
				count,
				{ ...SAMPLING, seed, repetitionPenalty: 1.2 },
				OPEN
			);
			return wordsOf(slab);
		};
		await withModel(
			gpu,
			async (model) => {
				const counts = [40, 25, 33];
				const alone = [];
				for (const [i, count] of counts.entries()) {
					const decoder = await model.createDecoder();
					alone.push(await write(decoder, i, count));
					decoder.dispose();
				}
				const decoders = await Promise.all(counts.map(() => model.createDecoder()));
				const together = await Promise.all(
					decoders.map((decoder, i) => write(decoder, i, counts[i]!))
				);
				expect(together).toStrictEqual(alone);
			},
			{ stepsPerSubmit: 3 }
		);
	});

	it('go on when one of them is disposed of, in the middle of its writing too', async () => {
		await withModel(gpu, async (model) => {
			const [first, second] = [await model.createDecoder(), await model.createDecoder()];
			await first.prefill(OPENING);
			await second.prefill(OPENING);
			const ended = first.generate(60, SAMPLING, OPEN);
			const writing = second.generate(30, SAMPLING, OPEN);
			first.dispose();
			await expect(ended).rejects.toThrow(/disposed/);
			const expected = await withDecoder(async (decoder) => {
				await decoder.prefill(OPENING);
				return decoder.generate(30, SAMPLING, OPEN);
			});
			expect(wordsOf(await writing)).toStrictEqual(wordsOf(expected));
		});
	});
});
