import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { floatToHalf, halfToFloat, type Matrix, type Vector } from '../../../src/lib/model/weights';
import type { WeightFormat } from '../../../src/lib/model/wgsl/form';
import {
	WEIGHTS_PER_VECTOR,
	VECTOR_BYTES,
	tableParts,
	vectorsOf
} from '../../../src/lib/model/wgsl/matrixShapes';
import {
	linearRows,
	mlpRows,
	packRows,
	plainRows,
	projectionRows,
	putBiases,
	type RowBlock
} from '../../../src/lib/model/wgsl/packWeights';
import { TINY, randomModel } from '../model/randomModel';

function matrixOf(rows: number, columns: number, value: (row: number, column: number) => number) {
	const reads: [number, number][] = [];
	const floats = async (first = 0, end = rows): Promise<Float32Array<ArrayBuffer>> => {
		reads.push([first, end]);
		const count = (end - first) * columns;
		return Float32Array.from({ length: count }, (_, i) =>
			value(first + Math.floor(i / columns), i % columns)
		);
	};
	const halves = async (first?: number, end?: number) =>
		Uint16Array.from(await floats(first, end), floatToHalf);
	const matrix: Matrix = { name: 'matrix', rows, columns, floats, halves };
	return { matrix, reads };
}

/** Packed rows as numbers, padding included. */
async function unpacked(
	blocks: readonly RowBlock[],
	columns: number,
	format: WeightFormat
): Promise<number[][]> {
	const result: number[][] = [];
	await packRows(blocks, format, async (first, bytes, scales) => {
		expect(first, 'rows follow one another').toBe(result.length);
		const perRow = vectorsOf(columns, format) * WEIGHTS_PER_VECTOR[format];
		const values =
			format === 'f16'
				? Array.from(new Uint16Array(bytes.buffer), halfToFloat)
				: Array.from(new Int8Array(bytes.buffer), (share, i) => {
						return (share / 127) * scales![Math.floor(i / perRow)]!;
					});
		expect(bytes.byteLength % (vectorsOf(columns, format) * VECTOR_BYTES)).toBe(0);
		for (let at = 0; at < values.length; at += perRow) result.push(values.slice(at, at + perRow));
	});
	return result;
}

describe('packed weights', () => {
	it('keep f16 weights as they are, and fill rows up with zeros', async () => {
		const { matrix } = matrixOf(3, 11, (row, column) => row + column / 16);
		const rows = await unpacked(plainRows(matrix), 11, 'f16');
		expect(rows.length).toBe(3);
		rows.forEach((row, r) => {
			expect(row.slice(0, 11)).toStrictEqual(Array.from({ length: 11 }, (_, c) => r + c / 16));
			expect(row.slice(11)).toStrictEqual([0, 0, 0, 0, 0]);
		});
	});

	it('lose at most half a 127th of a row’s largest weight in int8', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.array(fc.float({ noNaN: true, min: -1e4, max: 1e4 }), { minLength: 5, maxLength: 5 }),
					{
						minLength: 1,
						maxLength: 6
					}
				),
				async (values) => {
					const { matrix } = matrixOf(values.length, 5, (row, column) => values[row]![column]!);
					const rows = await unpacked(plainRows(matrix), 5, 'int8');
					values.forEach((row, r) => {
						const largest = Math.max(...row.map(Math.abs));
						row.forEach((value, c) => {
							const lost = Math.abs(rows[r]![c]! - value);
							expect(lost).toBeLessThanOrEqual((largest / 127) * 0.500001);
						});
						expect(rows[r]!.slice(5).every((padding) => padding === 0)).toBe(true);
					});
				}
			)
		);
	});

	it('refuses a weight that is no number', async () => {
		const { matrix } = matrixOf(2, 4, (row, column) => (row === 1 && column === 2 ? NaN : 1));
		const packing = packRows(plainRows(matrix), 'int8', async () => undefined);
		await expect(packing).rejects.toThrow(ModelFileError);
		await expect(packing).rejects.toThrow(/"matrix" holds a weight that is no number/);
	});

	it.each(['f16', 'int8'] as const)(
		'are read a few megabytes at a time, each row once: %s',
		async (format) => {
			const columns = 1024;
			const { matrix, reads } = matrixOf(5000, columns, () => 1);
			let packed = 0;
			let largest = 0;
			await packRows(plainRows(matrix), format, async (first, rows) => {
				expect(first).toBe(packed);
				packed += rows.byteLength / (vectorsOf(columns, format) * VECTOR_BYTES);
				largest = Math.max(largest, rows.byteLength);
			});
			expect(packed).toBe(5000);
			expect(largest).toBeLessThanOrEqual(4 * 2 ** 20);
			let next = 0;
			for (const [first, end] of reads) {
				expect(first).toBe(next);
				next = end;
			}
			expect(next).toBe(5000);
		}
	);
});

describe('the order of packed rows', () => {
	const layer = randomModel({
		...TINY,
		biases: { projection: true, output: true, mlp: true }
	}).weights.layers[1]!;
	const half = TINY.headSize / 2;

	async function expectRow(packedRow: number[], matrix: Matrix, row: number): Promise<void> {
		expect(packedRow).toStrictEqual([...(await matrix.floats(row, row + 1))]);
	}

	it('puts channels of a head together that turn together', async () => {
		const rows = await unpacked(projectionRows(TINY, layer), TINY.hiddenSize, 'f16');
		const { query, key, value } = layer;
		const begin = { query: 0, key: query.weight.rows, value: query.weight.rows + key.weight.rows };
		expect(rows.length).toBe(begin.value + value.weight.rows);
		for (const j of [0, 3, half - 1]) {
			await expectRow(rows[begin.query + 2 * j]!, query.weight, j);
			await expectRow(rows[begin.query + 2 * j + 1]!, query.weight, j + half);
			await expectRow(rows[begin.key + TINY.headSize + 2 * j]!, key.weight, TINY.headSize + j);
			await expectRow(rows[begin.value + 2 * j + 1]!, value.weight, j + half);
		}
	});

	it('puts a unit’s gate row beside its up row, and biases likewise', async () => {
		const blocks = mlpRows(layer);
		const rows = await unpacked(blocks, TINY.hiddenSize, 'f16');
		const biases = new Float32Array(rows.length);
		await putBiases(biases, 0, blocks);
		const biasOf = async (vector: Vector | null) => (await vector!.floats())[40];
		await expectRow(rows[80]!, layer.gate!.weight, 40);
		await expectRow(rows[81]!, layer.up.weight, 40);
		expect(biases[80]).toBe(await biasOf(layer.gate!.bias));
		expect(biases[81]).toBe(await biasOf(layer.up.bias));
	});

	it('leaves neighbours together elsewhere', async () => {
		const rows = await unpacked(linearRows(layer.down), TINY.intermediateSize, 'f16');
		await expectRow(rows[7]!, layer.down.weight, 7);
	});
});

describe('a split table', () => {
	it('has every row once, in whole pairs, and no part beyond the limit', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 3000 }),
				fc.integer({ min: 1, max: 300 }),
				fc.integer({ min: 2, max: 64 }),
				fc.constantFrom<WeightFormat>('f16', 'int8'),
				(vocabularySize, hiddenSize, pairs, format) => {
					const rowBytes = vectorsOf(hiddenSize, format) * VECTOR_BYTES;
					const config = { ...TINY, vocabularySize, hiddenSize };
					const parts = tableParts(config, format, pairs * 2 * rowBytes + 5);
					let next = 0;
					for (const { first, rows } of parts) {
						expect(first).toBe(next);
						expect(first % 2).toBe(0);
						expect(rows).toBeGreaterThan(0);
						expect(rows).toBeLessThanOrEqual(2 * pairs);
						next += rows;
					}
					expect(next).toBe(vocabularySize);
				}
			)
		);
	});
});
