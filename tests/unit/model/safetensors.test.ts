import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { readSafetensors } from '../../../src/lib/model/safetensors';
import { toFloat32 } from '../../../src/lib/model/weights';
import { fileOf, safetensors, type NamedValues } from './randomModel';

const TWO: NamedValues[] = [
	{ name: 'a', shape: [2, 3], values: Float64Array.of(1, -2, 0.5, 0, 4, -0.25) },
	{ name: 'b', shape: [2], values: Float64Array.of(8, -16) }
];
/** Header entries of a file with the same two tensors in f16. */
const A = { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] };
const B = { dtype: 'F16', shape: [2], data_offsets: [12, 16] };

function fileWith(header: unknown, dataBytes = 16): ArrayBuffer {
	return fileOf(JSON.stringify(header), new Uint8Array(dataBytes));
}

function readBoth(buffer: ArrayBuffer): void {
	const file = readSafetensors(buffer, 'weights.bin');
	file.tensor('a', [2, 3]);
	file.tensor('b', [2]);
}

describe('a safetensors file', () => {
	it.each(['F16', 'BF16', 'F32'] as const)('of type %s gives its tensors exactly', (type) => {
		const buffer = safetensors(TWO, type);
		const file = readSafetensors(buffer, 'file');
		expect(file.names).toStrictEqual(['a', 'b']);
		expect([...toFloat32(file.tensor('a', [2, 3]))]).toStrictEqual([...TWO[0]!.values]);
		const b = file.tensor('b', [2]);
		expect([...toFloat32(b)]).toStrictEqual([8, -16]);
		expect(b.bytes.buffer, 'no copy is made').toBe(buffer);
	});

	it('may begin its data at an odd byte', () => {
		const header = `${JSON.stringify({ a: A, b: B })} `;
		const odd = header.length % 2 === 0 ? `${header} ` : header;
		const data = new Uint8Array(16);
		data[13] = 0x3c;
		const file = readSafetensors(fileOf(odd, data), 'file');
		expect([...toFloat32(file.tensor('b', [2]))]).toStrictEqual([1, 0]);
	});

	it.each([
		['nothing', new ArrayBuffer(0), /ends after 0 bytes/],
		['half a length', new ArrayBuffer(5), /ends after 5 bytes/],
		['a web page', new TextEncoder().encode('<!doctype html><html>').buffer, /no safetensors file/],
		['a header beyond its end', fileWith({ a: A, b: B }).slice(0, 40), /only 32 follow/],
		['no JSON', fileOf('{"a":', new Uint8Array(16)), /no JSON/],
		['a list for a header', fileOf('[1]', new Uint8Array(16)), /no table of tensors/],
		['a tensor without entries', fileWith({ a: 3, b: B }), /nothing useful about the tensor "a"/],
		['an unknown type', fileWith({ a: { ...A, dtype: 'F12' }, b: B }), /"a" has an unknown type/],
		['no type', fileWith({ a: { ...A, dtype: undefined }, b: B }), /"a" has an unknown type/],
		['a negative size', fileWith({ a: { ...A, shape: [-2, -3] }, b: B }), /"a" has no valid shape/],
		['half a range', fileWith({ a: { ...A, data_offsets: [0] }, b: B }), /no valid byte range/],
		['a size that does not fit', fileWith({ a: { ...A, shape: [2, 4] }, b: B }), /needs 16 bytes/],
		['an overlap', fileWith({ a: A, b: { ...B, data_offsets: [10, 14] } }, 14), /overlap/],
		['a gap', fileWith({ a: A, b: { ...B, data_offsets: [14, 18] } }, 18), /nothing claims/],
		['data cut off', fileWith({ a: A, b: B }, 15), /"b" ends at byte 16.*only 15/],
		['data left over', fileWith({ a: A, b: B }, 20), /4 bytes follow/],
		['a tensor missing', fileWith({ a: A }, 12), /"b" is missing/],
		['a type of whole numbers', fileWith({ a: { ...A, dtype: 'I16' }, b: B }), /"a" has type I16/],
		['another shape', fileWith({ a: { ...A, shape: [3, 2] }, b: B }), /\[3, 2\].*\[2, 3\]/]
	])('with %s is refused in a sentence that names it', (_, buffer, message) => {
		const read = () => readBoth(buffer as ArrayBuffer);
		expect(read).toThrow(ModelFileError);
		expect(read).toThrow(message);
		expect(read).toThrow(/weights\.bin/);
	});

	it.each(['F16', 'BF16', 'F32'] as const)('with NaN or infinity in %s is refused', (type) => {
		for (const value of [NaN, Infinity, -Infinity]) {
			const poisoned = [TWO[0]!, { ...TWO[1]!, values: Float64Array.of(1, value) }];
			expect(() => readBoth(safetensors(poisoned, type))).toThrow(/"b" holds a value/);
		}
	});

	it('is read or refused, but never breaks the reader, whichever bytes are damaged', () => {
		const whole = new Uint8Array(safetensors(TWO, 'F16'));
		const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 });
		fc.assert(
			fc.property(damage, fc.nat(whole.length), (changes, length) => {
				const bytes = whole.slice();
				for (const [at, value] of changes) bytes[at] = value;
				try {
					readBoth(bytes.slice(0, length).buffer);
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
				}
			}),
			{ numRuns: 500 }
		);
	});

	it('is read or refused with any header whatever', () => {
		const entry = fc.record(
			{
				dtype: fc.constantFrom('F16', 'F32', 'BF16', 'I8', 'X'),
				shape: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }),
				data_offsets: fc.array(fc.integer({ min: -2, max: 20 }), { maxLength: 3 })
			},
			{ requiredKeys: [] }
		);
		const header = fc.dictionary(fc.constantFrom('a', 'b', '__metadata__', '__proto__'), entry);
		fc.assert(
			fc.property(fc.oneof(header, fc.jsonValue()), fc.nat(24), (json, size) => {
				try {
					readBoth(fileWith(json, size));
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
				}
			}),
			{ numRuns: 500 }
		);
	});
});
