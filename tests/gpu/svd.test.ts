import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GpuError, type GpuDevice } from '../../src/lib/gpu/device';
import type { Matrix } from '../../src/lib/linalg/matrix';
import { createSvd, type SvdEngine } from '../../src/lib/linalg/svd';
import { errorsOf, fixtures, randomMatrix, type Fixture } from '../unit/linalg/measures';
import { testDevice } from './setup';

let gpu: GpuDevice;
let svd: SvdEngine;
beforeAll(async () => {
	gpu = await testDevice();
	svd = createSvd(gpu);
});
afterAll(() => gpu.device.destroy());

const named = (name: string): Fixture => fixtures().find((fixture) => fixture.name === name)!;

async function expectExact(fixture: Fixture, form: 'lanes' | 'groups' | 'blocks'): Promise<void> {
	const { singularValues, ...matrix } = fixture;
	const result = await svd.decompose(matrix, { engine: 'gpu', form });
	const errors = errorsOf(matrix, result, singularValues);
	expect(errors.values).toBeLessThan(3e-7);
	const condition = singularValues[0]! / singularValues.at(-1)!;
	if (condition <= 1.01e3) expect(errors.relative).toBeLessThan(1e-5);
	expect(errors.left).toBeLessThan(1e-6);
	expect(errors.right).toBeLessThan(1e-6);
	expect(errors.residual).toBeLessThan(1e-6);
}

describe('decompose on the GPU', () => {
	it.each(fixtures())('agrees with LAPACK, an invocation for each pair: $name', (fixture) =>
		expectExact(fixture, 'lanes')
	);

	it('agrees with LAPACK, a workgroup for each pair', () => expectExact(named('tall'), 'groups'));

	/** four blocks, which take long on an emulated adapter unless the columns are nearly orthogonal */
	const nearlyOrthogonal = (): Matrix => {
		const matrix = randomMatrix(60, 40, 6);
		matrix.values.forEach((value, at) => {
			const [row, column] = [Math.floor(at / 40), at % 40];
			matrix.values[at] = 0.01 * value + (row === column ? 1 + column / 20 : 0);
		});
		return matrix;
	};

	it.each([
		[
			'two blocks of columns so long that their products are summed in slices',
			randomMatrix(300, 20, 9)
		],
		['four blocks', nearlyOrthogonal()]
	])('agrees with the processor, in blocks: %s', async (_, matrix) => {
		const { s } = await svd.decompose(matrix, { engine: 'processor' });
		const result = await svd.decompose(matrix, { engine: 'gpu', form: 'blocks' });
		const errors = errorsOf(matrix, result, s);
		expect(errors.values).toBeLessThan(3e-7);
		expect(Math.max(errors.left, errors.right, errors.residual)).toBeLessThan(1e-6);
	});

	it('has the signs that the processor has', async () => {
		const { rows, columns, values } = named('tall');
		const found = await svd.decompose({ rows, columns, values }, { engine: 'gpu' });
		const expected = await svd.decompose({ rows, columns, values }, { engine: 'processor' });
		found.v.forEach((value, i) => expect(Math.abs(value - expected.v[i]!)).toBeLessThan(1e-4));
		found.u.forEach((value, i) => expect(Math.abs(value - expected.u[i]!)).toBeLessThan(1e-4));
	});

	it('is left to the processor on an emulated adapter, unless it is asked for', async () => {
		const matrix = randomMatrix(70, 70, 4);
		const [own, processor] = [
			await svd.decompose(matrix),
			await svd.decompose(matrix, { engine: 'processor' })
		];
		const isSame = own.u.every((value, i) => value === processor.u[i]);
		expect(isSame).toBe(gpu.software);
	});

	it('ends when it is aborted', async () => {
		const controller = new AbortController();
		const options = { engine: 'gpu', signal: controller.signal, onProgress } as const;
		function onProgress(): void {
			controller.abort(new Error('enough'));
		}
		await expect(svd.decompose(randomMatrix(60, 60, 5), options)).rejects.toThrow('enough');
	});
});

describe('a graphics card that is lost', () => {
	it('ends the decomposition with a sentence', async () => {
		const lost = await testDevice();
		const options = { engine: 'gpu', onProgress: () => lost.device.destroy() } as const;
		const result = createSvd(lost).decompose(randomMatrix(40, 40, 3), options);
		await expect(result).rejects.toThrow(GpuError);
		await expect(result).rejects.toThrow('was lost while it decomposed');
	});
});

describe('topSingular on the GPU', () => {
	it.each([
		['tall', 75, 50],
		['wide', 50, 75]
	])('agrees with the processor on a %s matrix', async (_, rows, columns) => {
		const matrix = randomMatrix(rows, columns, 8);
		for (let i = 0; i < columns; i++) {
			for (let row = 0; row < rows; row++) {
				const at = row * columns + i;
				matrix.values[at] = matrix.values[at]! / (1 + i) ** 2;
			}
		}
		const found = await svd.topSingular(matrix, 4, { engine: 'gpu' });
		const expected = await svd.topSingular(matrix, 4, { engine: 'processor' });
		found.s.forEach((value, j) =>
			expect(Math.abs(value - expected.s[j]!)).toBeLessThan(3e-7 * expected.s[0]!)
		);
		found.v.forEach((value, i) => expect(Math.abs(value - expected.v[i]!)).toBeLessThan(1e-4));
		expect(Math.max(...found.residuals)).toBeLessThan(1e-4 * expected.s[0]!);
	});
});
