/**
 * The second kit, after the TR-808: bridged-T resonators that ring by themselves, six square waves for all metal, noise for
 * the rest. Frequencies and times are those of the machine (Sound on Sound "Synth Secrets", Plaits, io-808); what it did
 * not have (pedal hat, ride, bell, tambourine, bongo) is built from the same parts.
 */
import { createFilter, createMetal, createNoise, decay, type DrumSettings } from './sound';
import { normalised, render } from './sound';

type Render = Float32Array<ArrayBuffer>;

const KICK_HZ = 49;
/** The trigger holds the resonator an octave up for half a cycle. */
const KICK_ATTACK_SECONDS = 0.006;

/** A long sine that falls slightly, with the click of its trigger; the decay knob reaches further than the 909's. */
export function renderKick808(settings: DrumSettings): Render {
	const { sampleRate, velocity, tune, snap } = settings;
	const base = KICK_HZ * Math.pow(2, tune / 12);
	const ring = (2 * settings.decaySeconds) / Math.LN10;
	const tone = createFilter('lowpass', 200 + 2000 * snap * (0.3 + 0.7 * velocity), 0.7, sampleRate);
	let phase = 0;
	const samples = render(sampleRate, Math.min(4, 0.05 + 6 * ring), (time) => {
		const body = Math.sin(2 * Math.PI * phase) * decay(time, ring);
		const struck = decay(time - KICK_ATTACK_SECONDS, 0.004) + (time < KICK_ATTACK_SECONDS ? 1 : 0);
		phase += (base * (1 + (0.4 + 0.6 * velocity) * struck + 0.05 * decay(time, ring))) / sampleRate;
		const click = tone(time < 0.001 ? 1 : 0) * 6 * snap * velocity;
		return Math.tanh(1.15 * (body + click));
	});
	return normalised(samples, 0.95);
}

/** Two resonators and snappy noise that lasts 75 ms. */
export function renderSnare808({ sampleRate, velocity, snap }: DrumSettings): Render {
	const noise = createNoise(808);
	const highpass = createFilter('highpass', 900 + 900 * velocity, 0.7, sampleRate);
	const lowpass = createFilter('lowpass', 5000 + 6000 * velocity, 0.6, sampleRate);
	const samples = render(sampleRate, 0.35, (time) => {
		const low = Math.sin(2 * Math.PI * 180 * time) * decay(time, 0.075);
		const high = Math.sin(2 * Math.PI * 330 * time) * decay(time, 0.045);
		const snappy = lowpass(highpass(noise())) * decay(time, 0.03 + 0.05 * snap);
		return (0.7 * low + 0.5 * high + (0.2 + 0.9 * snap) * snappy) * Math.min(1, time / 0.0003);
	});
	return normalised(samples, 0.9);
}

const CLAP_BURSTS = [0, 0.011, 0.022];
const CLAP_TAIL = 0.033;

/** Band-passed noise: three sawtooth bursts and the tail of a room. */
export function renderClap808({ sampleRate, velocity }: DrumSettings): Render {
	const noise = createNoise(1980);
	const body = createFilter('bandpass', 1000, 1.8, sampleRate);
	const air = createFilter('bandpass', 1700 + 1400 * velocity, 1, sampleRate);
	const samples = render(sampleRate, 0.5, (time) => {
		let level = 0.55 * decay(time - CLAP_TAIL, 0.1);
		for (const start of CLAP_BURSTS)
			if (time >= start && time < start + 0.011) level = Math.max(0, 1 - (time - start) / 0.011);
		const white = noise();
		return (body(white) + 0.35 * velocity * air(white)) * level;
	});
	return normalised(samples, 0.9);
}

export function renderClosedHat808(settings: DrumSettings): Render {
	return hat(settings, 0.02 * settings.hatDecay);
}

export function renderPedalHat808(settings: DrumSettings): Render {
	return hat({ ...settings, velocity: 0.6 * settings.velocity }, 0.032 * settings.hatDecay);
}

export function renderOpenHat808(settings: DrumSettings): Render {
	return hat(settings, 0.12 * settings.hatDecay);
}

/** The six squares through the band at 7.1 kHz. */
function hat({ sampleRate, velocity }: DrumSettings, timeConstant: number): Render {
	const metal = createMetal(1, sampleRate);
	const band = createFilter('bandpass', 7100, 1.6, sampleRate);
	const highpass = createFilter('highpass', 5200 + 1800 * velocity, 0.8, sampleRate);
	const samples = render(
		sampleRate,
		Math.min(2.5, 0.02 + 6 * timeConstant),
		(time, frame) =>
			highpass(band(metal(frame))) * decay(time, timeConstant) * Math.min(1, time / 0.0005)
	);
	return normalised(samples, 0.8);
}

/** The cymbal: the same squares in two bands, the lower one short and the upper one long. */
function cymbal(settings: DrumSettings, low: number, high: number, seconds: number): Render {
	const { sampleRate, velocity } = settings;
	const metal = createMetal(1, sampleRate);
	const lower = createFilter('bandpass', 3440, 2.2, sampleRate);
	const upper = createFilter('bandpass', 7100, 1.6, sampleRate);
	const highpass = createFilter('highpass', 2200 + 1500 * velocity, 0.7, sampleRate);
	const samples = render(sampleRate, seconds, (time, frame) => {
		const source = metal(frame);
		const both = 0.8 * lower(source) * decay(time, low) + upper(source) * decay(time, high);
		return highpass(both) * Math.min(1, time / 0.001);
	});
	return normalised(samples, 0.75);
}

export function renderCrash808(settings: DrumSettings): Render {
	return cymbal(settings, 0.22, 0.55, 2.6);
}

export function renderRide808(settings: DrumSettings): Render {
	return cymbal(settings, 0.06, 0.35, 1.6);
}

export function renderRideBell808(settings: DrumSettings): Render {
	return cymbal(settings, 0.4, 0.15, 1.6);
}

/** Resonant frequency (Hz) and ring (seconds) of the toms and congas, low to high as on the machine's panel. */
const SKINS = {
	'floor tom': [80, 0.21],
	'low tom': [100, 0.19],
	'mid tom': [145, 0.15],
	'high tom': [190, 0.12],
	'low conga': [180, 0.12],
	'open conga': [265, 0.1],
	'mute conga': [290, 0.035],
	bongo: [415, 0.07]
} as const;

export type Skin808 = keyof typeof SKINS;

/** A resonator that falls by a little, with a breath of low noise for the toms' room. */
export function renderSkin808(name: Skin808, { sampleRate, velocity }: DrumSettings): Render {
	const [frequencyHz, ring] = SKINS[name];
	const noise = createNoise(frequencyHz);
	const room = createFilter('lowpass', 500 + 900 * velocity, 0.7, sampleRate);
	const breath = name.endsWith('tom') ? 0.25 : 0;
	let phase = 0;
	const samples = render(sampleRate, 0.03 + 6 * ring, (time) => {
		phase += (frequencyHz * (1 + 0.35 * (0.4 + 0.6 * velocity) * decay(time, 0.025))) / sampleRate;
		const stroke = velocity * 0.3 * noise() * decay(time, 0.003);
		const body = Math.sin(2 * Math.PI * phase) * decay(time, ring);
		return body + stroke + breath * room(noise()) * decay(time, 0.8 * ring);
	});
	return normalised(samples, 0.9);
}

/** Two resonators, 455 and 1667 Hz, driven hard and high-passed. */
export function renderRim808({ sampleRate, velocity }: DrumSettings): Render {
	const highpass = createFilter('highpass', 500, 0.7, sampleRate);
	const samples = render(sampleRate, 0.08, (time) => {
		const low = Math.sin(2 * Math.PI * 455 * time);
		const high = Math.sin(2 * Math.PI * 1667 * time);
		return highpass(Math.tanh((1 + 3 * velocity) * (low + high)) * decay(time, 0.008));
	});
	return normalised(samples, 0.85);
}

/** A single resonator at 2.5 kHz; the trigger is sharper when it is hit harder. */
export function renderClaves808({ sampleRate, velocity }: DrumSettings): Render {
	const samples = render(sampleRate, 0.12, (time) => {
		const ring = Math.sin(2 * Math.PI * 2500 * time) * decay(time, 0.018);
		const click = 0.35 * velocity * Math.sin(2 * Math.PI * 6700 * time) * decay(time, 0.0025);
		return (ring + click) * Math.min(1, time / (0.002 - 0.0015 * velocity));
	});
	return normalised(samples, 0.8);
}

/** High-passed noise of 25 ms. */
export function renderMaracas808({ sampleRate, velocity }: DrumSettings): Render {
	const noise = createNoise(5000);
	const highpass = createFilter('highpass', 4200 + 1800 * velocity, 0.9, sampleRate);
	const samples = render(
		sampleRate,
		0.1,
		(time) => highpass(noise()) * Math.min(1, time / 0.008) * decay(time - 0.008, 0.014)
	);
	return normalised(samples, 0.75);
}
