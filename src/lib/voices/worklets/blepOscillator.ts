/**
 * Saw and pulse with band-limited steps: each jump is rounded by the integral of a third-order B-spline over four samples,
 * which damps images far better than the two-sample polynomial. Formulas after Valimaki, Pekonen and Nam,
 * "Perceptually informed synthesis of bandlimited classical waveforms" (JASA 2012).
 */

/** What to add to a falling unit step of height -2 (saw), `t` samples after (or before, negative) the jump. */
function splineResidual(t: number): number {
	const distance = Math.abs(t);
	if (distance >= 2) return 0;
	let residual: number;
	if (distance >= 1) {
		const x = 2 - distance;
		residual = (x * x * x * x) / 24;
	} else {
		const x = distance;
		residual = 0.5 - (2 / 3) * x + (x * x * x) / 3 - (x * x * x * x) / 8;
	}
	return t < 0 ? -residual : residual;
}

export class BlepOscillator {
	private phase = 0;

	reset(phase = 0): void {
		this.phase = phase;
	}

	/** Moves on by `increment` cycles (below 0.25). Read `saw` and `pulse` afterwards. */
	advance(increment: number): void {
		this.phase += increment;
		if (this.phase >= 1) this.phase -= 1;
	}

	/** Rising ramp -1..1. */
	saw(increment: number): number {
		return 2 * this.phase - 1 + 2 * this.jump(0, increment);
	}

	/** +1 for `duty` of the cycle, then -1. */
	pulse(increment: number, duty: number): number {
		const naive = this.phase < duty ? 1 : -1;
		return naive - 2 * this.jump(0, increment) + 2 * this.jump(duty, increment);
	}

	/** Residual of a step at phase `at`, for steps of height -1. */
	private jump(at: number, increment: number): number {
		let distance = this.phase - at;
		if (distance > 0.5) distance -= 1;
		else if (distance < -0.5) distance += 1;
		if (distance > 2 * increment || distance < -2 * increment) return 0;
		return splineResidual(distance / increment);
	}
}
