import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import { checked } from '../../src/lib/gpu/pipelines';
import { GpuWork } from '../../src/lib/linalg/gpuWork';
import type { Matrix } from '../../src/lib/linalg/matrix';
import { Pace } from '../../src/lib/linalg/pace';
import { SvdKernels, squaresDispatch } from '../../src/lib/linalg/svdKernels';
import { randomMatrix } from '../unit/linalg/measures';
import { POISON } from './kernelHarness';
import { testDevice } from './setup';

let gpu: GpuDevice;
let kernels: SvdKernels;
beforeAll(async () => {
	gpu = await testDevice();
	kernels = new SvdKernels(gpu.device);
});
afterAll(() => gpu.device.destroy());

interface Squares {
	readonly kernel: 'row_products' | 'straighten';
	readonly inputs: readonly Float32Array<ArrayBufferLike>[];
	readonly size: number;
	readonly down: number;
	readonly across: number;
	readonly inner: number;
	readonly words: readonly number[];
	/** of a unit, by which the work is split; default: what it really takes */
	readonly operations?: number;
}

/** Runs a multiplication into a poisoned buffer. */
function multiplied({
	kernel,
	inputs,
	size,
	operations,
	...squares
}: Squares): Promise<Float32Array> {
	const { device } = gpu;
	return checked(device, kernel, async () => {
		const work = new GpuWork(gpu, kernels, new Pace({}));
		try {
			const filled = (values: Float32Array | Uint32Array): GPUBuffer => {
				const buffer = work.storage('test', values.length);
				device.queue.writeBuffer(buffer, 0, values.slice());
				return buffer;
			};
			const result = filled(new Uint32Array(size).fill(POISON));
			const buffers = [...inputs.map(filled), result];
			const dispatch = squaresDispatch(await kernels.get(kernel), buffers, squares);
			await work.run({ ...dispatch, operations: operations ?? dispatch.operations });
			return await work.read(result, size);
		} finally {
			work.dispose();
		}
	});
}

function productOfRows(x: Matrix, y: Matrix, i: number, j: number): number {
	let sum = 0;
	for (let k = 0; k < x.columns; k++) {
		sum += x.values[i * x.columns + k]! * y.values[j * y.columns + k]!;
	}
	return sum;
}

describe('row_products', () => {
	const x = randomMatrix(37, 76, 1);
	const y = randomMatrix(70, 76, 2);
	const stride = 71;
	const run = (operations?: number): Promise<Float32Array> =>
		multiplied({
			kernel: 'row_products',
			inputs: [x.values, y.values],
			size: x.rows * stride,
			down: x.rows,
			across: y.rows,
			inner: x.columns,
			words: [x.rows, y.rows, x.columns / 4, stride],
			...(operations && { operations })
		});

	it('multiplies every row with every row, and writes nothing between them', async () => {
		const result = await run();
		for (let i = 0; i < x.rows; i++) {
			for (let j = 0; j < y.rows; j++) {
				expect(Math.abs(result[i * stride + j]! - productOfRows(x, y, i, j))).toBeLessThan(2e-5);
			}
			expect(result[i * stride + y.rows]).toBeNaN();
		}
	});

	it('gives the same when it takes so long that it is done in parts', async () => {
		const submits = countSubmits();
		const whole = await run();
		const few = submits.count();
		const inParts = await run(1e9);
		submits.end();
		expect(submits.count() - few).toBeGreaterThan(few);
		expect(new Uint32Array(inParts.buffer)).toEqual(new Uint32Array(whole.buffer));
	});
});

function countSubmits(): { count(): number; end(): void } {
	const { queue } = gpu.device;
	const submit = queue.submit.bind(queue);
	let count = 0;
	queue.submit = (buffers) => {
		count++;
		return submit(buffers);
	};
	return { count: () => count, end: () => void (queue.submit = submit) };
}

describe('straighten', () => {
	it('takes rows that are nearly orthonormal much nearer', async () => {
		const size = 84;
		const error = randomMatrix(size, size, 3).values;
		const rows = Float32Array.from(error, (value, e) => {
			const isDiagonal = e % (size + 1) === 0;
			return (isDiagonal ? 1 : 0) + 3e-5 * value;
		});
		const v: Matrix = { rows: size, columns: size, values: rows };
		const products = Float32Array.from(rows, (_, e) =>
			productOfRows(v, v, Math.floor(e / size), e % size)
		);
		const values = await multiplied({
			kernel: 'straighten',
			inputs: [products, rows],
			size: size * size,
			down: size,
			across: size,
			inner: size,
			words: [size, 0, size / 4, size]
		});
		const straight: Matrix = { rows: size, columns: size, values };
		const before = farFromOrthonormalRows(v);
		expect(before).toBeGreaterThan(1e-4);
		expect(farFromOrthonormalRows(straight)).toBeLessThan(1e-6);
	});
});

function farFromOrthonormalRows(matrix: Matrix): number {
	let worst = 0;
	for (let i = 0; i < matrix.rows; i++) {
		for (let j = 0; j <= i; j++) {
			const far = Math.abs(productOfRows(matrix, matrix, i, j) - (i === j ? 1 : 0));
			/** a NaN is worst */
			if (!(far <= worst)) worst = far;
		}
	}
	return worst;
}
