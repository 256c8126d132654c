/**
 * Raw measures → 0..1, by the running mean and variance of each signal in each layer: a value that is usual gives 0.5,
 * one standard deviation above gives 0.73. Layers are standardised one by one, so that a loud one does not drown the
 * others, and their sum once more, so that layers that move together do not exaggerate. Never by the extremes, which one odd token would set for the whole set.
 */
import { SIGNALS, type RawSignals, type Signal } from './frameSignals';

/** Signals of one frame, each 0..1. */
export type Signals = Record<Signal, number>;

interface Running {
	mean: number;
	variance: number;
	count: number;
}

/** Frames over which the statistics forget: some ten bars. */
const MEMORY_FRAMES = 1000;

/** The signals of "nothing out of the ordinary". */
export const NEUTRAL: Readonly<Signals> = Object.fromEntries(
	SIGNALS.map((signal) => [signal, 0.5])
) as Signals;

export class Normaliser {
	readonly #running = new Map<string, Running>();

	/** Takes a frame into the statistics and returns its signals. Call it once for each frame, in order. */
	push(raw: RawSignals): Signals {
		const signals = { ...NEUTRAL };
		for (const signal of SIGNALS) {
			const values = raw[signal];
			let sum = 0;
			values.forEach((value, layer) => {
				sum += this.#standardise(`${signal}/${layer}`, value);
			});
			signals[signal] = logistic(this.#standardise(signal, sum));
		}
		return signals;
	}

	/** z-score against what came before, then the value joins the statistics (Welford, with a bounded memory). */
	#standardise(key: string, value: number): number {
		if (!Number.isFinite(value)) return 0;
		const running = this.#running.get(key) ?? { mean: value, variance: 0, count: 0 };
		const deviation = Math.sqrt(running.variance);
		const z = deviation > 1e-9 ? (value - running.mean) / deviation : 0;
		running.count = Math.min(MEMORY_FRAMES, running.count + 1);
		const share = 1 / running.count;
		const step = value - running.mean;
		running.mean += share * step;
		running.variance = (1 - share) * (running.variance + share * step * step);
		this.#running.set(key, running);
		return Math.max(-4, Math.min(4, z));
	}
}

function logistic(z: number): number {
	return 1 / (1 + Math.exp(-z));
}
