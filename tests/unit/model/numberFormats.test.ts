import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	floatToHalf,
	halfOfFloat,
	halfToFloat,
	toFloat32,
	toHalfBits
} from '../../../src/lib/model/numberFormats';
import type { WeightType } from '../../../src/lib/model/safetensors';

const EVERY_16_BITS = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
const bytesOf = ({ buffer }: { buffer: ArrayBuffer }) => new Uint8Array(buffer);
const floatOf = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0]!;
const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;
const tensor = (type: WeightType) => ({ type, name: 'a', file: 'big.safetensors' });

describe('half-precision numbers', () => {
	it('survive the way to f32 and back, every one of them', () => {
		for (let bits = 0; bits < 0x10000; bits++) {
			const value = halfToFloat(bits);
			if (Number.isNaN(value)) expect(floatToHalf(value) & 0x7fff).toBe(0x7e00);
			else expect(floatToHalf(value)).toBe(bits);
		}
	});

	it.each([
		[0x3c00, 1],
		[0xc000, -2],
		[0x0001, 2 ** -24],
		[0x03ff, 1023 * 2 ** -24],
		[0x7bff, 65504],
		[0x7c00, Infinity]
	])('have the values of the standard: %i is %d', (bits, value) => {
		expect(halfToFloat(bits)).toBe(value);
	});

	it('are the nearest to any value, ties to even', () => {
		fc.assert(
			fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (value) => {
				const bits = floatToHalf(value);
				const error = Math.abs(halfToFloat(bits) - value);
				for (const neighbour of [bits - 1, bits + 1]) {
					const other = halfToFloat(neighbour & 0xffff);
					if (!Number.isFinite(other)) continue;
					const otherError = Math.abs(other - value);
					expect(error).toBeLessThanOrEqual(otherError);
					if (error === otherError && error > 0) expect(bits & 1).toBe(0);
				}
			})
		);
	});
});

describe('the fast way from f32 to f16', () => {
	const requireSame = (bits: number) => {
		const value = floatOf(bits);
		const expected = floatToHalf(value);
		const found = halfOfFloat(bits);
		if (Number.isNaN(value)) expect(found & 0x7fff).toBe(0x7e00);
		else if (found !== expected) expect.fail(`${value} gave ${found} instead of ${expected}`);
	};

	it('agrees with the definition at every f16, half way to the next, and right beside both', () => {
		for (let half = 0; half < 0x7c00; half++) {
			const value = halfToFloat(half);
			const next = half === 0x7bff ? 65536 : halfToFloat(half + 1);
			for (const around of [bitsOf(value), bitsOf((value + next) / 2)]) {
				for (const bits of [around, around + 1, Math.max(0, around - 1)]) {
					requireSame(bits);
					requireSame((bits | 0x80000000) >>> 0);
				}
			}
		}
	});

	it('agrees with the definition at any f32', () => {
		const any = fc.integer({ min: 0, max: 0xffffffff });
		fc.assert(fc.property(any, requireSame), { numRuns: 20_000 });
	});
});

describe('stored weights', () => {
	it('of f16 are read exactly, every one of them', () => {
		const values = toFloat32(tensor('F16'), bytesOf(EVERY_16_BITS));
		expect(values).toStrictEqual(Float32Array.from(EVERY_16_BITS, halfToFloat));
		expect(toHalfBits(tensor('F16'), bytesOf(EVERY_16_BITS))).toStrictEqual(EVERY_16_BITS);
	});

	it('of bf16 are the upper halves of f32, every one of them', () => {
		const expected = new Float32Array(
			Uint32Array.from(EVERY_16_BITS, (bits) => bits * 2 ** 16).buffer
		);
		expect(toFloat32(tensor('BF16'), bytesOf(EVERY_16_BITS))).toStrictEqual(expected);
		const small = EVERY_16_BITS.filter((_, i) => Math.abs(expected[i]!) < 65504);
		expect(toHalfBits(tensor('BF16'), bytesOf(small))).toStrictEqual(
			Uint16Array.from(small, (bits) => floatToHalf(floatOf(bits * 2 ** 16)))
		);
	});

	it('may lie at any byte of a file', () => {
		const file = Uint8Array.of(9, 9, 9, 0, 0, 0x80, 0x3f, 9);
		expect([...toFloat32(tensor('F32'), file.subarray(3, 7))]).toEqual([1]);
		expect([...toHalfBits(tensor('BF16'), file.subarray(5, 7))]).toEqual([0x3c00]);
	});

	it.each([
		['F32', Uint32Array.of(0x3f800000, 0xc7800000)],
		['BF16', Uint16Array.of(0x3f80, 0xc780)]
	] as const)('of %s beyond f16 are refused in a sentence', (type, values) => {
		expect(() => toHalfBits(tensor(type), bytesOf(values))).toThrow(
			/big\.safetensors, the tensor "a" holds values of 65536/
		);
	});
});
