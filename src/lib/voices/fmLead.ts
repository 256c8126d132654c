/**
 * The lead track: two-operator FM, four voices. The modulator's index falls after the attack, so that a note begins bright
 * and mellows; velocity lifts index and level. Slides glide. Parameters: brightness (%), release (ms).
 */
import type { PlayedNote, Voice } from '../clock/voice';
import { type Slot, SlotPool } from './slotPool';
import { approach, type Context, Filter, FMOscillator, Gain, type ToneAudioNode } from './tone';

const VOICES = 4;
const ATTACK = 0.003;
const DECAY = 0.16;
const SUSTAIN = 0.62;
const GLIDE = 0.013;

interface LeadSettings {
	/** 0..1 */
	brightness: number;
	releaseSeconds: number;
}

export function createFmLead(context: Context): Voice & { output: ToneAudioNode } {
	const settings: LeadSettings = { brightness: 0.45, releaseSeconds: 0.18 };
	const output = new Filter({ context, type: 'highpass', frequency: 140, Q: 0.5 });
	const slots = Array.from({ length: VOICES }, () => createLeadSlot(context, output, settings));
	const pool = new SlotPool(slots);
	return {
		output,
		play(note: PlayedNote, time: number) {
			pool.play(note, time, 2 * settings.releaseSeconds);
		},
		set(parameter, value) {
			if (parameter === 'brightness') settings.brightness = value / 100;
			else if (parameter === 'release') settings.releaseSeconds = value / 1000;
		},
		silence: (time) => pool.silence(time),
		dispose() {
			pool.dispose();
			output.dispose();
		}
	};
}

function createLeadSlot(
	context: Context,
	destination: ToneAudioNode,
	settings: Readonly<LeadSettings>
): Slot {
	const oscillator = new FMOscillator({
		context,
		type: 'sine',
		modulationType: 'sine',
		harmonicity: 1,
		modulationIndex: 0
	});
	const amp = new Gain({ context, gain: 0 });
	oscillator.chain(amp, destination).start(0);

	/** Peak of the index; lower for high notes, whose upper partials would only be shrill. */
	const indexFor = (frequencyHz: number, velocity: number): number => {
		const register = Math.min(1, Math.sqrt(700 / frequencyHz));
		return (0.4 + 5.5 * settings.brightness) * (0.35 + 0.65 * velocity) * register;
	};
	const sustain = (frequencyHz: number, velocity: number, from: number, end: number): void => {
		const level = 0.4 * (0.35 + 0.65 * velocity);
		const decayStart = Math.min(from + 5 * ATTACK, end - 0.005);
		const index = indexFor(frequencyHz, velocity);
		oscillator.modulationIndex.setTargetAtTime(0.45 * index, decayStart, DECAY);
		amp.gain.setTargetAtTime(SUSTAIN * level, decayStart, DECAY);
		amp.gain.setTargetAtTime(0, end, settings.releaseSeconds / 4);
	};
	return {
		attack(frequencyHz, velocity, time, end) {
			oscillator.frequency.cancelScheduledValues(time);
			oscillator.frequency.setValueAtTime(frequencyHz, time);
			approach(oscillator.modulationIndex, indexFor(frequencyHz, velocity), time, ATTACK);
			approach(amp.gain, 0.4 * (0.35 + 0.65 * velocity), time, ATTACK);
			sustain(frequencyHz, velocity, time, end);
		},
		glide(frequencyHz, velocity, time, end) {
			approach(oscillator.frequency, frequencyHz, time, GLIDE);
			oscillator.modulationIndex.cancelScheduledValues(time);
			amp.gain.cancelScheduledValues(time);
			sustain(frequencyHz, velocity, time, end);
		},
		silence: (time) => approach(amp.gain, 0, time, 0.004),
		dispose() {
			oscillator.dispose();
			amp.dispose();
		}
	};
}
