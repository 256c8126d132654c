/**
 * The one parameter table: knobs, keyboard, presets, the scripting handle and the tests all read it. A parameter is a
 * plain declaration; the instrument holds the values.
 */
import { KEYS, MODES, SECTIONS, STYLES, type Track } from '../music/vocabulary';

/** When a change is heard: at once, or from the next bar that can still be written. */
export type Acts = 'now' | 'next bar';

interface ParameterBase {
	/** `group.name`, unique */
	id: string;
	/** what is written beside the control */
	label: string;
	/** transport, model, mix, patch, or a track */
	group: 'transport' | 'model' | 'patch' | Track;
	acts: Acts;
}

export interface NumberParameter extends ParameterBase {
	kind: 'number';
	unit: '' | 'BPM' | 'dB' | 'Hz' | 'ms' | '%' | 's' | 'semitones';
	min: number;
	max: number;
	/** how a knob's travel maps to the value; exponential needs min > 0 */
	curve: 'linear' | 'exponential';
	step: number;
	default: number;
}

export interface ChoiceParameter extends ParameterBase {
	kind: 'choice';
	/** value of a choice = its position here */
	choices: readonly string[];
	default: number;
}

export interface ToggleParameter extends ParameterBase {
	kind: 'toggle';
	/** 0 or 1 */
	default: number;
}

export type Parameter = NumberParameter | ChoiceParameter | ToggleParameter;

/** Tracks that the model writes and that have a voice and a strip. */
export const VOICE_TRACKS = ['drums', 'bass', 'chords', 'lead', 'arp'] as const satisfies Track[];
export type VoiceTrack = (typeof VOICE_TRACKS)[number];

export const TRACK_LABELS: Readonly<Record<Track, string>> = {
	drums: 'Drums',
	bass: 'Acid bass',
	chords: 'Strings',
	lead: 'Lead',
	arp: 'Arp',
	guest: 'Guest'
};

const AUTO = 'auto';

const transport: Parameter[] = [
	number('transport.tempo', 'Tempo', 'transport', 'BPM', 60, 200, 124, { step: 1 }),
	number('transport.swing', 'Swing', 'transport', '%', 50, 75, 50, { step: 1 }),
	number('transport.volume', 'Volume', 'transport', 'dB', -60, 6, 0, { step: 0.5 })
];

const model: Parameter[] = [
	choice('model.style', 'Style', STYLES, 0),
	choice('model.section', 'Section', [AUTO, ...SECTIONS], 0),
	choice('model.energy', 'Energy', [AUTO, '0', '1', '2', '3', '4', '5', '6', '7'], 0),
	choice('model.key', 'Key', [AUTO, ...KEYS], 0),
	choice('model.mode', 'Mode', [AUTO, ...MODES], 0),
	number('model.scaleLock', 'Scale lock', 'model', '%', 0, 100, 50, { step: 5, acts: 'next bar' }),
	number('model.temperature', 'Temperature', 'model', '', 0.2, 1.8, 0.95, {
		step: 0.05,
		acts: 'next bar'
	}),
	number('model.topP', 'Top-p', 'model', '', 0.5, 1, 0.98, { step: 0.01, acts: 'next bar' }),
	number('model.seed', 'Seed', 'model', '', 0, 999_999, 1, { step: 1, acts: 'next bar' })
];

const patch: Parameter[] = [
	number('patch.amount', 'Attention to sound', 'patch', '%', 0, 100, 60, { step: 1 })
];

/** Level and sends (dB) and pan that suit the default house mix. */
const MIX_DEFAULTS: Record<
	VoiceTrack,
	{ level: number; pan: number; delay: number; reverb: number }
> = {
	drums: { level: -5, pan: 0, delay: -60, reverb: -30 },
	bass: { level: -6, pan: 0, delay: -26, reverb: -40 },
	chords: { level: -11, pan: 0, delay: -30, reverb: -14 },
	lead: { level: -12, pan: -15, delay: -16, reverb: -18 },
	arp: { level: -11, pan: 25, delay: -14, reverb: -20 }
};

const strips: Parameter[] = VOICE_TRACKS.flatMap((track, i): Parameter[] => {
	const { level, pan, delay, reverb } = MIX_DEFAULTS[track];
	return [
		{
			kind: 'choice',
			id: `${track}.density`,
			label: 'Density',
			group: track,
			acts: 'next bar',
			choices: [AUTO, '0', '1', '2', '3', '4', '5', '6', '7'],
			default: 0
		},
		{ kind: 'toggle', id: `${track}.mute`, label: 'Mute', group: track, acts: 'now', default: 0 },
		{ kind: 'toggle', id: `${track}.solo`, label: 'Solo', group: track, acts: 'now', default: 0 },
		number(`${track}.level`, 'Level', track, 'dB', -60, 6, level, { step: 0.5 }),
		number(`${track}.pan`, 'Pan', track, '%', -100, 100, pan, { step: 1 }),
		number(`${track}.delay`, 'Delay send', track, 'dB', -60, 0, delay, { step: 1 }),
		number(`${track}.reverb`, 'Reverb send', track, 'dB', -60, 0, reverb, { step: 1 }),
		{
			kind: 'choice',
			id: `${track}.channel`,
			label: 'MIDI channel',
			group: track,
			acts: 'now',
			choices: Array.from({ length: 16 }, (_, channel) => String(channel + 1)),
			default: track === 'drums' ? 9 : i - 1
		}
	];
});

const voices: Parameter[] = [
	{
		kind: 'choice',
		id: 'bass.waveform',
		label: 'Waveform',
		group: 'bass',
		acts: 'now',
		choices: ['saw', 'square'],
		default: 0
	},
	number('bass.tuning', 'Tuning', 'bass', 'semitones', -12, 12, 0, { step: 0.1 }),
	number('bass.cutoff', 'Cutoff', 'bass', 'Hz', 200, 5000, 640, { curve: 'exponential', step: 1 }),
	number('bass.resonance', 'Resonance', 'bass', '%', 0, 100, 62, { step: 1 }),
	number('bass.envMod', 'Env mod', 'bass', '%', 0, 100, 58, { step: 1 }),
	number('bass.decay', 'Decay', 'bass', 'ms', 200, 2000, 420, { curve: 'exponential', step: 1 }),
	number('bass.accent', 'Accent', 'bass', '%', 0, 100, 60, { step: 1 }),
	number('bass.drive', 'Drive', 'bass', '%', 0, 100, 40, { step: 1 }),
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

export const PARAMETERS: readonly Parameter[] = [
	...transport,
	...model,
	...patch,
	...strips,
	...voices
];

const BY_ID = new Map(PARAMETERS.map((parameter) => [parameter.id, parameter]));

/** The declaration of a parameter. Throws a RangeError, naming near ids, when there is none. */
export function parameterOf(id: string): Parameter {
	const parameter = BY_ID.get(id);
	if (!parameter) {
		const group = id.split('.')[0]!;
		const near = PARAMETERS.filter((p) => p.id.startsWith(`${group}.`)).map((p) => p.id);
		throw new RangeError(
			`There is no parameter "${id}". ${near.length ? `There are ${near.join(', ')}.` : 'See kqv.parameters.'}`
		);
	}
	return parameter;
}

/** The nearest value that the parameter can take. Throws a RangeError for what is not a number. */
export function clampParameter(parameter: Parameter, value: number): number {
	if (!Number.isFinite(value))
		throw new RangeError(`${parameter.id} takes a number, not ${value}.`);
	switch (parameter.kind) {
		case 'toggle':
			return value >= 0.5 ? 1 : 0;
		case 'choice':
			return Math.max(0, Math.min(parameter.choices.length - 1, Math.round(value)));
		case 'number': {
			const bounded = Math.max(parameter.min, Math.min(parameter.max, value));
			const steps = Math.round((bounded - parameter.min) / parameter.step);
			const stepped = parameter.min + steps * parameter.step;
			return Math.min(parameter.max, Number(stepped.toPrecision(12)));
		}
	}
}

/** Value → travel of a knob, 0..1. */
export function toTravel(parameter: NumberParameter, value: number): number {
	const { min, max } = parameter;
	return parameter.curve === 'exponential'
		? Math.log(value / min) / Math.log(max / min)
		: (value - min) / (max - min);
}

/** Travel of a knob 0..1 → value, clamped and stepped. */
export function fromTravel(parameter: NumberParameter, travel: number): number {
	const bounded = Math.max(0, Math.min(1, travel));
	const { min, max } = parameter;
	const value =
		parameter.curve === 'exponential'
			? min * Math.pow(max / min, bounded)
			: min + (max - min) * bounded;
	return clampParameter(parameter, value);
}

/** A value as it is written and spoken: "520 Hz", "acid", "off". */
export function speakParameter(parameter: Parameter, value: number): string {
	switch (parameter.kind) {
		case 'toggle':
			return value ? 'on' : 'off';
		case 'choice':
			return parameter.choices[value] ?? '';
		case 'number': {
			if (parameter.unit === 'dB' && value <= parameter.min) return 'off';
			const decimals = Math.max(0, -Math.floor(Math.log10(parameter.step)));
			const text = value.toFixed(decimals);
			return parameter.unit ? `${text} ${parameter.unit}` : text;
		}
	}
}

function number(
	id: string,
	label: string,
	group: ParameterBase['group'],
	unit: NumberParameter['unit'],
	min: number,
	max: number,
	standard: number,
	rest: { step: number; curve?: NumberParameter['curve']; acts?: Acts }
): NumberParameter {
	return {
		kind: 'number',
		id,
		label,
		group,
		acts: rest.acts ?? 'now',
		unit,
		min,
		max,
		curve: rest.curve ?? 'linear',
		step: rest.step,
		default: standard
	};
}

function choice(
	id: string,
	label: string,
	choices: readonly string[],
	standard: number
): ChoiceParameter {
	return {
		kind: 'choice',
		id,
		label,
		group: 'model',
		acts: 'next bar',
		choices,
		default: standard
	};
}
