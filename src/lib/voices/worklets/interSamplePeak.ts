/**
 * The highest point of the wave around a sample, four times interpolated: what a converter will reach between the samples
 * (true peak, ITU-R BS.1770 annex 2, here with a 12-tap windowed sinc for each of the three phases between).
 */
const TAPS = 12;
const PHASES = [0.25, 0.5, 0.75];

const COEFFICIENTS: readonly Float64Array[] = PHASES.map((phase) => {
	const taps = Float64Array.from({ length: TAPS }, (_, i) => {
		const x = i - (TAPS / 2 - 1) - phase;
		const window = Math.cos((Math.PI * x) / TAPS) ** 2;
		return (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
	});
	const sum = taps.reduce((a, b) => a + b, 0);
	return taps.map((tap) => tap / sum);
});

export class InterSamplePeak {
	/** frames between a sample and the peak that is reported for it */
	static readonly delay = TAPS / 2;

	private readonly history = new Float64Array(2 * TAPS);
	private position = 0;

	/** Takes a sample; returns the peak at and just after the sample `delay` frames ago. */
	process(sample: number): number {
		const { history } = this;
		this.position = (this.position + TAPS - 1) % TAPS;
		history[this.position] = sample;
		history[this.position + TAPS] = sample;
		// history[position + n] is the sample n frames ago; the wave between 6 and 5 frames ago is what is interpolated.
		const base = this.position;
		let peak = Math.abs(history[base + TAPS / 2]!);
		for (let phase = 0; phase < COEFFICIENTS.length; phase++) {
			const taps = COEFFICIENTS[phase]!;
			let sum = 0;
			for (let i = 0; i < TAPS; i++) sum += taps[i]! * history[base + TAPS - 1 - i]!;
			peak = Math.max(peak, Math.abs(sum));
		}
		return peak;
	}
}
