/**
 * The patch bay: which signal turns which knob, how far and how. A cable moves a parameter around where the person left
 * it, or a MIDI controller around its rest; the value lands with the note that caused it.
 */
import {
	VOICE_TRACKS,
	PARAMETERS,
	type NumberParameter,
	type VoiceTrack
} from '../controls/parameters';
import { SIGNALS, type Tap } from './frameSignals';
import { ORDINARY } from './normaliser';

export const CURVES = ['linear', 'early', 'late', 'switch'] as const;
export type Curve = (typeof CURVES)[number];

export const CURVE_LABELS: Readonly<Record<Curve, string>> = {
	linear: 'In proportion',
	early: 'At once',
	late: 'Only when far off',
	switch: 'As a switch'
};

/** A knob of the instrument, or a controller of what hangs at the MIDI output, with its value at an ordinary token. */
export type Target = { parameter: string } | { controller: number; rest: number };

export interface Cable extends Tap {
	/** whose notes carry the signal */
	track: VoiceTrack;
	target: Target;
	/** -1..1: share of the knob's travel by which a signal of 1 moves it up, and of 0 down */
	amount: number;
	curve: Curve;
	/** seconds in which the knob comes two thirds of the way to a new signal; 0: at once */
	smoothing: number;
}

export const LONGEST_SMOOTHING = 8;

/** Knobs that a cable may turn: every number of a voice or its strip. */
export const PATCHABLE: readonly NumberParameter[] = PARAMETERS.filter(
	(parameter): parameter is NumberParameter =>
		parameter.kind === 'number' &&
		parameter.acts === 'now' &&
		VOICE_TRACKS.some((track) => track === parameter.group)
);

const PATCHABLE_IDS = new Map(PATCHABLE.map((parameter) => [parameter.id, parameter]));

/** The knob that a cable turns; undefined for a controller, or a knob that is not there. */
export function knobOf({ target }: Cable): NumberParameter | undefined {
	return 'parameter' in target ? PATCHABLE_IDS.get(target.parameter) : undefined;
}

/** A cable from all layers, heads and directions, in proportion, at once. */
export function cable(
	signal: Cable['signal'],
	track: VoiceTrack,
	parameter: string,
	amount: number,
	rest: Partial<Pick<Cable, 'layers' | 'heads' | 'directions' | 'curve' | 'smoothing'>> = {}
): Cable {
	return {
		signal,
		track,
		target: { parameter },
		amount,
		layers: [],
		heads: [],
		directions: [],
		curve: 'linear',
		smoothing: 0,
		...rest
	};
}

/** How far a signal, 0..1, is from the ordinary after the curve: -1..1. */
export function deviation(signal: number, curve: Curve): number {
	const plain = Math.max(-1, Math.min(1, 2 * (signal - ORDINARY)));
	switch (curve) {
		case 'linear':
			return plain;
		case 'early':
			return Math.sign(plain) * Math.sqrt(Math.abs(plain));
		case 'late':
			return plain * Math.abs(plain);
		case 'switch':
			return Math.sign(plain) * Number(Math.abs(plain) > SWITCH_AT);
	}
}

/** A deviation beyond which a switch throws: a little less than half a standard deviation. */
const SWITCH_AT = 0.2;

/**
 * The cables that a text or file describes, those left out that this instrument can't take: a signal, track or knob that
 * is not there. Numbers are brought into their ranges. Anything that is not a list gives null.
 */
export function readCables(described: unknown): Cable[] | null {
	if (!Array.isArray(described)) return null;
	return described.flatMap((one: unknown) => readCable(one) ?? []);
}

function readCable(described: unknown): Cable | null {
	if (typeof described !== 'object' || described === null) return null;
	const { signal, track, target, amount, curve, smoothing, layers, heads, directions } =
		described as Record<string, unknown>;
	const knownSignal = SIGNALS.find((name) => name === signal);
	const knownTrack = VOICE_TRACKS.find((name) => name === track);
	const knownTarget = readTarget(target);
	if (!knownSignal || !knownTrack || !knownTarget) return null;
	return {
		signal: knownSignal,
		track: knownTrack,
		target: knownTarget,
		amount: within(amount, -1, 1, 0),
		layers: readIndices(layers),
		heads: readIndices(heads),
		directions: readIndices(directions),
		curve: CURVES.find((name) => name === curve) ?? 'linear',
		smoothing: within(smoothing, 0, LONGEST_SMOOTHING, 0)
	};
}

function readTarget(target: unknown): Target | null {
	if (typeof target !== 'object' || target === null) return null;
	if ('parameter' in target) {
		const { parameter } = target;
		return typeof parameter === 'string' && PATCHABLE_IDS.has(parameter) ? { parameter } : null;
	}
	if (!('controller' in target) || typeof target.controller !== 'number') return null;
	const { controller, rest } = target as Record<string, unknown>;
	return {
		controller: Math.round(within(controller, 0, LAST_CONTROLLER, 1)),
		rest: Math.round(within(rest, 0, 127, 64))
	};
}

/** Controllers above this are channel mode messages: all notes off and the like. */
export const LAST_CONTROLLER = 119;

function within(value: unknown, least: number, most: number, otherwise: number): number {
	if (typeof value !== 'number' || !Number.isFinite(value)) return otherwise;
	return Math.max(least, Math.min(most, value));
}

function readIndices(described: unknown): number[] {
	if (!Array.isArray(described)) return [];
	const indices = described.filter(
		(index: unknown): index is number => Number.isInteger(index) && (index as number) >= 0
	);
	return [...new Set(indices)].sort((a, b) => a - b);
}
