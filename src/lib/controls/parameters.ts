/**
 * The one parameter table: knobs, keyboard, presets, the scripting handle and the tests all read it. A parameter is a
 * plain declaration; the instrument holds the values.
 */
import { KEYS, MODES, SECTIONS, STYLES, type Track } from '../music/vocabulary';
import { choice, number, toggle, type NumberParameter, type Parameter } from './parameterKinds';
import { VOICE_PARAMETERS } from './voiceParameters';

export type {
	Acts,
	ChoiceParameter,
	NumberParameter,
	Parameter,
	ToggleParameter
} from './parameterKinds';

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
	choice('model.style', 'Style', 'model', STYLES, { acts: 'next bar' }),
	choice('model.section', 'Section', 'model', [AUTO, ...SECTIONS], { acts: 'next bar' }),
	choice('model.energy', 'Energy', 'model', [AUTO, '0', '1', '2', '3', '4', '5', '6', '7'], {
		acts: 'next bar'
	}),
	choice('model.key', 'Key', 'model', [AUTO, ...KEYS], { acts: 'next bar' }),
	choice('model.mode', 'Mode', 'model', [AUTO, ...MODES], { acts: 'next bar' }),
	number('model.scaleLock', 'Scale lock', 'model', '%', 0, 100, 20, { step: 5, acts: 'next bar' }),
	number('model.temperature', 'Temperature', 'model', '', 0.2, 1.8, 1.1, {
		step: 0.05,
		acts: 'next bar'
	}),
	number('model.topP', 'Top-p', 'model', '', 0.5, 1, 1, {
		step: 0.005,
		acts: 'next bar'
	}),
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

/** The equaliser of a strip, split at 250 and 2500 Hz. */
export const EQ_BANDS = [
	{ band: 'low', label: 'Lows' },
	{ band: 'mid', label: 'Mids' },
	{ band: 'high', label: 'Highs' }
] as const;

const CHANNELS = Array.from({ length: 16 }, (_, channel) => String(channel + 1));

const strips: Parameter[] = VOICE_TRACKS.flatMap((track, i): Parameter[] => {
	const { level, pan, delay, reverb } = MIX_DEFAULTS[track];
	return [
		choice(`${track}.density`, 'Density', track, [AUTO, '0', '1', '2', '3', '4', '5', '6', '7'], {
			acts: 'next bar'
		}),
		toggle(`${track}.mute`, 'Mute', track),
		toggle(`${track}.solo`, 'Solo', track),
		number(`${track}.level`, 'Level', track, 'dB', -60, 6, level, { step: 0.5 }),
		number(`${track}.pan`, 'Pan', track, '%', -100, 100, pan, { step: 1 }),
		number(`${track}.delay`, 'Delay send', track, 'dB', -60, 0, delay, { step: 1 }),
		number(`${track}.reverb`, 'Reverb send', track, 'dB', -60, 0, reverb, { step: 1 }),
		...EQ_BANDS.flatMap(({ band, label }): Parameter[] => [
			number(`${track}.${band}Eq`, label, track, 'dB', -26, 6, 0, { step: 0.5 }),
			toggle(`${track}.${band}Kill`, `Kill ${label.toLowerCase()}`, track)
		]),
		choice(`${track}.channel`, 'MIDI channel', track, CHANNELS, {
			default: track === 'drums' ? 9 : i - 1
		})
	];
});

export const PARAMETERS: readonly Parameter[] = [
	...transport,
	...model,
	...patch,
	...strips,
	...VOICE_PARAMETERS
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
