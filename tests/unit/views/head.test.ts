/** What the view of an attention head says and shows beside its matrix. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttentionMatrix } from '../../../src/lib/model/inspector';
import { TokenFrame, createFrameSlab, frameLayout } from '../../../src/lib/model/tokenFrame';
import { pitchToken, tokenOf } from '../../../src/lib/music/vocabulary';
import {
	barStarts,
	heaviestKeys,
	norm,
	positionWords,
	scoreRange
} from '../../../src/lib/views/headPicture';
import { pooled } from '../../../src/lib/views/matrixPixels';
import { note } from './notes';

/** A frame of a token at a position. */
function frameOf(token: number): TokenFrame {
	const slab = createFrameSlab(1, 1, 1);
	new Uint32Array(slab.buffer)[frameLayout(1, 1).token] = token;
	return new TokenFrame(slab, 0);
}

const TOKENS = [tokenOf('BAR'), pitchToken(45), pitchToken(47), tokenOf('BAR'), pitchToken(50)];
const frame = (position: number) =>
	TOKENS[position - 100] === undefined ? undefined : frameOf(TOKENS[position - 100]!);

describe('the view of a head', () => {
	it('marks where bars begin, as far as they have arrived', () => {
		expect(barStarts({ first: 100, count: 9 }, frame)).toEqual([100, 103]);
		expect(barStarts({ first: 101, count: 2 }, frame)).toEqual([]);
	});

	it('names what stands at a position, with the bar where it is a note', () => {
		const noteAt = (position: number) => (position === 101 ? note({ beat: 44.5 }) : undefined);
		expect(positionWords(101, frame, noteAt)).toBe('pitch A2, bar 12');
		expect(positionWords(103, frame, noteAt)).toBe('the start of a bar');
		expect(positionWords(300, frame, noteAt)).toMatch(/being written/);
	});

	it('finds the heaviest keys, the earlier of equals first', () => {
		const weights = Float32Array.of(0.1, 0.4, 0.1, 0.4);
		const keys = heaviestKeys({ first: 7, weights }, 3);
		expect(keys.map(({ position }) => position)).toEqual([8, 10, 7]);
	});

	it('has a range of scores even where all are equal, or none', () => {
		expect(scoreRange(Float32Array.of(2, -1, 0))).toEqual({ least: -1, greatest: 2 });
		expect(scoreRange(Float32Array.of(3, 3))).toEqual({ least: 2, greatest: 4 });
		expect(scoreRange(new Float32Array())).toEqual({ least: -1, greatest: 1 });
	});

	it('measures a residual', () => {
		expect(norm(Float32Array.of(3, 4))).toBe(5);
	});
});

describe('a matrix brought down to fewer cells', () => {
	it('keeps the greatest weight of every query and loses none of them', () => {
		const sizes = fc.record({
			count: fc.integer({ min: 1, max: 40 }),
			size: fc.integer({ min: 1, max: 40 })
		});
		fc.assert(
			fc.property(
				sizes,
				fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
				(s, stream) => {
					const { count, size } = s;
					const weights = new Float32Array(count * count);
					for (let query = 0; query < count; query++) {
						for (let key = 0; key <= query; key++) {
							weights[query * count + key] = stream.next().value as number;
						}
					}
					const matrix: AttentionMatrix = { first: 5, count, weights };
					const small = pooled(matrix, size);
					expect(small.count).toBe(Math.min(count, size));
					expect(Math.max(...small.weights)).toBe(Math.max(...weights));
					for (let row = 0; row < small.count; row++) {
						for (let column = row + 1; column < small.count; column++) {
							expect(small.weights[row * small.count + column]).toBe(0);
						}
					}
				}
			)
		);
	});
});
