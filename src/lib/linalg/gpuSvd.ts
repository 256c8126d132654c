/**
 * The whole decomposition on the GPU, in f32: one-sided Jacobi on the columns of A, which become A · V, beside those of V.
 *
 * 1. Of a matrix at least twice as tall as wide, Aᵀ A is turned first, which has shorter columns; its vectors are where A
 *    begins, so that what the squared condition spoils is mended after.
 * 2. Sweeps until the columns are nearly orthogonal.
 * 3. V is made orthonormal anew, and A · V is multiplied anew: rounding of thousands of turns is gone.
 * 4. Sweeps until they are orthogonal to f32's precision.
 */
import { multipleOf } from '../gpu/buffers';
import type { GpuDevice } from '../gpu/device';
import { checked } from '../gpu/pipelines';
import { arranged } from './arrange';
import { createSweeps, type SweepForm } from './gpuSweeps';
import { GpuWork } from './gpuWork';
import { paddedRows, scaleOf, transposed, type Matrix, type Shape, type Svd } from './matrix';
import type { Pace } from './pace';
import { SvdError } from './svdError';
import { BLOCK, BLOCK_TILE, squaresDispatch, type SvdKernels } from './svdKernels';

/** How much taller than wide a matrix must be for its products to be turned first. */
const TALL = 2;
/** A sweep that met no larger cosine left columns that are nearly orthogonal, since cosines are squared by it. */
const NEARLY = 1e-3;
/** After a sweep that met no larger one they are as orthogonal as f32 tells. */
const SETTLED = 1e-5;
const MOST_SWEEPS = 60;
/** For the progress alone. */
const USUAL_SWEEPS = 13;
/** Left vectors of values below this share of the largest, which the kernels leave alone. */
const ZERO_SHARE = 1e-12;

/** How matrices lie in buffers: columns one behind the other, filled with zeros. */
interface BufferShape {
	/** columns, some of them zero */
	readonly count: number;
	/** values of a column of A · V, and of V */
	readonly left: number;
	readonly right: number;
}

function shapeOf({ rows, columns }: Shape, form: SweepForm): BufferShape {
	const inBlocks = form === 'blocks';
	const step = inBlocks ? BLOCK_TILE : 4;
	const count = multipleOf(inBlocks ? 2 * BLOCK : 4, columns);
	return { count, left: multipleOf(step, Math.max(rows, count)), right: multipleOf(step, count) };
}

/** Bytes of the largest buffer that a matrix needs. */
export function largestBufferBytes(matrix: Shape, form: SweepForm): number {
	const { count, left, right } = shapeOf(matrix, form);
	return 4 * left * Math.max(count, right);
}

/** All singular values of a matrix that is not wide. Throws a GpuError when the device is lost or has no memory. */
export async function decomposeTallOnGpu(
	gpu: GpuDevice,
	kernels: SvdKernels,
	matrix: Matrix,
	form: SweepForm,
	pace: Pace
): Promise<Svd> {
	const work = new GpuWork(gpu, kernels, pace);
	try {
		const shape = shapeOf(matrix, form);
		const scale = scaleOf(matrix.values);
		const solver = await checked(gpu.device, 'a matrix to decompose', () =>
			createSolver(work, kernels, matrix, scale, shape, form)
		);
		const { left, right } = await solver(pace);
		const { rows, columns } = matrix;
		return await arranged(
			{
				rows,
				columns,
				count: columns,
				left: { values: await work.read(left, columns * shape.left), stride: shape.left },
				right: { values: await work.read(right, columns * shape.right), stride: shape.right },
				scale,
				renewBelow: ZERO_SHARE
			},
			columns,
			pace
		);
	} finally {
		work.dispose();
	}
}

type Solver = (pace: Pace) => Promise<{ left: GPUBuffer; right: GPUBuffer }>;

/** Puts the matrix on the GPU; what is returned turns it. */
async function createSolver(
	work: GpuWork,
	kernels: SvdKernels,
	matrix: Matrix,
	scale: number,
	shape: BufferShape,
	form: SweepForm
): Promise<Solver> {
	const { rows, columns } = matrix;
	const fill = (label: string, size: number, values: Float32Array<ArrayBuffer>): GPUBuffer => {
		const buffer = work.storage(label, size);
		work.device.queue.writeBuffer(buffer, 0, values);
		return buffer;
	};
	/** with zero rows behind the last, so that A · V has zeros where its columns are filled up */
	const sourceRows = paddedRows(matrix, scale, shape.right);
	const source = fill('svd matrix', shape.left * shape.right, sourceRows);
	const columnsOfA = paddedRows(transposed(matrix), scale, shape.left);
	const left = fill('svd left', shape.count * shape.left, columnsOfA);
	let right = fill('svd right', shape.count * shape.right, identity(shape));
	let spare = work.storage('svd spare', shape.count * shape.right);
	const [rowProducts, straighten, sweeps] = await Promise.all([
		kernels.get('row_products'),
		kernels.get('straighten'),
		createSweeps(work, kernels, form, shape)
	]);

	/** result[i][j] = x[i] · y[j] of rows of so many values */
	const multiply = (
		[x, xRows]: readonly [GPUBuffer, number],
		[y, yRows]: readonly [GPUBuffer, number],
		length: number,
		[result, stride]: readonly [GPUBuffer, number]
	): Promise<void> =>
		work.run(
			squaresDispatch(rowProducts, [x, y, result], {
				down: xRows,
				across: yRows,
				inner: length,
				words: [xRows, yRows, length / 4, stride]
			})
		);

	/** V made orthonormal anew, then A · V */
	async function renew(): Promise<void> {
		const { count, right: length } = shape;
		/** V's products lie where A · V was, which is computed anew */
		await multiply([right, count], [right, count], length, [left, length]);
		await work.run(
			squaresDispatch(straighten, [left, right, spare], {
				down: count,
				across: length,
				inner: count,
				words: [count, 0, length / 4, length]
			})
		);
		[right, spare] = [spare, right];
		await multiply([right, count], [source, shape.left], length, [left, shape.left]);
	}

	return async (pace) => {
		let done = 0;
		const progress = (share: number): void =>
			pace.progress(Math.min(0.97, (done + share) / USUAL_SWEEPS));
		const sweepUntil = async (turned: GPUBuffer, length: number, limit: number): Promise<void> => {
			const pass = sweeps.on(turned, length, right);
			for (let i = 0; i < MOST_SWEEPS; i++) {
				const cosine = await pass(progress);
				done++;
				if (cosine <= limit) return;
			}
			throw new SvdError(
				'The singular values of this matrix did not settle on this graphics card. Try again with the CPU.'
			);
		};
		if (rows >= TALL * columns) {
			await multiply([left, columns], [left, columns], shape.left, [spare, shape.right]);
			await sweepUntil(spare, shape.right, NEARLY);
		} else {
			await sweepUntil(left, shape.left, NEARLY);
		}
		await renew();
		await sweepUntil(left, shape.left, SETTLED);
		return { left, right };
	};
}

function identity({ count, right }: BufferShape): Float32Array<ArrayBuffer> {
	const result = new Float32Array(count * right);
	for (let i = 0; i < count; i++) result[i * right + i] = 1;
	return result;
}
