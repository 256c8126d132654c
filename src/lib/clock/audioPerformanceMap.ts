/**
 * Audio-context seconds ↔ `performance.now()` milliseconds, as heard: output latency is part of the map. Pairs of the two
 * clocks are pushed in as they are read (`outputPair.ts`); a running regression over the latest ones takes the jitter
 * out and follows the drift between sound card and system clock.
 *
 * A pair that lies far off the line is held back. When several in a row agree with one another, the line has jumped
 * (suspend and resume, another device) and starts anew from them; a single wrong pair changes nothing.
 */

/** The moment `performanceTime` (ms) at which the sample of `contextTime` (s) leaves the loudspeaker. */
export interface ClockPair {
	contextTime: number;
	performanceTime: number;
}

/** Pairs that the line is drawn through: 12.8 s of ticks. */
const PAIRS_KEPT = 512;

/** Pairs in a row off the line, but agreeing, that mean a jump. */
const PAIRS_OF_A_JUMP = 4;

/** A pair is off the line beyond this many milliseconds, or beyond this many times the usual distance. */
const OFF_MILLISECONDS = 4;
const OFF_TIMES_USUAL = 5;

/**
 * How strongly the slope is held to 1000 ms a second, in s²: the variance of a pair (2 ms)² over that of the drift
 * (200 ppm)². Few pairs then give an offset alone; many give the drift as well.
 */
const SLOPE_RIGIDITY = 100;

export class AudioPerformanceMap {
	#pairs: ClockPair[];
	/** stands until the first pair is pushed */
	#provisional = true;
	#suspects: ClockPair[] = [];
	/** the line: it goes through (context, performance) with `slope` ms a second */
	#line = { context: 0, performance: 0, slope: 1000 };
	/** mean distance of the pairs from the line, ms */
	#usualDistance = 0;

	/** @param first an estimate to begin with, so that the map can always be asked */
	constructor(first: ClockPair) {
		this.#pairs = [first];
		this.#fit();
	}

	/** Takes in a pair. One that does not move on from the last (the browser repeats itself) is ignored. */
	push(pair: ClockPair): void {
		if (!Number.isFinite(pair.contextTime) || !Number.isFinite(pair.performanceTime)) return;
		if (this.#provisional) {
			this.#provisional = false;
			this.#adopt([pair]);
			return;
		}
		const previous =
			this.#suspects[this.#suspects.length - 1] ?? this.#pairs[this.#pairs.length - 1]!;
		if (
			pair.contextTime <= previous.contextTime ||
			pair.performanceTime <= previous.performanceTime
		) {
			return;
		}
		const tolerance = Math.max(OFF_MILLISECONDS, OFF_TIMES_USUAL * this.#usualDistance);
		if (Math.abs(pair.performanceTime - this.toPerformance(pair.contextTime)) <= tolerance) {
			this.#suspects = [];
			this.#pairs.push(pair);
			if (this.#pairs.length > PAIRS_KEPT) this.#pairs.shift();
			this.#fit();
			return;
		}
		this.#suspects.push(pair);
		if (this.#suspects.length < PAIRS_OF_A_JUMP) return;
		const offsets = this.#suspects.map((s) => s.performanceTime - s.contextTime * 1000);
		if (Math.max(...offsets) - Math.min(...offsets) <= 2 * tolerance) this.#adopt(this.#suspects);
		else this.#suspects.shift();
	}

	/** When the sample of `contextTime` (s) is heard, in `performance.now()` milliseconds. */
	toPerformance(contextTime: number): number {
		const { context, performance, slope } = this.#line;
		return performance + (contextTime - context) * slope;
	}

	/** Which moment of the audio context is heard at `performanceTime` (ms). */
	toContext(performanceTime: number): number {
		const { context, performance, slope } = this.#line;
		return context + (performanceTime - performance) / slope;
	}

	#adopt(pairs: ClockPair[]): void {
		this.#pairs = pairs;
		this.#suspects = [];
		this.#fit();
	}

	/** Least squares about the mean, with the slope drawn towards 1000. */
	#fit(): void {
		const count = this.#pairs.length;
		let context = 0;
		let performance = 0;
		for (const pair of this.#pairs) {
			context += pair.contextTime / count;
			performance += pair.performanceTime / count;
		}
		let products = 0;
		let squares = SLOPE_RIGIDITY;
		for (const pair of this.#pairs) {
			const elapsed = pair.contextTime - context;
			products += elapsed * (pair.performanceTime - performance - elapsed * 1000);
			squares += elapsed * elapsed;
		}
		this.#line = { context, performance, slope: 1000 + products / squares };
		let distance = 0;
		for (const pair of this.#pairs) {
			distance += Math.abs(pair.performanceTime - this.toPerformance(pair.contextTime));
		}
		this.#usualDistance = distance / count;
	}
}
