import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { memoryFile } from '../../../src/lib/model/files';
import { toFloat32 } from '../../../src/lib/model/numberFormats';
import { readSafetensors, type Tensor } from '../../../src/lib/model/safetensors';
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

const readFile = (buffer: ArrayBuffer) =>
	readSafetensors(memoryFile('weights.bin', new Uint8Array(buffer)));

async function valuesOf(tensor: Tensor, first?: number, end?: number): Promise<number[]> {
	return [...toFloat32(tensor, await tensor.read(first, end))];
}

async function readBoth(buffer: ArrayBuffer): Promise<void> {
	const file = await readFile(buffer);
	await file.tensor('a', [2, 3]).read();
	await file.tensor('b', [2]).read();
}

describe('a safetensors file', () => {
	it.each(['F16', 'BF16', 'F32'] as const)('of type %s gives its tensors exactly', async (type) => {
		const file = await readFile(safetensors(TWO, type));
		expect(file.names).toStrictEqual(['a', 'b']);
		const a = file.tensor('a', [2, 3]);
		expect(a).toMatchObject({ name: 'a', type, shape: [2, 3], file: 'weights.bin' });
		expect(await valuesOf(a)).toStrictEqual([...TWO[0]!.values]);
		expect(await valuesOf(a, 1, 3)).toStrictEqual([-2, 0.5]);
		expect(await valuesOf(a, 4)).toStrictEqual([4, -0.25]);
		expect(await valuesOf(file.tensor('b', [2]))).toStrictEqual([8, -16]);
	});

	it('is read no further than its header until somebody asks for values', async () => {
		const bytes = new Uint8Array(safetensors(TWO, 'F16'));
		const dataStart = bytes.length - 16;
		const ranges: number[][] = [];
		const file = await readSafetensors({
			name: 'weights.bin',
			size: bytes.length,
			async read(begin, end) {
				ranges.push([begin, end]);
				return bytes.slice(begin, end);
			}
		});
		expect(ranges).toEqual([
			[0, 8],
			[8, dataStart]
		]);
		await file.tensor('a', [2, 3]).read(2, 4);
		expect(ranges[2]).toEqual([dataStart + 4, dataStart + 8]);
	});

	it('may begin its data at an odd byte', async () => {
		const header = `${JSON.stringify({ a: A, b: B })} `;
		const odd = header.length % 2 === 0 ? `${header} ` : header;
		const data = new Uint8Array(16);
		data[13] = 0x3c;
		const file = await readFile(fileOf(odd, data));
		expect(await valuesOf(file.tensor('b', [2]))).toStrictEqual([1, 0]);
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
		['a word of the language', fileWith({ a: { ...A, dtype: 'toString' }, b: B }), /unknown type/],
		['no type', fileWith({ a: { ...A, dtype: undefined }, b: B }), /"a" has an unknown type/],
		['a negative size', fileWith({ a: { ...A, shape: [-2, -3] }, b: B }), /"a" has no valid shape/],
		[
			'too many dimensions',
			fileWith({ a: { ...A, shape: [2, 3, ...Array<number>(9).fill(1)] }, b: B }),
			/shape/
		],
		['half a range', fileWith({ a: { ...A, data_offsets: [0] }, b: B }), /no valid byte range/],
		['a size that does not fit', fileWith({ a: { ...A, shape: [2, 4] }, b: B }), /needs 16 bytes/],
		['an overlap', fileWith({ a: A, b: { ...B, data_offsets: [10, 14] } }, 14), /overlap/],
		['a gap', fileWith({ a: A, b: { ...B, data_offsets: [14, 18] } }, 18), /nothing claims/],
		['data cut off', fileWith({ a: A, b: B }, 15), /"b" ends at byte 16.*only 15/],
		['data left over', fileWith({ a: A, b: B }, 20), /4 bytes follow/],
		['a tensor missing', fileWith({ a: A }, 12), /"b" is missing/],
		['a type of whole numbers', fileWith({ a: { ...A, dtype: 'I16' }, b: B }), /"a" has type I16/],
		['another shape', fileWith({ a: { ...A, shape: [3, 2] }, b: B }), /\[3, 2\].*\[2, 3\]/]
	])('with %s is refused in a sentence that names it', async (_, buffer, message) => {
		const read = readBoth(buffer as ArrayBuffer);
		await expect(read).rejects.toThrow(ModelFileError);
		await expect(read).rejects.toThrow(message);
		await expect(read).rejects.toThrow(/weights\.bin/);
	});

	it.each(['F16', 'BF16', 'F32'] as const)(
		'with NaN or infinity in %s is refused',
		async (type) => {
			for (const value of [NaN, Infinity, -Infinity]) {
				const poisoned = [TWO[0]!, { ...TWO[1]!, values: Float64Array.of(1, value) }];
				await expect(readBoth(safetensors(poisoned, type))).rejects.toThrow(/"b" holds a value/);
			}
		}
	);

	it('is read or refused, but never breaks the reader, whichever bytes are damaged', async () => {
		const whole = new Uint8Array(safetensors(TWO, 'F16'));
		const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 });
		await fc.assert(
			fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
				const bytes = whole.slice();
				for (const [at, value] of changes) bytes[at] = value;
				try {
					await readBoth(bytes.slice(0, length).buffer);
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
				}
			}),
			{ numRuns: 500 }
		);
	});
});
