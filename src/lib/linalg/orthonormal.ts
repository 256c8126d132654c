/**
 * Makes columns orthonormal, those too that are zero or depend on the others: they are replaced by directions that are
 * left, chosen the same way every time. Columns lie one behind the other, `length` values each, no more of them than that.
 */
import { add, dot, scale } from './vectors';

/** A column that keeps less than this of its length beside the others has no direction of its own. */
const OWN_SHARE = 1e-8;

export class OrthonormalColumns {
	readonly #columns: Float64Array;
	readonly #length: number;
	readonly #done: number[] = [];
	/** of each axis, the part that the first `#counted` of those done cover */
	readonly #covered: Float64Array;
	#counted = 0;

	/** Begins with no column in place. */
	constructor(columns: Float64Array, length: number) {
		this.#columns = columns;
		this.#length = length;
		this.#covered = new Float64Array(length);
	}

	/** Takes column `j` as it is: it must be orthonormal to those in place. */
	keep(j: number): void {
		this.#done.push(j);
	}

	/** Puts column `j` in place: what it has beside those in place, or a direction that is left when that is nothing. */
	place(j: number): void {
		if (!this.#separate(j)) {
			const at = j * this.#length;
			this.#columns.fill(0, at, at + this.#length);
			this.#columns[at + this.#leastCovered()] = 1;
			this.#separate(j);
		}
		this.#done.push(j);
	}

	/** Gram and Schmidt; twice is enough (Giraud, Langou and Rozložník 2005). False when nothing of the column remains. */
	#separate(j: number): boolean {
		const [columns, length, at] = [this.#columns, this.#length, j * this.#length];
		const size = Math.sqrt(dot(columns, at, columns, at, length));
		if (size === 0) return false;
		scale(columns, at, 1 / size, length);
		for (let pass = 0; pass < 2; pass++) {
			for (const other of this.#done) {
				const common = dot(columns, other * length, columns, at, length);
				if (common !== 0) add(columns, at, -common, columns, other * length, length);
			}
			const left = Math.sqrt(dot(columns, at, columns, at, length));
			if (left < OWN_SHARE) return false;
			scale(columns, at, 1 / left, length);
		}
		return true;
	}

	/** With fewer columns than axes one axis is not covered wholly, and this is the least covered one. */
	#leastCovered(): number {
		const covered = this.#covered;
		for (; this.#counted < this.#done.length; this.#counted++) {
			const at = this.#done[this.#counted]! * this.#length;
			for (let i = 0; i < this.#length; i++) {
				covered[i] = covered[i]! + this.#columns[at + i]! ** 2;
			}
		}
		let best = 0;
		for (let i = 1; i < this.#length; i++) if (covered[i]! < covered[best]!) best = i;
		return best;
	}
}

/** Orthonormalises all `count` columns in place, in their order. */
export function orthonormalise(columns: Float64Array, count: number, length: number): void {
	const placed = new OrthonormalColumns(columns, length);
	for (let j = 0; j < count; j++) placed.place(j);
}
