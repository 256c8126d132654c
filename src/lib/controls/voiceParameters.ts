/** The knobs of the voices. A track has one voice at a time; each has knobs of its own. */
import { choice, number, ofVoice, type NumberParameter, type Parameter } from './parameterKinds';

const EXPONENTIAL = { curve: 'exponential', step: 1 } as const;
const LINEAR = { step: 1 } as const;

type Track = 'drums' | 'bass' | 'chords' | 'lead' | 'arp';

/** The voices of a track that has several, by the value of its `voice`. */
export const VOICE_CHOICES: Readonly<Partial<Record<string, readonly string[]>>> = {
	bass: ['acid', 'FM'],
	chords: ['strings', 'organ'],
	lead: ['FM', 'pulse', 'solo string']
};

/** Shorter declarations for one track. */
function knobsOf(track: Track) {
	const own = (name: string): string => `${track}.${name}`;
	return {
		voice: (choices: readonly string[]) => choice(own('voice'), 'Voice', track, choices),
		percent: (name: string, label: string, standard: number, min = 0, max = 100) =>
			number(own(name), label, track, '%', min, max, standard, LINEAR),
		time: (name: string, label: string, min: number, max: number, standard: number) =>
			number(own(name), label, track, 'ms', min, max, standard, EXPONENTIAL),
		frequency: (name: string, label: string, min: number, max: number, standard: number) =>
			number(own(name), label, track, 'Hz', min, max, standard, EXPONENTIAL),
		knob: (
			name: string,
			label: string,
			unit: NumberParameter['unit'],
			[min, max, standard]: readonly [number, number, number],
			step: number
		) => number(own(name), label, track, unit, min, max, standard, { step })
	};
}

const drums = knobsOf('drums');
const bass = knobsOf('bass');
const chords = knobsOf('chords');
const lead = knobsOf('lead');
const arp = knobsOf('arp');

export const VOICE_PARAMETERS: readonly Parameter[] = [
	choice('drums.kit', 'Kit', 'drums', ['909', '808']),
	drums.knob('tune', 'Kick tune', 'semitones', [-6, 6, 0], 0.1),
	drums.time('decay', 'Kick decay', 80, 900, 260),
	drums.percent('snap', 'Snap', 50),
	number('drums.hatDecay', 'Hat decay', 'drums', '%', 10, 300, 100, EXPONENTIAL),
	drums.knob('flam', 'Flam', 'ms', [0, 38, 0], 1),

	bass.voice(VOICE_CHOICES.bass!),
	...ofVoice(0, [
		choice('bass.waveform', 'Waveform', 'bass', ['saw', 'square']),
		bass.knob('tuning', 'Tuning', 'semitones', [-12, 12, 0], 0.1),
		bass.frequency('cutoff', 'Cutoff', 200, 5000, 640),
		bass.percent('resonance', 'Resonance', 62),
		bass.percent('envMod', 'Env mod', 58),
		bass.time('decay', 'Decay', 200, 2000, 420),
		bass.percent('accent', 'Accent', 60),
		bass.percent('drive', 'Drive', 40)
	]),
	...ofVoice(1, [
		bass.percent('fmIndex', 'FM index', 45),
		bass.knob('fmRatio', 'FM ratio', '', [0.5, 4, 1], 0.01),
		bass.time('fmDecay', 'FM decay', 30, 2000, 260),
		bass.percent('fmFeedback', 'Feedback', 20)
	]),

	chords.voice(VOICE_CHOICES.chords!),
	...ofVoice(0, [
		chords.time('attack', 'Attack', 5, 1000, 60),
		chords.time('release', 'Release', 50, 4000, 500),
		chords.frequency('brightness', 'Brightness', 400, 9000, 3200),
		chords.percent('ensemble', 'Ensemble', 70)
	]),
	...ofVoice(1, [
		chords.percent('drawbars', 'Drawbars', 50),
		chords.percent('percussion', 'Percussion', 25),
		chords.percent('tremulant', 'Tremulant', 30)
	]),

	lead.voice(VOICE_CHOICES.lead!),
	...ofVoice(0, [
		lead.percent('brightness', 'Brightness', 52),
		lead.time('release', 'Release', 20, 2000, 180)
	]),
	...ofVoice(1, [
		lead.frequency('pulseCutoff', 'Cutoff', 100, 12_000, 1800),
		lead.percent('pulseResonance', 'Resonance', 30),
		lead.percent('pulseWidth', 'Pulse width', 32, 5, 50),
		lead.knob('pulseDetune', 'Detune', 'cents', [0, 50, 9], 0.5),
		lead.time('pulseRelease', 'Pulse release', 20, 2000, 160)
	]),
	...ofVoice(2, [
		lead.percent('bowPressure', 'Bow pressure', 50),
		lead.percent('bowPosition', 'Bow position', 13, 4, 40),
		lead.percent('bowVibrato', 'Vibrato', 40),
		lead.time('bowAttack', 'Attack', 10, 800, 70)
	]),

	arp.percent('brightness', 'Brightness', 48),
	arp.time('decay', 'Decay', 40, 2000, 260)
];
