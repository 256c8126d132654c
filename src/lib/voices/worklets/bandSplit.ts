/**
 * Splits one channel into three bands that add up to an all-pass: Linkwitz-Riley crossovers of fourth order (Linkwitz, JAES
 * 1976) out of state-variable filters in the trapezoidal form (Zavalishin, "The Art of VA Filter Design", 2012, chapter 4).
 * The low band passes the all-pass that the upper crossover is for the other two, or it would meet them out of phase.
 */

/** Damping of a Butterworth filter of second order: 1/Q. */
const DAMPING = Math.SQRT2;

/** A state-variable filter of second order; `low`, `high` and `allpass` are what it gives for the last input. */
class StateVariable {
	private readonly g: number;
	private readonly scale: number;
	private first = 0;
	private second = 0;
	low = 0;
	high = 0;
	allpass = 0;

	constructor(frequencyHz: number, sampleRate: number) {
		this.g = Math.tan((Math.PI * frequencyHz) / sampleRate);
		this.scale = 1 / (1 + this.g * (this.g + DAMPING));
	}

	run(input: number): void {
		this.high = (input - (this.g + DAMPING) * this.first - this.second) * this.scale;
		const toBand = this.g * this.high;
		const band = toBand + this.first;
		this.first = band + toBand;
		const toLow = this.g * band;
		this.low = toLow + this.second;
		this.second = this.low + toLow;
		this.allpass = input - 2 * DAMPING * band;
	}

	reset(): void {
		this.first = this.second = 0;
	}
}

/** Two bands of one channel. The first filter serves both sides, since their first halves share their poles. */
class Crossover {
	private readonly shared: StateVariable;
	private readonly lower: StateVariable;
	private readonly upper: StateVariable;
	low = 0;
	high = 0;

	constructor(frequencyHz: number, sampleRate: number) {
		this.shared = new StateVariable(frequencyHz, sampleRate);
		this.lower = new StateVariable(frequencyHz, sampleRate);
		this.upper = new StateVariable(frequencyHz, sampleRate);
	}

	run(input: number): void {
		this.shared.run(input);
		this.lower.run(this.shared.low);
		this.upper.run(this.shared.high);
		this.low = this.lower.low;
		this.high = this.upper.high;
	}

	reset(): void {
		for (const filter of [this.shared, this.lower, this.upper]) filter.reset();
	}
}

export class BandSplit {
	private readonly bottom: Crossover;
	private readonly top: Crossover;
	private readonly turn: StateVariable;
	low = 0;
	mid = 0;
	high = 0;

	constructor(splitsHz: readonly [number, number], sampleRate: number) {
		this.bottom = new Crossover(splitsHz[0], sampleRate);
		this.top = new Crossover(splitsHz[1], sampleRate);
		this.turn = new StateVariable(splitsHz[1], sampleRate);
	}

	/** Takes one sample; `low`, `mid` and `high` hold its bands. A sample that is not a number empties the filters. */
	run(input: number): void {
		this.bottom.run(input);
		this.turn.run(this.bottom.low);
		this.top.run(this.bottom.high);
		this.low = this.turn.allpass;
		this.mid = this.top.low;
		this.high = this.top.high;
		if (Number.isFinite(this.low + this.mid + this.high)) return;
		for (const filter of [this.bottom, this.top, this.turn]) filter.reset();
		this.low = this.mid = this.high = 0;
	}
}
