/**
 * The chords track: a string machine. Eight free-running saws, each with its octave locked to it, pass one low-pass and the
 * ensemble: three delays, modulated slowly and quickly at 0, 120 and 240 degrees, spread over the stereo picture (facts: J.
 * Haible's triple chorus; rates of 0.58 and 5.8 Hz after jpcima's string-machine).
 * Parameters: attack and release (ms), brightness (Hz), ensemble (%).
 */
import type { PlayedNote, Voice } from '../clock/voice';
import { type Slot, SlotPool } from './slotPool';
import {
	approach,
	type Context,
	Filter,
	Gain,
	Oscillator,
	Panner,
	type ToneAudioNode
} from './tone';

const VOICES = 8;
const PARTIALS = 160;
/** share of the 4' register beside the 8' */
const OCTAVE = 0.45;
const BASE_DELAY_SECONDS = 0.0055;
const SLOW = { frequencyHz: 0.58, depthSeconds: 0.0011 };
const FAST = { frequencyHz: 5.8, depthSeconds: 0.00022 };
const LINES = [
	{ phase: 0, pan: -0.8 },
	{ phase: 120, pan: 0 },
	{ phase: 240, pan: 0.8 }
];
const LOWEST_HZ = 170;

export function createStringEnsemble(context: Context): Voice & { output: ToneAudioNode } {
	const settings = { attackSeconds: 0.06, releaseSeconds: 0.5 };
	const sum = new Gain({ context, gain: 0.2 });
	const highpass = new Filter({ context, type: 'highpass', frequency: LOWEST_HZ, Q: 0.5 });
	const lowpass = new Filter({ context, type: 'lowpass', frequency: 3200, Q: 0.6 });
	const dry = new Gain({ context, gain: 0.3 });
	const wet = new Gain({ context, gain: 0.7 });
	const output = new Gain({ context, gain: 1 });
	sum.chain(highpass, lowpass);
	lowpass.fan(dry, wet);
	dry.connect(output);
	const lines = LINES.map((line) => createEnsembleLine(context, wet, output, line));
	const slots = Array.from({ length: VOICES }, () => createStringSlot(context, sum, settings));
	const pool = new SlotPool(slots);

	return {
		output,
		play(note: PlayedNote, time: number) {
			pool.play(note, time, 2 * settings.releaseSeconds);
		},
		set(parameter, value, time) {
			switch (parameter) {
				case 'attack':
					settings.attackSeconds = value / 1000;
					return;
				case 'release':
					settings.releaseSeconds = value / 1000;
					return;
				case 'brightness':
					approach(lowpass.frequency, Math.min(16_000, Math.max(100, value)), time, 0.015);
					return;
				case 'ensemble':
					approach(wet.gain, value / 100, time, 0.015);
					approach(dry.gain, 1 - value / 100, time, 0.015);
					return;
			}
		},
		silence: (time) => pool.silence(time),
		dispose() {
			pool.dispose();
			lines.forEach((dispose) => dispose());
			for (const node of [sum, highpass, lowpass, dry, wet, output]) node.dispose();
		}
	};
}

function createStringSlot(
	context: Context,
	destination: ToneAudioNode,
	settings: { readonly attackSeconds: number; readonly releaseSeconds: number }
): Slot {
	const oscillator = new Oscillator({ context, type: 'custom', partials: partials() });
	const amp = new Gain({ context, gain: 0 });
	oscillator.chain(amp, destination).start(0);
	const hold = (velocity: number, time: number, end: number, attack: number): void => {
		approach(amp.gain, 0.55 + 0.45 * velocity, time, attack);
		amp.gain.setTargetAtTime(0, end, settings.releaseSeconds / 4);
	};
	return {
		attack(frequencyHz, velocity, time, end) {
			oscillator.frequency.setValueAtTime(frequencyHz, time);
			hold(velocity, time, end, settings.attackSeconds / 3);
		},
		glide(frequencyHz, velocity, time, end) {
			oscillator.frequency.setTargetAtTime(frequencyHz, time, 0.02);
			hold(velocity, time, end, settings.attackSeconds / 3);
		},
		silence: (time) => approach(amp.gain, 0, time, 0.004),
		dispose() {
			oscillator.dispose();
			amp.dispose();
		}
	};
}

/** Saw of the 8' register with a saw an octave up: amplitude 1/n, and the 4' register on the even partials. */
function partials(): number[] {
	return Array.from({ length: PARTIALS }, (_, i) => {
		const n = i + 1;
		return 1 / n + (n % 2 === 0 ? OCTAVE / (n / 2) : 0);
	});
}

/** One modulated delay between `from` and `to`; returns what ends it. */
function createEnsembleLine(
	context: Context,
	from: ToneAudioNode,
	to: ToneAudioNode,
	{ phase, pan }: { phase: number; pan: number }
): () => void {
	const delay = context.createDelay(0.05);
	delay.delayTime.value = BASE_DELAY_SECONDS;
	const panner = new Panner({ context, pan });
	from.connect(delay);
	delay.connect(panner.input as AudioNode);
	panner.connect(to);
	const modulators = [SLOW, FAST].map(({ frequencyHz, depthSeconds }) => {
		const wave = new Oscillator({ context, type: 'sine', frequency: frequencyHz, phase });
		const depth = new Gain({ context, gain: depthSeconds });
		wave.chain(depth, delay.delayTime).start(0);
		return [wave, depth] as const;
	});
	return () => {
		delay.disconnect();
		panner.dispose();
		for (const nodes of modulators) for (const node of nodes) node.dispose();
	};
}
