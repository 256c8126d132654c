/**
 * One string of the plucked voice: a delay line with a two-point average as the loss of each turn, an all-pass for the
 * fraction of a sample, and an excitation that a low-pass makes darker when it is plucked softly.
 */
const LINE = 4096;

export class PluckedString {
	sounding = false;
	/** estimate of what it still puts out, 0..1 */
	level = 0;

	private readonly sampleRate: number;
	private readonly line = new Float64Array(LINE);
	private seed: number;
	private position = 0;
	private length = 100;
	private coefficient = 0;
	private allpassIn = 0;
	private allpassOut = 0;
	private last = 0;
	private turnGain = 0;
	private damping = 0.5;
	private levelFactor = 0;
	private gain = 0;
	private dc = 0;

	constructor(sampleRate: number, seed: number) {
		this.sampleRate = sampleRate;
		this.seed = seed * 0x9e3779b1;
	}

	/** `brightness` and `velocity` 0..1; the tone falls by 60 dB in `decaySeconds`. */
	pluck(frequencyHz: number, velocity: number, brightness: number, decaySeconds: number): void {
		const period = this.sampleRate / frequencyHz;
		this.damping = 0.5 - 0.42 * brightness;
		// The average (1 - d, d) delays by about d samples at low frequencies.
		const rest = Math.max(2, period - this.damping);
		this.length = Math.min(LINE - 1, Math.floor(rest - 0.3));
		const fraction = rest - this.length;
		this.coefficient = (1 - fraction) / (1 + fraction);
		this.turnGain = Math.pow(10, (-3 * period) / (decaySeconds * this.sampleRate));
		this.levelFactor = Math.pow(10, -3 / (decaySeconds * this.sampleRate));
		this.level = velocity;
		this.gain = 0.9 * (0.35 + 0.65 * velocity);
		this.sounding = true;
		this.excite(Math.ceil(period), Math.min(1, 0.12 + 0.75 * brightness * (0.4 + 0.6 * velocity)));
	}

	next(): number {
		const read = (this.position - this.length + LINE) & (LINE - 1);
		const delayed = this.line[read]!;
		const tuned = this.coefficient * (delayed - this.allpassOut) + this.allpassIn;
		this.allpassIn = delayed;
		this.allpassOut = tuned;
		const averaged = (1 - this.damping) * tuned + this.damping * this.last;
		this.last = tuned;
		this.line[this.position] = averaged * this.turnGain;
		this.position = (this.position + 1) & (LINE - 1);

		this.level *= this.levelFactor;
		if (this.level < 1e-4) this.damp();
		this.dc += 0.002 * (tuned - this.dc);
		return this.gain * (tuned - this.dc);
	}

	damp(): void {
		this.sounding = false;
		this.level = 0;
		this.line.fill(0);
		this.allpassIn = this.allpassOut = this.last = this.dc = 0;
	}

	/** Fills one period with noise: low-passed by `openness`, without a mean, always equally loud. */
	private excite(count: number, openness: number): void {
		const { line } = this;
		line.fill(0);
		this.allpassIn = this.allpassOut = this.last = this.dc = 0;
		let low = 0;
		let mean = 0;
		for (let i = 0; i < count; i++) {
			this.seed = (Math.imul(this.seed, 1664525) + 1013904223) | 0;
			low += openness * (this.seed / 0x80000000 - low);
			line[(this.position - count + i + LINE) & (LINE - 1)] = low;
			mean += low / count;
		}
		let energy = 0;
		for (let i = 0; i < count; i++) {
			const at = (this.position - count + i + LINE) & (LINE - 1);
			line[at]! -= mean;
			energy += line[at]! ** 2;
		}
		const scale = energy > 0 ? 0.4 / Math.sqrt(energy / count) : 0;
		for (let i = 0; i < count; i++) line[(this.position - count + i + LINE) & (LINE - 1)]! *= scale;
	}
}
