/**
 * Hats and cymbals: inharmonic square waves and noise, high-passed. Open and closed hat are one sound with two lengths.
 */
import { createFilter, createMetal, createNoise, decay, type DrumSettings } from './sound';
import { normalised, render } from './sound';

export function renderClosedHat(settings: DrumSettings): Float32Array<ArrayBuffer> {
	return hat(settings, 0.022 * settings.hatDecay);
}

export function renderPedalHat(settings: DrumSettings): Float32Array<ArrayBuffer> {
	return hat({ ...settings, velocity: 0.6 * settings.velocity }, 0.034 * settings.hatDecay);
}

export function renderOpenHat(settings: DrumSettings): Float32Array<ArrayBuffer> {
	return hat(settings, 0.13 * settings.hatDecay);
}

function hat(
	{ sampleRate, velocity }: DrumSettings,
	timeConstant: number
): Float32Array<ArrayBuffer> {
	const metal = createMetal(2.1, sampleRate);
	const noise = createNoise(42);
	const highpass = createFilter('highpass', 6800, 0.8, sampleRate);
	const highpassAgain = createFilter('highpass', 5200, 0.7, sampleRate);
	const lowpass = createFilter('lowpass', 8500 + 6500 * velocity, 0.7, sampleRate);
	const seconds = Math.min(2.5, 0.02 + 6 * timeConstant);
	const samples = render(sampleRate, seconds, (time, frame) => {
		const source = 0.65 * metal(frame) + 0.5 * noise();
		const level = 0.75 * decay(time, timeConstant) + 0.25 * decay(time, 0.4 * timeConstant);
		return lowpass(highpassAgain(highpass(source))) * level * Math.min(1, time / 0.0004);
	});
	return normalised(samples, 0.8);
}

export function renderRide({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const metal = createMetal(2.7, sampleRate);
	const noise = createNoise(51);
	const wash = createFilter('highpass', 5200, 0.7, sampleRate);
	const ping = createFilter('bandpass', 3900, 2.5, sampleRate);
	const lowpass = createFilter('lowpass', 7500 + 6000 * velocity, 0.7, sampleRate);
	const samples = render(sampleRate, 1.8, (time, frame) => {
		const source = metal(frame);
		const stick = 0.9 * ping(source) * (0.7 * decay(time, 0.05) + 0.3 * decay(time, 0.3));
		const shimmer = wash(0.6 * source + 0.3 * noise()) * 0.5 * decay(time, 0.38);
		return lowpass(stick + shimmer) * Math.min(1, time / 0.0005);
	});
	return normalised(samples, 0.75);
}

export function renderRideBell({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const partials = [587, 1174 * 1.006, 1893, 2690, 3770, 5210];
	const metal = createMetal(2.7, sampleRate);
	const wash = createFilter('highpass', 6000, 0.7, sampleRate);
	const samples = render(sampleRate, 1.5, (time, frame) => {
		let bell = 0;
		partials.forEach((hz, n) => {
			const strength = Math.pow(0.55 + 0.3 * velocity, n);
			bell += strength * Math.sin(2 * Math.PI * hz * time) * decay(time, 0.42 / (1 + 0.35 * n));
		});
		const hiss = wash(metal(frame)) * decay(time, 0.25);
		return (0.3 * bell + (0.05 + 0.25 * velocity) * hiss) * Math.min(1, time / 0.0008);
	});
	return normalised(samples, 0.75);
}

export function renderCrash({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const metal = createMetal(1.9, sampleRate);
	const noise = createNoise(49);
	const highpass = createFilter('highpass', 2600, 0.6, sampleRate);
	const lowpass = createFilter('lowpass', 7000 + 8000 * velocity, 0.6, sampleRate);
	const samples = render(sampleRate, 2.4, (time, frame) => {
		const level = 0.45 * decay(time, 0.09) + 0.55 * decay(time, 0.5);
		const source = 0.45 * metal(frame) + 0.65 * noise();
		return lowpass(highpass(source)) * level * Math.min(1, time / 0.002);
	});
	return normalised(samples, 0.8);
}

export function renderTambourine({
	sampleRate,
	velocity
}: DrumSettings): Float32Array<ArrayBuffer> {
	const metal = createMetal(4.3, sampleRate);
	const noise = createNoise(54);
	const band = createFilter('bandpass', 8600, 1.4, sampleRate);
	const highpass = createFilter('highpass', 4500 + 1500 * velocity, 0.7, sampleRate);
	const samples = render(sampleRate, 0.4, (time, frame) => {
		const jingles =
			0.6 * decay(time, 0.02) + 0.7 * decay(time - 0.017, 0.05) + 0.3 * decay(time - 0.045, 0.07);
		return highpass(band(0.6 * metal(frame) + 0.7 * noise())) * jingles * Math.min(1, time / 0.001);
	});
	return normalised(samples, 0.75);
}
