/** Rim, claves, cowbell and shaker: short resonances and one noise. */
import { createFilter, createNoise, decay, type DrumSettings, normalised, render } from './sound';

export function renderRim({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const highpass = createFilter('highpass', 350, 0.7, sampleRate);
	const samples = render(sampleRate, 0.09, (time) => {
		const low = Math.sin(2 * Math.PI * 455 * time) * decay(time, 0.009);
		const high = Math.sin(2 * Math.PI * 1690 * time) * decay(time, 0.006);
		const drive = 1.2 + 2.3 * velocity;
		return highpass(Math.tanh(drive * (low + 0.9 * high)));
	});
	return normalised(samples, 0.85);
}

export function renderClaves({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const samples = render(sampleRate, 0.14, (time) => {
		const bar = Math.sin(2 * Math.PI * 2480 * time) * decay(time, 0.021);
		const edge = 0.4 * velocity * Math.sin(2 * Math.PI * 2480 * 2.76 * time) * decay(time, 0.004);
		return (bar + edge) * Math.min(1, time / (0.0019 - 0.0016 * velocity));
	});
	return normalised(samples, 0.8);
}

/** The 808's: squares of 540 and 800 Hz, a sharp and a slow decay. */
export function renderCowbell({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const band = createFilter('bandpass', 1100 + 500 * velocity, 0.9, sampleRate);
	const lowpass = createFilter('lowpass', 6000, 0.7, sampleRate);
	const square = (hz: number, time: number): number => ((hz * time) % 1 < 0.5 ? 1 : -1);
	const samples = render(sampleRate, 0.5, (time) => {
		const level = 0.65 * decay(time, 0.018) + 0.35 * decay(time, 0.11);
		return lowpass(band(square(540, time) + square(800, time))) * level;
	});
	return normalised(samples, 0.8);
}

export function renderShaker({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const noise = createNoise(70);
	const band = createFilter('bandpass', 6200 + 1800 * velocity, 1.1, sampleRate);
	const highpass = createFilter('highpass', 3500, 0.7, sampleRate);
	const rise = 0.022 - 0.012 * velocity;
	const samples = render(sampleRate, 0.16, (time) => {
		const level = time < rise ? (time / rise) ** 2 : decay(time - rise, 0.026);
		return highpass(band(noise())) * level;
	});
	return normalised(samples, 0.75);
}
