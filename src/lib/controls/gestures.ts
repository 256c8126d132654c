/**
 * What a hand does to a control, as arithmetic: travel (0..1) of any parameter, drags and keys. Pure; the controls and
 * their tests share it.
 */
import { TRACK_LABELS, clampParameter, fromTravel, toTravel, type Parameter } from './parameters';

/** Pixels of a drag from one end of a knob to the other; a fine drag takes five times as many. */
export const DRAG_PIXELS = 180;
export const FINE_DRAG_PIXELS = 900;

/** Where a control stands, 0..1. */
export function travelOf(parameter: Parameter, value: number): number {
	switch (parameter.kind) {
		case 'number':
			return toTravel(parameter, value);
		case 'choice':
			return value / Math.max(1, parameter.choices.length - 1);
		case 'toggle':
			return value;
	}
}

/** The value nearest to a travel, which is bounded to 0..1. */
export function valueAt(parameter: Parameter, travel: number): number {
	const bounded = Math.max(0, Math.min(1, travel));
	switch (parameter.kind) {
		case 'number':
			return fromTravel(parameter, bounded);
		case 'choice':
			return clampParameter(parameter, bounded * (parameter.choices.length - 1));
		case 'toggle':
			return clampParameter(parameter, bounded);
	}
}

export function lowest(parameter: Parameter): number {
	return parameter.kind === 'number' ? parameter.min : 0;
}

export function highest(parameter: Parameter): number {
	switch (parameter.kind) {
		case 'number':
			return parameter.max;
		case 'choice':
			return parameter.choices.length - 1;
		case 'toggle':
			return 1;
	}
}

/**
 * The value after a key, or null for a key that does not turn controls. Arrows move a hundredth of the travel and Page
 * keys a tenth, a whole step at least; with `fine` (Shift) arrows move one step. Home and End go to the ends.
 */
export function valueAfterKey(
	parameter: Parameter,
	value: number,
	key: string,
	fine: boolean
): number | null {
	switch (key) {
		case 'ArrowUp':
		case 'ArrowRight':
			return nudged(parameter, value, fine ? 0 : 0.01, 1);
		case 'ArrowDown':
		case 'ArrowLeft':
			return nudged(parameter, value, fine ? 0 : 0.01, -1);
		case 'PageUp':
			return nudged(parameter, value, 0.1, 1);
		case 'PageDown':
			return nudged(parameter, value, 0.1, -1);
		case 'Home':
			return lowest(parameter);
		case 'End':
			return highest(parameter);
		default:
			return null;
	}
}

/** `value` moved up or down by a share of the travel, and by one step where that share is less than a step. */
export function nudged(
	parameter: Parameter,
	value: number,
	share: number,
	direction: 1 | -1
): number {
	const step = parameter.kind === 'number' ? parameter.step : 1;
	const oneStep = clampParameter(parameter, value + direction * step);
	const moved = valueAt(parameter, travelOf(parameter, value) + direction * share);
	return direction > 0 ? Math.max(oneStep, moved) : Math.min(oneStep, moved);
}

/** The name of a control out of its place: "Acid bass cutoff" rather than "Cutoff". */
export function spokenName({ group, label }: Parameter): string {
	const track = (TRACK_LABELS as Readonly<Record<string, string>>)[group];
	if (!track) return label;
	return `${track} ${label.startsWith('MIDI') ? label : label.charAt(0).toLowerCase() + label.slice(1)}`;
}
