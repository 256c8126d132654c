/** What a parameter is: the three kinds, and short ways to declare them. */
import type { Track } from '../music/vocabulary';

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
	/** the choice of the track's `voice` that it belongs to; absent where it belongs to all */
	voice?: number;
}

export interface NumberParameter extends ParameterBase {
	kind: 'number';
	unit: '' | 'BPM' | 'dB' | 'Hz' | 'ms' | '%' | 's' | 'semitones' | 'cents';
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

/** A number that acts now unless `rest` says otherwise. */
export function number(
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

/** One of a list. */
export function choice(
	id: string,
	label: string,
	group: ParameterBase['group'],
	choices: readonly string[],
	rest: { default?: number; acts?: Acts } = {}
): ChoiceParameter {
	const { default: standard = 0, acts = 'now' } = rest;
	return { kind: 'choice', id, label, group, acts, choices, default: standard };
}

/** On or off, at first off. */
export function toggle(id: string, label: string, group: ParameterBase['group']): ToggleParameter {
	return { kind: 'toggle', id, label, group, acts: 'now', default: 0 };
}

/** Parameters that belong to one voice of their track. */
export function ofVoice(voice: number, parameters: readonly Parameter[]): Parameter[] {
	return parameters.map((parameter) => ({ ...parameter, voice }));
}
