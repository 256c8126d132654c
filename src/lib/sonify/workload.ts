/**
 * How far measuring a model is, by the work that its tensors take: a matrix of 2048 × 640 takes thousands of times as long as
 * a norm. Estimated for the processor; on a graphics card too, matrices of one shape take as long as one another.
 */
import type { ReadableMatrix, ReadableWeights } from './measure';
import { MATRIX_ROLES, NORM_ROLES } from './statistics';

/** How far measuring is. */
export interface MeasureProgress {
	/** tensors that are measured, of how many */
	readonly done: number;
	readonly total: number;
	/** the one that is being measured, or was measured last */
	readonly tensor: string;
	/** of the work of all of them, 0..1, never falling */
	readonly share: number;
}

type Shape = Pick<ReadableMatrix, 'rows' | 'columns'>;

/** Rows of a table (words, positions) that are decomposed, evenly spread: a vocabulary has a quarter of a million. */
const MOST_TABLE_ROWS = 1024;

/** What it takes to read, convert and sum up a value, in multiplications of a decomposition. */
const READING = 12;
/** What a norm takes. */
const NORM = 1e4;

/** Rows of a matrix that singular values and histogram are of; `layer` is null for tables. */
export function sampledRowsOf({ rows }: Shape, layer: number | null): number {
	return layer === null ? Math.min(rows, MOST_TABLE_ROWS) : rows;
}

export class Workload {
	readonly #onProgress: (progress: MeasureProgress) => void;
	readonly #total: number;
	readonly #work: number;
	#done = 0;
	#worked = 0;

	constructor(weights: ReadableWeights, onProgress: (progress: MeasureProgress) => void) {
		this.#onProgress = onProgress;
		const { embedding, positions, head, layers } = weights;
		const tables = [embedding, positions, head === embedding ? null : head];
		const matrices = tables.flatMap((table) => (table ? [workOf(table, null)] : []));
		let norms = 1;
		for (const [index, layer] of layers.entries()) {
			for (const role of MATRIX_ROLES) {
				if (layer[role]) matrices.push(workOf(layer[role].weight, index));
			}
			norms += NORM_ROLES.filter((role) => layer[role]).length;
		}
		this.#total = matrices.length + norms;
		this.#work = matrices.reduce((sum, { whole }) => sum + whole, norms * NORM);
	}

	/** A part 0..1 of a matrix has been read. */
	read(matrix: ReadableMatrix, layer: number | null, part: number): void {
		this.#tell(matrix.name, part * workOf(matrix, layer).reading);
	}

	/** All of a matrix has been read, and a part 0..1 of its singular values is found. */
	decomposed(matrix: ReadableMatrix, layer: number | null, part: number): void {
		const { reading, whole } = workOf(matrix, layer);
		this.#tell(matrix.name, reading + part * (whole - reading));
	}

	finishMatrix(matrix: ReadableMatrix, layer: number | null): void {
		this.#finish(matrix.name, workOf(matrix, layer).whole);
	}

	finishNorm(tensor: string): void {
		this.#finish(tensor, NORM);
	}

	#finish(tensor: string, work: number): void {
		this.#done++;
		this.#worked += work;
		this.#tell(tensor, 0);
	}

	#tell(tensor: string, ofTensor: number): void {
		const share = Math.min(1, (this.#worked + ofTensor) / this.#work);
		this.#onProgress({ done: this.#done, total: this.#total, tensor, share });
	}
}

/** In multiplications: to read a matrix, and to measure the whole of it. */
function workOf(matrix: Shape, layer: number | null): { reading: number; whole: number } {
	const { rows, columns } = matrix;
	const sampled = sampledRowsOf(matrix, layer);
	const short = Math.min(sampled, columns);
	const reading = READING * rows * columns;
	return { reading, whole: reading + short ** 2 * (Math.max(sampled, columns) / 2 + short) };
}
