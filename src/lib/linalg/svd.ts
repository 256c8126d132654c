/**
 * Singular value decomposition, A = U · diag(s) · Vᵀ, on the graphics card where there is a real one and the matrix is worth
 * it, on the processor otherwise. The entry to this room.
 *
 *     const svd = createSvd(gpu);
 *     const { s } = await svd.decompose({ rows: 512, columns: 2048, values }, { onProgress: show, signal });
 *     const { u, v } = await svd.topSingular(matrix, 16);
 *     const values = await svd.singularValues(matrix, 48);
 */
import type { GpuDevice } from '../gpu/device';
import { withSigns } from './arrange';
import { gpuProducts } from './gpuProducts';
import { decomposeTallOnGpu, largestBufferBytes } from './gpuSvd';
import { sweepFormOf, type SweepForm } from './gpuSweeps';
import { GpuWork } from './gpuWork';
import {
	checkCount,
	checkFullSize,
	checkMatrix,
	scaled,
	transposed,
	transposedSvd,
	LARGEST_SHORT_SIDE,
	type Matrix,
	type Shape,
	type Svd
} from './matrix';
import { paced, type Pace, type PaceOptions } from './pace';
import { processorProducts } from './processorProducts';
import { decomposeTall } from './processorSvd';
import { largestValues } from './processorValues';
import {
	firstTriplets,
	isNearlyFull,
	topTriplets,
	widthFor,
	type SubspaceOptions,
	type TopSvd
} from './subspace';
import { SvdKernels } from './svdKernels';

type Engine = 'auto' | 'gpu' | 'processor';

export interface EngineOptions extends PaceOptions {
	/** Where to compute; default `auto`: the graphics card for what it does faster, else the processor. */
	readonly engine?: Engine | undefined;
}

export interface DecomposeOptions extends EngineOptions {
	/** Which kernels the GPU runs; default: what suits the adapter and the number of columns. */
	readonly form?: SweepForm | undefined;
}

export interface TopOptions extends EngineOptions, SubspaceOptions {}

export interface SvdEngine {
	/**
	 * All min(rows, columns) triplets. Singular values are within 3e-7 of the largest, vectors orthonormal to 1e-6 in every
	 * entry of UᵀU and VᵀV. Rejects with an SvdError when the matrix can't be decomposed, a GpuError when the graphics card
	 * fails, the signal's reason when it was aborted.
	 */
	decompose(matrix: Matrix, options?: DecomposeOptions): Promise<Svd>;
	/**
	 * The `count` largest triplets, for pictures and sounds of large matrices, and how exact each is. Values that are well
	 * apart are found in a few multiplications; those of noise lie close together and stop at `mostIterations`. Rejects as
	 * `decompose` does.
	 */
	topSingular(matrix: Matrix, count: number, options?: TopOptions): Promise<TopSvd>;
	/**
	 * The `count` largest singular values alone, descending, within 3e-7 of the largest; on the processor in a tenth of the time
	 * that the vectors take. Rejects as `decompose` does.
	 */
	singularValues(matrix: Matrix, count: number, options?: EngineOptions): Promise<Float32Array>;
}

/** Below this short side the processor is done before the graphics card has begun. */
const LEAST_GPU_SIDE = 64;

/** `gpu`: null where there is none. Its kernels are compiled when they are first needed, and kept. */
export function createSvd(gpu: GpuDevice | null): SvdEngine {
	const kernels = gpu && new SvdKernels(gpu.device);

	async function decompose(matrix: Matrix, options: DecomposeOptions, pace: Pace): Promise<Svd> {
		checkFullSize(matrix);
		const isWide = matrix.columns > matrix.rows;
		const tall = isWide ? transposed(matrix) : matrix;
		const form = options.form ?? (gpu ? sweepFormOf(tall.columns, gpu) : 'lanes');
		const usable = usableGpu(gpu, tall, largestBufferBytes(tall, form), options.engine);
		const svd =
			usable && kernels
				? await decomposeTallOnGpu(usable, kernels, tall, form, pace)
				: await decomposeTall(tall, pace);
		return isWide ? withSigns(transposedSvd(svd)) : svd;
	}

	async function values(
		matrix: Matrix,
		count: number,
		options: EngineOptions,
		pace: Pace
	): Promise<Float32Array> {
		checkCount(matrix, count);
		const columns = Math.min(matrix.rows, matrix.columns);
		const tall = { rows: Math.max(matrix.rows, matrix.columns), columns };
		const bytes = largestBufferBytes(tall, gpu ? sweepFormOf(columns, gpu) : 'lanes');
		const isForGpu = columns <= LARGEST_SHORT_SIDE && usableGpu(gpu, tall, bytes, options.engine);
		if (!isForGpu) return largestValues(matrix, count, pace);
		const { s } = await decompose(matrix, options, pace);
		return s.slice(0, count);
	}

	async function top(
		matrix: Matrix,
		count: number,
		options: TopOptions,
		pace: Pace
	): Promise<TopSvd> {
		checkCount(matrix, count);
		if (isNearlyFull(matrix, count)) {
			return firstTriplets(await decompose(matrix, options, pace), count);
		}
		const { scale, matrix: even } = scaled(matrix);
		const bytes = 4 * (matrix.rows + 3) * (matrix.columns + 3);
		const usable = usableGpu(gpu, matrix, bytes, options.engine);
		if (!usable || !kernels) {
			return topTriplets(processorProducts(even, pace), count, scale, options, pace);
		}
		const work = new GpuWork(usable, kernels, pace);
		try {
			const products = await gpuProducts(work, kernels, even, widthFor(count));
			return await topTriplets(products, count, scale, options, pace);
		} finally {
			work.dispose();
		}
	}

	return {
		decompose: (matrix, options = {}) =>
			paced(options, (pace) => {
				checkMatrix(matrix);
				return decompose(matrix, options, pace);
			}),
		topSingular: (matrix, count, options = {}) =>
			paced(options, (pace) => {
				checkMatrix(matrix);
				return top(matrix, count, options, pace);
			}),
		singularValues: (matrix, count, options = {}) =>
			paced(options, (pace) => {
				checkMatrix(matrix);
				return values(matrix, count, options, pace);
			})
	};
}

/** The GPU, if the matrix is to be decomposed there and its largest buffer fits. */
function usableGpu(
	gpu: GpuDevice | null,
	{ rows, columns }: Shape,
	bytes: number,
	engine: Engine = 'auto'
): GpuDevice | null {
	if (!gpu || engine === 'processor') return null;
	const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
	if (bytes > Math.min(maxStorageBufferBindingSize, maxBufferSize)) return null;
	const isWorthIt = !gpu.software && Math.min(rows, columns) >= LEAST_GPU_SIDE;
	return engine === 'gpu' || isWorthIt ? gpu : null;
}
