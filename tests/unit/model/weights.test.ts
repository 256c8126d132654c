import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { readSafetensors } from '../../../src/lib/model/safetensors';
import {
	floatToHalf,
	halfToFloat,
	readWeights,
	toFloat32,
	toHalfBits
} from '../../../src/lib/model/weights';
import { TINY, randomTensors, safetensors } from './randomModel';

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

describe('the weights of a model', () => {
	const untied = { ...TINY, tiedEmbeddings: false };

	it('are found under their published names', () => {
		const tensors = randomTensors(untied, 3);
		const file = readSafetensors(safetensors(tensors, 'F32'), 'file');
		const weights = readWeights(file, untied);
		expect(weights.layers).toHaveLength(2);
		expect(weights.layers[1]!.down.name).toBe('model.layers.1.mlp.down_proj.weight');
		expect(weights.head.name).toBe('lm_head.weight');
		const key = tensors.find(({ name }) => name === 'model.layers.0.self_attn.k_proj.weight')!;
		expect(toFloat32(weights.layers[0]!.key)).toStrictEqual(Float32Array.from(key.values));
	});

	it('share the embedding with the output where the model ties them', () => {
		const file = readSafetensors(safetensors(randomTensors(TINY, 3), 'F16'), 'file');
		const { head, embedding } = readWeights(file, TINY);
		expect(head).toBe(embedding);
	});

	it('are refused when a layer is missing or shaped for another model', () => {
		const file = readSafetensors(safetensors(randomTensors(TINY, 3), 'F16'), 'file');
		expect(() => readWeights(file, { ...TINY, layers: 3 })).toThrow(/layers\.2\..*missing/);
		expect(() => readWeights(file, { ...TINY, intermediateSize: 80 })).toThrow(ModelFileError);
	});

	it('go to f16 unchanged, rounded, or not at all', () => {
		const [first, ...rest] = randomTensors(TINY, 3);
		const embedding = (values: Float64Array, type: 'F16' | 'F32') =>
			readSafetensors(
				safetensors([{ ...first!, values }, ...rest], type),
				'big.safetensors'
			).tensor('model.embed_tokens.weight', [61, 64]);
		const values = first!.values;
		const expected = Uint16Array.from(values, floatToHalf);
		expect(toHalfBits(embedding(values, 'F16'))).toStrictEqual(expected);
		expect(toHalfBits(embedding(values, 'F32'))).toStrictEqual(
			Uint16Array.from(Float32Array.from(values), floatToHalf)
		);
		const tooLarge = values.map((value, i) => (i === 100 ? 70_000 : value));
		expect(() => toHalfBits(embedding(tooLarge, 'F32'))).toThrow(
			/big\.safetensors, the tensor "model\.embed_tokens\.weight" holds 70000/
		);
	});
});
