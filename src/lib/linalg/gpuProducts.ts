/** Products with a matrix on the GPU, for subspace iteration: the matrix lies there twice, by rows and by columns. */
import { filledBuffer, multipleOf } from '../gpu/buffers';
import type { GpuWork } from './gpuWork';
import { paddedRows, transposed, type Matrix } from './matrix';
import type { MatrixProducts } from './subspace';
import { squaresDispatch, type SvdKernels } from './svdKernels';

/** Room for at most `most` vectors at a time. */
export async function gpuProducts(
	work: GpuWork,
	kernels: SvdKernels,
	matrix: Matrix,
	most: number
): Promise<MatrixProducts> {
	const { rows, columns } = matrix;
	const kernel = await kernels.get('row_products');
	const lengths = { row: multipleOf(4, columns), column: multipleOf(4, rows) };
	const fill = (label: string, values: Float32Array<ArrayBuffer>): GPUBuffer =>
		work.own(filledBuffer(work.device, label, values));
	const byRows = fill('svd rows', paddedRows(matrix, 1, lengths.row));
	const byColumns = fill('svd columns', paddedRows(transposed(matrix), 1, lengths.column));
	const room = most * Math.max(lengths.row, lengths.column);
	const input = work.storage('svd vectors', room);
	const output = work.storage('svd products', room);

	/** result[j][i] = vectors[j] · matrix[i] */
	async function multiply(
		vectors: Float32Array<ArrayBuffer>,
		count: number,
		[buffer, bufferRows, length]: readonly [GPUBuffer, number, number]
	): Promise<Float32Array> {
		const width = vectors.length / count;
		const filled = paddedRows({ rows: count, columns: width, values: vectors }, 1, length);
		work.device.queue.writeBuffer(input, 0, filled);
		await work.run(
			squaresDispatch(kernel, [input, buffer, output], {
				down: count,
				across: bufferRows,
				inner: length,
				words: [count, bufferRows, length / 4, bufferRows]
			})
		);
		return work.read(output, count * bufferRows);
	}

	return {
		rows,
		columns,
		times: (vectors, count) => multiply(vectors, count, [byRows, rows, lengths.row]),
		timesTransposed: (vectors, count) =>
			multiply(vectors, count, [byColumns, columns, lengths.column])
	};
}
