/**
 * Halves the sample rate: a linear-phase halfband low-pass whose every second tap is zero, a windowed sinc
 * h[n] = sin(pi n / 2) / (pi n) with a Kaiser window (beta 7: about -70 dB of stop band). Its middle tap is a half.
 */
const SIDE_TAPS = 10;
const BETA = 7;

export class HalfbandDecimator {
	/** samples at the high rate by which the output is late */
	static readonly delay = 2 * SIDE_TAPS - 1;

	/** taps at odd distances 1, 3, 5, ... from the middle */
	private readonly taps = new Float64Array(SIDE_TAPS);
	private readonly history = new Float64Array(128);
	private position = 0;

	constructor() {
		const reach = 2 * SIDE_TAPS;
		let sum = 0;
		for (let i = 0; i < SIDE_TAPS; i++) {
			const n = 2 * i + 1;
			const window = bessel0(BETA * Math.sqrt(1 - (n / reach) ** 2)) / bessel0(BETA);
			this.taps[i] = ((i % 2 === 0 ? 1 : -1) / (Math.PI * n)) * window;
			sum += 2 * this.taps[i]!;
		}
		for (let i = 0; i < SIDE_TAPS; i++) this.taps[i]! *= 0.5 / sum;
	}

	/** Takes two samples at the high rate, returns one at the low rate. */
	process(first: number, second: number): number {
		const { history, taps } = this;
		history[this.position & 127] = first;
		history[(this.position + 1) & 127] = second;
		this.position = (this.position + 2) & 127;
		const middle = this.position - 1 - HalfbandDecimator.delay + 256;
		let sum = 0.5 * history[middle & 127]!;
		for (let i = 0; i < SIDE_TAPS; i++) {
			const n = 2 * i + 1;
			sum += taps[i]! * (history[(middle - n) & 127]! + history[(middle + n) & 127]!);
		}
		return sum;
	}

	reset(): void {
		this.history.fill(0);
	}
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel0(x: number): number {
	let term = 1;
	let sum = 1;
	for (let k = 1; k < 30; k++) {
		term *= (x / (2 * k)) ** 2;
		sum += term;
	}
	return sum;
}
