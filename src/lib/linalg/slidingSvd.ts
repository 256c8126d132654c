/**
 * The largest singular values of the last rows of a stream, anew with every row: what the activations of the last tokens have
 * in common. It takes well below a millisecond for 64 rows of 512, on the processor: the GPU would take longer to answer.
 *
 * The products of the rows with each other, A Aᵀ [window × window], change in one row and one column a time. Their largest
 * eigenvectors are where they were for the row before, so that a few steps of subspace iteration suffice (Rayleigh and Ritz in
 * each); the right vectors are Aᵀ u / s. Signs follow the vectors of the row before, so that nothing that hangs on them jumps.
 * Sums over all singular values are exact, since the products give them: Σ s² is their trace, Σ s⁴ the sum of their squares.
 */
import { signOf } from './arrange';
import { orthogonaliseFew } from './jacobi';
import type { Svd } from './matrix';
import { OrthonormalColumns, orthonormalise } from './orthonormal';
import { SvdError } from './svdError';
import { add, dot, scale } from './vectors';

export interface SlidingShape {
	/** rows that are seen at a time */
	readonly window: number;
	/** values of a row */
	readonly columns: number;
	/** triplets that are wanted; default 4 */
	readonly count?: number;
	/** steps end when no wanted eigenvector is off by more than this share of the largest eigenvalue; default 1e-5 */
	readonly tolerance?: number;
}

/** The largest triplets of a window, and what all of its singular values add up to. */
export interface WindowSvd extends Svd {
	/** Σ s² */
	readonly energy: number;
	/**
	 * (Σ s²)² / Σ s⁴, the participation ratio: as many directions of equal strength would spread the energy as widely. From 1
	 * to the number of rows; 0 when all are zero.
	 */
	readonly effectiveRank: number;
}

/** Directions beyond those wanted: what may become large next. */
const MORE_DIRECTIONS = 6;
const MOST_STEPS = 12;
/** An eigenvalue below this share of the largest is rounding. */
const ZERO_SHARE = 1e-13;

export class SlidingSvd {
	readonly #window: number;
	readonly #columns: number;
	readonly #count: number;
	readonly #tolerance: number;
	/** directions that are iterated */
	readonly #width: number;
	/** [window × columns] a ring */
	readonly #rows: Float64Array;
	/** [window × window] products of the rows, in the ring's order */
	readonly #products: Float64Array;
	/** [width] columns of [window], orthonormal: nearly eigenvectors */
	#basis: Float64Array;
	/** [rank] columns of [columns], of the row before */
	#previous = new Float64Array();
	#pushed = 0;

	/** Throws an SvdError unless all sizes are whole numbers above zero. */
	constructor({ window, columns, count = 4, tolerance = 1e-5 }: SlidingShape) {
		if (![window, columns, count].every((size) => Number.isSafeInteger(size) && size > 0)) {
			throw new SvdError(
				`${count} directions of ${window} rows of ${columns} values can't be followed. All three must be whole numbers above zero.`
			);
		}
		this.#window = window;
		this.#columns = columns;
		this.#tolerance = tolerance;
		this.#count = Math.min(count, window, columns);
		this.#width = Math.min(this.#count + MORE_DIRECTIONS, window);
		this.#rows = new Float64Array(window * columns);
		this.#products = new Float64Array(window * window);
		this.#basis = new Float64Array(this.#width * window);
	}

	/**
	 * Takes the next row in, the oldest out, and returns the largest triplets of what is in the window now: fewer than wanted
	 * as long as it holds fewer rows. Row i of u belongs to the i-th row, oldest first. Throws an SvdError, and takes nothing
	 * in, when the row has another length or holds something that is no finite number.
	 */
	push(row: ArrayLike<number>): WindowSvd {
		this.take(row);
		const values = this.#iterate();
		const products = this.#products;
		let energy = 0;
		for (let i = 0; i < this.#window; i++) energy += products[i * (this.#window + 1)]!;
		const squares = dot(products, 0, products, 0, products.length);
		const effectiveRank = squares > 0 ? energy ** 2 / squares : 0;
		return { ...this.#triplets(values), energy, effectiveRank };
	}

	/** The same without a decomposition, which is most of the work. */
	take(row: ArrayLike<number>): void {
		const [window, columns] = [this.#window, this.#columns];
		if (row.length !== columns) {
			throw new SvdError(
				`A row of ${row.length} values came where ${columns} were announced. Make a new window when the model changes.`
			);
		}
		for (let i = 0; i < columns; i++) {
			if (Number.isFinite(row[i])) continue;
			throw new SvdError(
				`Value ${i + 1} of a row of activations is no finite number, so the model computes nonsense. Load the model again.`
			);
		}
		const slot = this.#pushed % window;
		this.#rows.set(row, slot * columns);
		for (let other = 0; other < window; other++) {
			const product = dot(this.#rows, slot * columns, this.#rows, other * columns, columns);
			this.#products[slot * window + other] = product;
			this.#products[other * window + slot] = product;
		}
		/** the entries of a row that left say nothing about the one that came */
		for (let j = 0; j < this.#width; j++) this.#basis[j * window + slot] = 0;
		this.#pushed++;
	}

	/** The same window, which goes its own way from here on. */
	copy(): SlidingSvd {
		const copy = new SlidingSvd({
			window: this.#window,
			columns: this.#columns,
			count: this.#count,
			tolerance: this.#tolerance
		});
		copy.#rows.set(this.#rows);
		copy.#products.set(this.#products);
		copy.#basis.set(this.#basis);
		copy.#previous = this.#previous;
		copy.#pushed = this.#pushed;
		return copy;
	}

	/** Forgets all rows. */
	clear(): void {
		this.#rows.fill(0);
		this.#products.fill(0);
		this.#basis.fill(0);
		this.#previous = new Float64Array();
		this.#pushed = 0;
	}

	/** Brings the basis to the largest eigenvectors of the products; returns their eigenvalues, descending. */
	#iterate(): Float64Array {
		const [window, width] = [this.#window, this.#width];
		const wanted = Math.min(this.#count, this.#pushed);
		orthonormalise(this.#basis, width, window);
		for (let step = 1; ; step++) {
			orthonormalise((this.#basis = this.#multiplied()), width, window);
			const multiplied = this.#multiplied();
			const { values, vectors } = eigenpairs(this.#basis, multiplied, width, window);
			this.#basis = combined(this.#basis, vectors, width, window);
			const images = combined(multiplied, vectors, width, window);
			let largest = 0;
			for (let j = 0; j < wanted; j++) {
				add(images, j * window, -values[j]!, this.#basis, j * window, window);
				largest = Math.max(largest, dot(images, j * window, images, j * window, window));
			}
			if (Math.sqrt(largest) <= this.#tolerance * values[0]! || step === MOST_STEPS) return values;
		}
	}

	/** A Aᵀ times the basis. */
	#multiplied(): Float64Array {
		const [window, width] = [this.#window, this.#width];
		const result = new Float64Array(width * window);
		for (let j = 0; j < width; j++) {
			for (let i = 0; i < window; i++) {
				result[j * window + i] = dot(this.#products, i * window, this.#basis, j * window, window);
			}
		}
		return result;
	}

	#triplets(values: Float64Array): Svd {
		const [window, columns] = [this.#window, this.#columns];
		const rows = Math.min(this.#pushed, window);
		const rank = Math.min(this.#count, rows);
		const right = new Float64Array(rank * columns);
		const placed = new OrthonormalColumns(right, columns);
		const s = new Float32Array(rank);
		for (let j = 0; j < rank; j++) {
			const isZero = !(values[j]! > ZERO_SHARE * values[0]!);
			for (let slot = 0; slot < rows && !isZero; slot++) {
				const weight = this.#basis[j * window + slot]!;
				add(right, j * columns, weight, this.#rows, slot * columns, columns);
			}
			s[j] = Math.sqrt(dot(right, j * columns, right, j * columns, columns));
			placed.place(j);
		}
		const u = new Float32Array(rows * rank);
		const v = new Float32Array(columns * rank);
		const oldest = this.#pushed - rows;
		for (let j = 0; j < rank; j++) {
			const sign = this.#signOf(right, j);
			if (sign < 0) scale(right, j * columns, -1, columns);
			for (let i = 0; i < rows; i++) {
				u[i * rank + j] = sign * this.#basis[j * window + ((oldest + i) % window)]!;
			}
			for (let i = 0; i < columns; i++) v[i * rank + j] = right[j * columns + i]!;
		}
		this.#previous = right;
		return { rows, columns, rank, u, s, v };
	}

	/** The sign that makes a vector go on from the one before that it resembles most. */
	#signOf(right: Float64Array, j: number): 1 | -1 {
		const columns = this.#columns;
		let most = 0;
		for (let at = 0; at < this.#previous.length; at += columns) {
			const overlap = dot(this.#previous, at, right, j * columns, columns);
			if (Math.abs(overlap) > Math.abs(most)) most = overlap;
		}
		if (most === 0) return signOf(right, j * columns, columns);
		return most < 0 ? -1 : 1;
	}
}

/**
 * Eigenvalues, descending, and eigenvectors [width × width], one behind the other, of Xᵀ G X: of `basis` X and its image G X.
 * One-sided Jacobi turns the columns of a matrix that has no negative eigenvalues to its eigenvectors times eigenvalues.
 */
function eigenpairs(
	basis: Float64Array,
	image: Float64Array,
	width: number,
	length: number
): { values: Float64Array; vectors: Float64Array } {
	const turned = new Float64Array(width * width);
	for (let i = 0; i < width; i++) {
		for (let j = 0; j <= i; j++) {
			const product = dot(basis, i * length, image, j * length, length);
			turned[i * width + j] = product;
			turned[j * width + i] = product;
		}
	}
	orthogonaliseFew(turned, width, width);
	const sizes = Float64Array.from({ length: width }, (_, j) =>
		Math.sqrt(dot(turned, j * width, turned, j * width, width))
	);
	const order = Array.from(sizes.keys()).sort((a, b) => sizes[b]! - sizes[a]!);
	const vectors = new Float64Array(width * width);
	order.forEach((j, place) => {
		vectors.set(turned.subarray(j * width, (j + 1) * width), place * width);
	});
	orthonormalise(vectors, width, width);
	return { values: Float64Array.from(order, (j) => sizes[j]!), vectors };
}

/** Columns of [length] combined with the weights of each vector. */
function combined(
	columns: Float64Array,
	vectors: Float64Array,
	width: number,
	length: number
): Float64Array {
	const result = new Float64Array(width * length);
	for (let j = 0; j < width; j++) {
		for (let k = 0; k < width; k++) {
			add(result, j * length, vectors[j * width + k]!, columns, k * length, length);
		}
	}
	return result;
}
