/** Products with a matrix on the processor, for subspace iteration. */
import type { Matrix } from './matrix';
import type { Pace } from './pace';
import type { MatrixProducts } from './subspace';

/** Sums are f64, results f32; A is read once for all vectors. */
export function processorProducts({ rows, columns, values }: Matrix, pace: Pace): MatrixProducts {
	return {
		rows,
		columns,
		async times(vectors, count) {
			const result = new Float32Array(count * rows);
			for (let row = 0; row < rows; row++) {
				for (let j = 0; j < count; j++) {
					let sum = 0;
					for (let k = 0; k < columns; k++) {
						sum += values[row * columns + k]! * vectors[j * columns + k]!;
					}
					result[j * rows + row] = sum;
				}
				if (pace.due) await pace.breathe();
			}
			return result;
		},
		async timesTransposed(vectors, count) {
			const sums = new Float64Array(count * columns);
			for (let row = 0; row < rows; row++) {
				for (let j = 0; j < count; j++) {
					const weight = vectors[j * rows + row]!;
					for (let k = 0; k < columns; k++) {
						sums[j * columns + k] = sums[j * columns + k]! + weight * values[row * columns + k]!;
					}
				}
				if (pace.due) await pace.breathe();
			}
			return new Float32Array(sums);
		}
	};
}
