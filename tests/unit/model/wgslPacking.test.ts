import { describe, expect, it } from 'vitest';
import { writeRotation } from '../../../src/lib/model/rotary';
import { NONE, frameLayout } from '../../../src/lib/model/tokenFrame';
import {
	SEQUENCE_HEADER_WORDS,
	packGrammar,
	packLastSeen,
	packSequence,
	sequenceWords
} from '../../../src/lib/model/wgsl/packConstraint';
import { packSteps, stepStride } from '../../../src/lib/model/wgsl/packSteps';
import { GRAMMAR } from '../../../src/lib/music/grammar';
import { TINY_GEMMA, TINY_GPT2 } from './randomModel';

const SAMPLING = {
	temperature: 0.5,
	topK: 7,
	topP: 0.25,
	minP: 0.125,
	repetitionPenalty: 1.5,
	repetitionWindow: 33,
	seed: 0xfedcba98
};

describe('the parameters of steps', () => {
	const stride = stepStride(TINY_GEMMA, 256);

	it('stand at offsets that a binding may have, and none overlaps the next', () => {
		expect(stride % 256).toBe(0);
		expect(stride).toBeGreaterThanOrEqual((12 + 2 * TINY_GEMMA.headSize) * 4);
		expect(stepStride(TINY_GPT2, 64)).toBe(64);
	});

	it('hold position, frame, given token and sampling of each step', () => {
		const forced = [41];
		const packed = packSteps(
			TINY_GEMMA,
			{ position: 1000, count: 3, forced, sampling: SAMPLING },
			stride
		);
		const { stride: frameStride } = frameLayout(TINY_GEMMA.layers, TINY_GEMMA.heads);
		for (let i = 0; i < 3; i++) {
			const words = new Uint32Array(packed, i * stride, 12);
			const floats = new Float32Array(packed, i * stride, 12);
			expect([...words.subarray(0, 4)]).toStrictEqual([
				1000 + i,
				i * frameStride,
				forced[i] ?? NONE,
				0xfedcba98
			]);
			expect([floats[4], words[5], floats[6], floats[7]]).toStrictEqual([0.5, 7, 0.25, 0.125]);
			expect([floats[8], words[9]]).toStrictEqual([1.5, 33]);
		}
	});

	it('turn every way that layers turn, one table behind the other', () => {
		const batch = { position: 12_345, count: 2, forced: [], sampling: SAMPLING };
		const packed = packSteps(TINY_GEMMA, batch, stride);
		TINY_GEMMA.rotations.forEach((rotation, r) => {
			const expected = new Float32Array(TINY_GEMMA.headSize);
			writeRotation(rotation, 12_346, expected);
			const at = stride + (12 + r * TINY_GEMMA.headSize) * 4;
			expect(new Float32Array(packed, at, TINY_GEMMA.headSize)).toStrictEqual(expected);
		});
	});

	it('keep all tokens and penalise none where a sampling does not say', () => {
		const sampling = { temperature: 1, topP: 1, minP: 0, seed: 1 };
		const packed = packSteps(TINY_GPT2, { position: 0, count: 1, forced: [], sampling }, 64);
		expect(new Uint32Array(packed)[5]).toBe(0);
		expect(new Float32Array(packed)[8]).toBe(1);
	});

	it('hold no temperature by which logits would leave f32', () => {
		const sampling = { ...SAMPLING, temperature: Number.MIN_VALUE, topK: 2 ** 40 };
		const packed = packSteps(TINY_GPT2, { position: 0, count: 1, forced: [], sampling }, 64);
		expect(100 / new Float32Array(packed)[4]!).toBeLessThan(3e38);
		expect(new Uint32Array(packed)[5]).toBe(NONE);
	});
});

describe('what kernels know of the sequence', () => {
	it('begins with its last token and where the grammar stands', () => {
		const registers = Int16Array.of(5, -1, 7);
		const packed = packSequence(9, { state: 4, registers });
		expect(packed.length).toBe(SEQUENCE_HEADER_WORDS);
		expect([...packed.subarray(0, 6)]).toStrictEqual([9, 0, 4, 5, -1, 7]);
		expect(sequenceWords(61)).toBe(SEQUENCE_HEADER_WORDS + 61);
	});

	it('knows of each token the position behind its latest occurrence', () => {
		/** 8 tokens, of which 2, 0, 2, 4 are the latest */
		const packed = packLastSeen(5, 8, [2, 0, 2, 4]);
		expect([...packed]).toStrictEqual([7, 0, 8, 0, 5]);
		expect([...packLastSeen(2, 1, [0])]).toStrictEqual([1, 0]);
	});
});

it('a grammar is packed behind a table of where each of its tables begins', () => {
	const temperatures = Float32Array.from(GRAMMAR.stateScope, (_, state) => 0.5 + state / 8);
	const packed = packGrammar(GRAMMAR, temperatures);
	const tables = [
		GRAMMAR.tokenClass,
		GRAMMAR.tokenOrder,
		GRAMMAR.next,
		GRAMMAR.classRegister,
		GRAMMAR.classResets,
		GRAMMAR.classNeedsRoom,
		GRAMMAR.registerMax,
		GRAMMAR.stateScope,
		new Int32Array(temperatures.buffer)
	];
	expect([...packed.subarray(0, 2)]).toStrictEqual([GRAMMAR.classCount, GRAMMAR.registerCount]);
	tables.forEach((table, i) => {
		const begin = packed[2 + i]!;
		expect([...packed.subarray(begin, begin + table.length)]).toStrictEqual([...table]);
	});
});
