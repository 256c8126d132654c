/** The statistics of weights, against the same by hand; and how much of a model is in memory meanwhile. */
import { describe, expect, it } from 'vitest';
import { measureModel, type ReadableMatrix } from '../../../src/lib/sonify/measure';
import { matricesOf, type MatrixStatistics } from '../../../src/lib/sonify/statistics';
import type { MeasureProgress } from '../../../src/lib/sonify/workload';
import { familyFixture } from '../model/fixtures';
import { singularValues } from './models';
import { TINY_GEMMA, TINY_GPT2, randomModel } from '../model/randomModel';

const options = { singularValues };

describe('the statistics of a model', () => {
	it.each(['gpt2', 'llama', 'gemma3', 'phi3', 'qwen3'])(
		'of %s are those of the matrices in its file, part by part',
		async (name) => {
			const { weights } = await familyFixture(name);
			const model = await measureModel(name, weights, options);
			expect(model.layers).toHaveLength(weights.layers.length);
			for (const [index, { matrices, norms }] of model.layers.entries()) {
				const layer = weights.layers[index]!;
				expect(matrices.gate === null).toBe(layer.gate === null);
				expect(norms.attentionNorm!.gains).toEqual(await layer.attentionNorm.weight.floats());
				expect(norms.queryNorm === undefined).toBe(layer.queryNorm === null);
				for (const matrix of matricesOf({ matrices, norms })) {
					const { weight } = layer[matrix.role as 'query'];
					byHand(matrix, await weight.floats(), weight.rows, weight.columns);
					expect(matrix).toMatchObject({ tensor: weight.name, layer: index });
				}
			}
		}
	);

	it('know the shape of a distribution', async () => {
		const { weights } = randomModel(TINY_GPT2, 4);
		const model = await measureModel('uniform', weights, options);
		const { up } = model.layers[0]!.matrices;
		expect(up.kurtosis).toBeGreaterThan(-1.3);
		expect(up.kurtosis).toBeLessThan(-1.1);
		expect(up.histogram).toHaveLength(32);
		expect(up.histogram.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
		/** uniform values reach √3 deviations, 13.9 of 32 bins; nothing lies beyond */
		expect(up.histogram[0]).toBe(0);
		expect(up.histogram[16]).toBeGreaterThan(0.05);
	});

	it('are taken a tensor at a time, and of a large table a block at a time', async () => {
		const { weights } = randomModel({ ...TINY_GEMMA, layers: 2 }, 5);
		const columns = 64;
		const largest = { values: 0 };
		const embedding: ReadableMatrix = {
			name: 'words',
			rows: 200_000,
			columns,
			floats: async (first, end) => {
				largest.values = Math.max(largest.values, (end - first) * columns);
				return Float32Array.from({ length: (end - first) * columns }, (_, i) =>
					Math.sin(first * columns + i)
				);
			}
		};
		const told: MeasureProgress[] = [];
		const model = await measureModel(
			'large table',
			{ ...weights, embedding, head: embedding },
			{ ...options, onProgress: (progress) => told.push(progress) }
		);
		expect(largest.values).toBeLessThanOrEqual(2 ** 22);
		expect(model.embedding.sampledRows).toBe(1024);
		expect(model.embedding.rowNorms).toHaveLength(200_000);
		/** two layers of seven matrices and six norms, the words, the last norm */
		const finished = told.filter(({ done }, i) => done !== (told[i - 1]?.done ?? 0));
		expect(finished.map(({ done }) => done)).toEqual(Array.from({ length: 28 }, (_, i) => i + 1));
		expect(told.at(-1)).toEqual({ done: 28, total: 28, tensor: 'final norm', share: 1 });
		expect(told.every(({ share }, i) => share >= (told[i - 1]?.share ?? 0))).toBe(true);
		/** the table is most of the work, and is reported as it is read */
		expect(told.filter(({ tensor }) => tensor === 'words').length).toBeGreaterThan(4);
		expect(model.head).toBeNull();
	});

	it('are refused where there is nothing to measure', async () => {
		const { weights } = randomModel(TINY_GPT2, 4);
		const [first] = weights.layers;
		const { query } = first!;
		const empty = { ...query.weight, floats: async () => new Float32Array(64 * 64) };
		const layer = { ...first!, query: { ...query, weight: empty } };
		await expect(measureModel('zeros', { ...weights, layers: [layer] }, options)).rejects.toThrow(
			/All weights of the tensor "0 query" are the same/
		);
		await expect(measureModel('none', { ...weights, layers: [] }, options)).rejects.toThrow(
			/none has no layers/
		);
	});

	it('stop when they are told to', async () => {
		const { weights } = randomModel(TINY_GPT2, 4);
		const stop = new AbortController();
		const measuring = measureModel('stopped', weights, {
			...options,
			signal: stop.signal,
			onProgress: () => stop.abort(new Error('enough'))
		});
		await expect(measuring).rejects.toThrow('enough');
	});

	it('stop in the middle of a matrix', async () => {
		const { weights } = randomModel(TINY_GPT2, 4);
		const stop = new AbortController();
		const measuring = measureModel('stopped', weights, {
			signal: stop.signal,
			singularValues(matrix, count, { signal }) {
				stop.abort(new Error('enough'));
				return singularValues(matrix, count, { signal });
			}
		});
		await expect(measuring).rejects.toThrow('enough');
	});
});

function byHand(
	found: MatrixStatistics,
	values: Float32Array,
	rows: number,
	columns: number
): void {
	const squares = values.reduce((sum, value) => sum + value ** 2, 0);
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	const central = (power: number): number =>
		values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
	expect(found.frobenius).toBeCloseTo(Math.sqrt(squares), 6);
	expect(found.deviation).toBeCloseTo(Math.sqrt(central(2)), 8);
	expect(found.kurtosis).toBeCloseTo(central(4) / central(2) ** 2 - 3, 5);
	const last = values.subarray((rows - 1) * columns);
	expect(found.rowNorms[rows - 1]).toBeCloseTo(Math.hypot(...last), 5);
	expect(found.rowNorms).toHaveLength(rows);
	expect(found.singularValues).toHaveLength(Math.min(48, rows, columns));
	const kept = found.singularValues.reduce((sum, value) => sum + value ** 2, 0);
	expect(kept).toBeLessThanOrEqual(squares * (1 + 1e-6));
}
