/**
 * Bass drum after the TR-909: a sine whose pitch falls from about 270 Hz to 50 Hz, held and then decaying, softly driven,
 * with a click of low-passed noise. It begins at phase 0 on every hit.
 */
import { createFilter, createNoise, decay, type DrumSettings, normalised, render } from './sound';

const BASE_HZ = 52;
const HOLD_SECONDS = 0.045;

export function renderKick(settings: DrumSettings): Float32Array<ArrayBuffer> {
	const { sampleRate, velocity, tune, snap } = settings;
	const base = BASE_HZ * Math.pow(2, tune / 12);
	const tail = settings.decaySeconds / Math.LN10;
	const sweep = 0.7 + 0.3 * velocity;
	const drive = 1.2 + 1.3 * velocity;
	const noise = createNoise(909);
	const clickFilter = createFilter('lowpass', 2500 + 4500 * velocity, 0.7, sampleRate);
	const rumble = createFilter('highpass', 34, 0.7, sampleRate);
	let phase = 0;
	const kick = render(sampleRate, HOLD_SECONDS + 6 * tail, (time) => {
		const body = Math.sin(2 * Math.PI * phase);
		const frequency = base + sweep * (58 * decay(time, 0.038) + 190 * decay(time, 0.008));
		phase += frequency / sampleRate;
		const level = time < HOLD_SECONDS ? 1 : decay(time - HOLD_SECONDS, tail);
		const click = clickFilter(noise()) * decay(time, 0.002) * snap * (0.25 + 0.75 * velocity);
		const driven = Math.tanh(drive * level * body) / Math.tanh(drive);
		return rumble(driven + 2.2 * click);
	});
	return normalised(kick, 0.95);
}
