/**
 * The TB-303's low-pass: four coupled stages (each loads the one before it), the first capacitor half-sized, driven by a
 * saturating differential pair, with resonance through a high-passed feedback path.
 *
 * With a = circuit rate, u = drive current and v1..v4 = stage voltages:
 *   v1' = 2a(u - v1 + v2)   v2' = a(v1 - 2 v2 + v3)   v3' = a(v2 - 2 v3 + v4)   v4' = a(v3 - 2 v4)
 *   u = tanh(x - k highpass(v4))
 * The phase of v4/u turns through 180 degrees at sqrt(2) a, where its gain is 1/17: that is the resonant peak, and 17 the
 * gain at which it would whistle. Solved by the trapezoidal rule without a delay in the loop (zero-delay feedback), the
 * saturation applied to the solution of the linear loop. Circuit: T. Stinchcombe, "Diode ladder filters".
 */
import { saturate } from './overdrive';

const FEEDBACK_HIGHPASS_HZ = 150;

export class DiodeLadder {
	private readonly sampleRate: number;
	private readonly highpass: number;
	private readonly highpassRate: number;

	private g = 0;
	private d1 = 0;
	private d2 = 0;
	private d3 = 0;
	private d4 = 0;
	private gain = 0;

	private s1 = 0;
	private s2 = 0;
	private s3 = 0;
	private s4 = 0;
	private low = 0;

	constructor(sampleRate: number) {
		this.sampleRate = sampleRate;
		const rate = Math.tan((Math.PI * FEEDBACK_HIGHPASS_HZ) / sampleRate);
		this.highpass = 1 / (1 + rate);
		this.highpassRate = rate / (1 + rate);
		this.tune(500);
	}

	/** Places the resonant peak. */
	tune(frequencyHz: number): void {
		const bounded = Math.min(0.23 * this.sampleRate, Math.max(10, frequencyHz));
		const g = Math.tan((Math.PI * bounded) / this.sampleRate) * Math.SQRT1_2;
		this.g = g;
		this.d4 = 1 / (1 + 2 * g);
		this.d3 = 1 / (1 + 2 * g - g * g * this.d4);
		this.d2 = 1 / (1 + 2 * g - g * g * this.d3);
		this.d1 = 1 / (1 + 2 * g - 2 * g * g * this.d2);
		this.gain = 2 * g * g * g * g * this.d1 * this.d2 * this.d3 * this.d4;
	}

	/** One sample; `feedback` is the loop gain k. */
	process(input: number, feedback: number): number {
		const { g, d1, d2, d3, d4 } = this;
		const c3 = this.s3 + g * d4 * this.s4;
		const c2 = this.s2 + g * d3 * c3;
		const c1 = this.s1 + 2 * g * d2 * c2;
		const atRest = d4 * (this.s4 + g * d3 * (c3 + g * d2 * (c2 + g * d1 * c1)));

		const loop = feedback * this.highpass;
		const u = saturate((input - loop * (atRest - this.low)) / (1 + loop * this.gain));

		const v1 = d1 * (c1 + 2 * g * u);
		const v2 = d2 * (c2 + g * v1);
		const v3 = d3 * (c3 + g * v2);
		const v4 = d4 * (this.s4 + g * v3);
		this.s1 = 2 * v1 - this.s1;
		this.s2 = 2 * v2 - this.s2;
		this.s3 = 2 * v3 - this.s3;
		this.s4 = 2 * v4 - this.s4;
		this.low += 2 * this.highpassRate * (v4 - this.low);
		return v4;
	}

	reset(): void {
		this.s1 = this.s2 = this.s3 = this.s4 = this.low = 0;
	}
}
