/**
 * Raw measures → 0..1, by the running mean and variance of each: a value that is usual gives 0.5, one standard deviation
 * above gives 0.73. Layers are standardised one by one, so that a loud one does not drown the others, and their sum once
 * more, so that layers that move together do not exaggerate. Never by the extremes, which one odd token would set for
 * the whole set.
 */

interface Running {
	mean: number;
	variance: number;
	count: number;
}

/** Frames over which the statistics forget: some ten bars. */
export const MEMORY_FRAMES = 1000;

/** The signal of "nothing out of the ordinary". */
export const ORDINARY = 0.5;

/** The normaliser of one tap. */
export class Normaliser {
	readonly #layers: Running[] = [];
	readonly #sum: Running = { mean: 0, variance: 0, count: 0 };

	/** Takes the measures of a frame into the statistics and returns their signal. Call it once for each frame, in order. */
	push(values: readonly number[]): number {
		let sum = 0;
		values.forEach((value, layer) => {
			sum += standardise((this.#layers[layer] ??= { mean: 0, variance: 0, count: 0 }), value);
		});
		return logistic(standardise(this.#sum, sum));
	}
}

/** z-score against what came before, then the value joins the statistics (Welford, with a bounded memory). */
function standardise(running: Running, value: number): number {
	if (!Number.isFinite(value)) return 0;
	if (running.count === 0) running.mean = value;
	const deviation = Math.sqrt(running.variance);
	const z = deviation > 1e-9 ? (value - running.mean) / deviation : 0;
	running.count = Math.min(MEMORY_FRAMES, running.count + 1);
	const share = 1 / running.count;
	const step = value - running.mean;
	running.mean += share * step;
	running.variance = (1 - share) * (running.variance + share * step * step);
	return Math.max(-4, Math.min(4, z));
}

function logistic(z: number): number {
	return 1 / (1 + Math.exp(-z));
}
