/**
 * Building blocks of the drum renders: noise that is the same on every machine, decays, and a biquad. Offline only.
 */

/** What a drum piece is rendered for. */
export interface DrumSettings {
	sampleRate: number;
	/** 0..1: how hard; it changes the brightness, while the level is applied when the hit is played */
	velocity: number;
	/** kick, in semitones */
	tune: number;
	/** kick: seconds to fall by 20 dB */
	decaySeconds: number;
	/** click of the kick and wires of the snare, 0..1 */
	snap: number;
	/** factor on the length of the hats */
	hatDecay: number;
}

/** White noise -1..1 from a 32-bit linear congruential generator (Numerical Recipes); the same seed, the same noise. */
export function createNoise(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		return state / 0x80000000;
	};
}

/** Samples of `seconds`, each computed from its time, with the last 4 ms faded out. */
export function render(
	sampleRate: number,
	seconds: number,
	sample: (time: number, frame: number) => number
): Float32Array<ArrayBuffer> {
	const length = Math.ceil(seconds * sampleRate);
	const fade = Math.min(length, Math.round(0.004 * sampleRate));
	const out = new Float32Array(length);
	for (let i = 0; i < length; i++) {
		const left = length - 1 - i;
		out[i] = sample(i / sampleRate, i) * (left < fade ? left / fade : 1);
	}
	return out;
}

/** exp(-t / timeConstant), 0 before t = 0. */
export function decay(time: number, timeConstant: number): number {
	return time < 0 ? 0 : Math.exp(-time / timeConstant);
}

/** Scales so that the highest sample is `peak`. */
export function normalised(
	samples: Float32Array<ArrayBuffer>,
	peak: number
): Float32Array<ArrayBuffer> {
	let highest = 0;
	for (const sample of samples) highest = Math.max(highest, Math.abs(sample));
	if (highest > 0) for (let i = 0; i < samples.length; i++) samples[i]! *= peak / highest;
	return samples;
}

export type FilterShape = 'lowpass' | 'highpass' | 'bandpass';

/** Second-order filter, one call a sample. Coefficients: R. Bristow-Johnson, "Audio EQ Cookbook". */
export function createFilter(
	shape: FilterShape,
	frequencyHz: number,
	q: number,
	sampleRate: number
): (input: number) => number {
	const omega = (2 * Math.PI * Math.min(frequencyHz, 0.45 * sampleRate)) / sampleRate;
	const cos = Math.cos(omega);
	const alpha = Math.sin(omega) / (2 * q);
	const a0 = 1 + alpha;
	const [b0, b1, b2] =
		shape === 'lowpass'
			? [(1 - cos) / 2, 1 - cos, (1 - cos) / 2]
			: shape === 'highpass'
				? [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2]
				: [alpha, 0, -alpha];
	let z1 = 0;
	let z2 = 0;
	return (input) => {
		const output = (b0 * input + z1) / a0;
		z1 = b1 * input + 2 * cos * output + z2;
		z2 = b2 * input - (1 - alpha) * output;
		return output;
	};
}

/** Six square waves at the ratios of the 808's cymbal oscillators (205.3 to 800 Hz), times `scale`. */
export function createMetal(scale: number, sampleRate: number): (frame: number) => number {
	const steps = [205.3, 304.4, 369.6, 522.7, 540, 800].map((hz) => (hz * scale) / sampleRate);
	return (frame) => {
		let sum = 0;
		for (const step of steps) sum += (step * frame) % 1 < 0.5 ? 1 : -1;
		return sum / 6;
	};
}
