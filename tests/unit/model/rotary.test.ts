import { describe, expect, it } from 'vitest';
import { plainRotation } from '../../../src/lib/model/config';
import { writeRotation } from '../../../src/lib/model/rotary';

describe('rotary positions', () => {
	it('turn each pair of channels by its own frequency', () => {
		const target = new Float64Array(8).fill(NaN);
		writeRotation(plainRotation(10_000, 6), 5, target, 1);
		const angles = [5, 5 * 10_000 ** (-1 / 3), 5 * 10_000 ** (-2 / 3)];
		angles.forEach((angle, j) => {
			expect(target[1 + 2 * j]).toBeCloseTo(Math.cos(angle), 14);
			expect(target[2 + 2 * j]).toBeCloseTo(Math.sin(angle), 14);
		});
		expect([target[0], target[7]]).toEqual([NaN, NaN]);
	});

	it('make attention sharper where the rotation has a magnitude', () => {
		const target = new Float32Array(4);
		writeRotation({ frequencies: [0.5, 0.25], magnitude: 1.5 }, 4, target);
		expect(target[0]).toBeCloseTo(1.5 * Math.cos(2), 6);
		expect(target[3]).toBeCloseTo(1.5 * Math.sin(1), 6);
	});

	it('stay exact after hours of playing', () => {
		const target = new Float64Array(2);
		const position = 2 ** 24 + 1;
		writeRotation({ frequencies: [2 * Math.PI * (1 + 2 ** -20)], magnitude: 1 }, position, target);
		/** whole turns leave no trace, and 2^-20 of a turn a position is 16 turns and a bit */
		const rest = 2 * Math.PI * ((position * 2 ** -20) % 1);
		expect(target[0]).toBeCloseTo(Math.cos(rest), 7);
		expect(target[1]).toBeCloseTo(Math.sin(rest), 7);
	});
});
