/** The knobs of the voices. */
import { choice, number, type Parameter } from './parameterKinds';

export const VOICE_PARAMETERS: readonly Parameter[] = [
	choice('bass.waveform', 'Waveform', 'bass', ['saw', 'square']),
	number('bass.tuning', 'Tuning', 'bass', 'semitones', -12, 12, 0, { step: 0.1 }),
	number('bass.cutoff', 'Cutoff', 'bass', 'Hz', 200, 5000, 640, { curve: 'exponential', step: 1 }),
	number('bass.resonance', 'Resonance', 'bass', '%', 0, 100, 62, { step: 1 }),
	number('bass.envMod', 'Env mod', 'bass', '%', 0, 100, 58, { step: 1 }),
	number('bass.decay', 'Decay', 'bass', 'ms', 200, 2000, 420, { curve: 'exponential', step: 1 }),
	number('bass.accent', 'Accent', 'bass', '%', 0, 100, 60, { step: 1 }),
	number('bass.drive', 'Drive', 'bass', '%', 0, 100, 40, { step: 1 }),
	choice('drums.kit', 'Kit', 'drums', ['909', '808']),
	number('drums.tune', 'Kick tune', 'drums', 'semitones', -6, 6, 0, { step: 0.1 }),
	number('drums.decay', 'Kick decay', 'drums', 'ms', 80, 900, 260, {
		curve: 'exponential',
		step: 1
	}),
	number('drums.snap', 'Snap', 'drums', '%', 0, 100, 50, { step: 1 }),
	number('drums.hatDecay', 'Hat decay', 'drums', '%', 10, 300, 100, {
		curve: 'exponential',
		step: 1
	}),
	number('drums.flam', 'Flam', 'drums', 'ms', 0, 38, 0, { step: 1 }),
	number('chords.attack', 'Attack', 'chords', 'ms', 5, 1000, 60, { curve: 'exponential', step: 1 }),
	number('chords.release', 'Release', 'chords', 'ms', 50, 4000, 500, {
		curve: 'exponential',
		step: 1
	}),
	number('chords.brightness', 'Brightness', 'chords', 'Hz', 400, 9000, 3200, {
		curve: 'exponential',
		step: 1
	}),
	number('chords.ensemble', 'Ensemble', 'chords', '%', 0, 100, 70, { step: 1 }),
	number('lead.brightness', 'Brightness', 'lead', '%', 0, 100, 52, { step: 1 }),
	number('lead.release', 'Release', 'lead', 'ms', 20, 2000, 180, { curve: 'exponential', step: 1 }),
	number('arp.brightness', 'Brightness', 'arp', '%', 0, 100, 48, { step: 1 }),
	number('arp.decay', 'Decay', 'arp', 'ms', 40, 2000, 260, { curve: 'exponential', step: 1 })
];
