/**
 * Watches the residual stream over the latest tokens while music is written: what they have in common, and how that
 * changes. Pure; residualWatch.ts brings it the residuals.
 *
 * The rows of the window are residuals behind the last layer, each scaled to length 1, as the last norm does before the
 * logits are read off: lengths lie between 1,100 and 6,700 in the shipped model, and one long token would lead alone. Their
 * mean is not taken off: over 48 bars of house, acid and techno it held 13 % of the energy of a window (9 to 18), against
 * 20 % of the first direction, and without it ln(σ₁ / σ₂) varied by 0.10 instead of 0.16 (standard deviation).
 */
import { SlidingSvd, type WindowSvd } from '../linalg/slidingSvd';
import { SvdError } from '../linalg/svdError';
import { DIRECTIONS, RESIDUAL_FRAME, RESIDUAL_WINDOW } from '../model/residualFrame';

/**
 * Tokens from one decomposition to the next, about a note: that is most of the work. Meanwhile tokens are held against the
 * directions that are known; what the window tells four tokens apart correlates by 0.9 in the shipped model.
 */
const TOKENS_PER_SVD = 4;

/** Decompositions back that drift is measured against: a quarter of the window. */
const DRIFT_SVDS = 4;

/** Rows that must have been taken in before the window tells anything. */
export const ROWS_TO_BEGIN = RESIDUAL_WINDOW + TOKENS_PER_SVD * DRIFT_SVDS;

/** Of the decompositions, which take 3.4 steps so, and 7.5 at 1e-4: a knob and a picture need two digits. */
const TOLERANCE = 3e-3;

/** A second direction below this share of the first one counts as this: ln(σ₁ / σ₂) ends at 4.6. */
const LEAST_SECOND = 0.01;

export class ResidualWindow {
	readonly #columns: number;
	#svd: SlidingSvd;
	/** of the latest decompositions, oldest first: a full window each */
	#past: WindowSvd[] = [];
	#taken = 0;
	/** the row of the latest decomposition; null before the first that can be compared */
	#latest: Float32Array | null = null;

	/** @param columns values of a residual */
	constructor(columns: number) {
		this.#columns = columns;
		this.#svd = emptySvd(columns);
	}

	/**
	 * Takes in residuals [count × columns], oldest first, and returns their rows as residualFrame.ts lays them out. They are
	 * NaN until ROWS_TO_BEGIN have come in, and begin anew behind a residual that holds no finite numbers.
	 */
	push(residuals: Float32Array): Float32Array<ArrayBuffer> {
		const { stride } = RESIDUAL_FRAME;
		const count = residuals.length / this.#columns;
		const rows = new Float32Array(count * stride).fill(NaN);
		for (let i = 0; i < count; i++) {
			const residual = ofLengthOne(residuals.subarray(i * this.#columns, (i + 1) * this.#columns));
			this.#take(residual);
			if (!this.#latest) continue;
			rows.set(this.#latest, i * stride);
			rows.set(alongEach(residual, this.#past.at(-1)!), i * stride + RESIDUAL_FRAME.features);
		}
		return rows;
	}

	/** The same window, which goes its own way from here on. */
	copy(): ResidualWindow {
		const copy = new ResidualWindow(this.#columns);
		copy.#svd = this.#svd.copy();
		copy.#past = [...this.#past];
		copy.#taken = this.#taken;
		copy.#latest = this.#latest;
		return copy;
	}

	/** Forgets all rows. */
	clear(): void {
		this.#svd = emptySvd(this.#columns);
		this.#past = [];
		this.#taken = 0;
		this.#latest = null;
	}

	#take(residual: Float32Array): void {
		try {
			const taken = this.#taken + 1;
			if (taken < RESIDUAL_WINDOW || taken % TOKENS_PER_SVD > 0) this.#svd.take(residual);
			else this.#keep(this.#svd.push(residual));
			this.#taken = taken;
		} catch (error) {
			if (!(error instanceof SvdError)) throw error;
			this.clear(); // a model that computes nonsense says so elsewhere; here it is only not drawn
		}
	}

	#keep(found: WindowSvd): void {
		const before = this.#past.length === DRIFT_SVDS ? this.#past.shift() : undefined;
		this.#past.push(found);
		if (before) this.#latest = described(found, before);
	}
}

function emptySvd(columns: number): SlidingSvd {
	return new SlidingSvd({
		window: RESIDUAL_WINDOW,
		columns,
		count: DIRECTIONS,
		tolerance: TOLERANCE
	});
}

function ofLengthOne(residual: Float32Array): Float32Array {
	const length = Math.sqrt(residual.reduce((sum, value) => sum + value * value, 0));
	return length > 0 ? residual.map((value) => value / length) : residual;
}

/** What the window as a whole tells; the features are left at zero. */
function described(found: WindowSvd, before: WindowSvd): Float32Array {
	const row = new Float32Array(RESIDUAL_FRAME.stride);
	const { s, energy, effectiveRank } = found;
	const [first = 0, second = 0] = s;
	row[RESIDUAL_FRAME.lead] =
		first > 0 ? Math.log(first / Math.max(second, LEAST_SECOND * first)) : 0;
	row[RESIDUAL_FRAME.effectiveRank] = effectiveRank;
	row[RESIDUAL_FRAME.drift] = drift(found, before);
	if (energy > 0)
		row.set(
			s.map((value) => value ** 2 / energy),
			RESIDUAL_FRAME.shares
		);
	return row;
}

/** |v · x| of each leading direction v, [rank]: both have length 1. */
function alongEach(residual: Float32Array, { rank, columns, v }: WindowSvd): Float32Array {
	return Float32Array.from({ length: rank }, (_, k) => {
		let sum = 0;
		for (let c = 0; c < columns; c++) sum += v[c * rank + k]! * residual[c]!;
		return Math.min(1, Math.abs(sum));
	});
}

/**
 * How far the leading directions of two windows lie apart, 0..1:
 *
 *     √(1 − Σ_jk w_j w'_k (v_j · v'_k)² / √(Σ w_j² · Σ w'_k²)),      w = σ²
 *
 * That is the distance of the two covariances, kept to their leading directions (the RV coefficient of Robert and
 * Escoufier 1976). Where one direction leads, it is the sine of the angle by which that turned; signs don't matter, and
 * directions of like strength may change places or turn among themselves for nothing.
 */
function drift(now: WindowSvd, before: WindowSvd): number {
	let common = 0;
	for (let j = 0; j < now.rank; j++) {
		for (let k = 0; k < before.rank; k++) {
			let cosine = 0;
			for (let c = 0; c < now.columns; c++) {
				cosine += now.v[c * now.rank + j]! * before.v[c * before.rank + k]!;
			}
			common += (now.s[j]! * before.s[k]! * cosine) ** 2;
		}
	}
	const size = Math.sqrt(fourthPowers(now.s) * fourthPowers(before.s));
	return size > 0 ? Math.sqrt(Math.max(0, 1 - common / size)) : 0;
}

function fourthPowers(values: Float32Array): number {
	return values.reduce((sum, value) => sum + value ** 4, 0);
}
