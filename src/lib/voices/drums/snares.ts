/**
 * Snare and clap after the TR-909: two shells a ratio of 1.47 apart under filtered noise; three short bursts and a tail.
 */
import { createFilter, createNoise, decay, type DrumSettings, normalised, render } from './sound';

export function renderSnare(settings: DrumSettings): Float32Array<ArrayBuffer> {
	const { sampleRate, velocity, snap } = settings;
	const noise = createNoise(38);
	const highpass = createFilter('highpass', 900, 0.7, sampleRate);
	const lowpass = createFilter('lowpass', 4500 + 6000 * velocity, 0.6, sampleRate);
	const wires = 0.25 + 1.1 * snap;
	let low = 0;
	let high = 0;
	const snare = render(sampleRate, 0.32, (time) => {
		const bend = 1 + 0.55 * velocity * decay(time, 0.007);
		low += (184 * bend) / sampleRate;
		high += (184 * 1.47 * bend) / sampleRate;
		const shells =
			0.75 * Math.sin(2 * Math.PI * low) * decay(time, 0.055) +
			0.45 * Math.sin(2 * Math.PI * high) * decay(time, 0.03);
		const hiss = lowpass(highpass(noise()));
		const rattle = hiss * (0.55 * decay(time, 0.018) + 0.45 * decay(time, 0.04 + 0.045 * snap));
		return Math.tanh(1.3 * (shells + wires * rattle));
	});
	return normalised(snare, 0.9);
}

const BURSTS = [0, 0.0105, 0.0215];
const TAIL_START = 0.031;

export function renderClap({ sampleRate, velocity }: DrumSettings): Float32Array<ArrayBuffer> {
	const noise = createNoise(39);
	const body = createFilter('bandpass', 1150, 1.1, sampleRate);
	const edge = createFilter('highpass', 500, 0.7, sampleRate);
	const air = createFilter('lowpass', 3500 + 5500 * velocity, 0.7, sampleRate);
	const clap = render(sampleRate, 0.42, (time) => {
		let level = 0.85 * decay(time - TAIL_START, 0.012) + 0.4 * decay(time - TAIL_START, 0.075);
		if (time < TAIL_START)
			for (const start of BURSTS) if (time >= start) level = decay(time - start, 0.0045);
		const white = noise();
		return edge(body(white) * 1.6 + 0.35 * air(white)) * level;
	});
	return normalised(clap, 0.9);
}
