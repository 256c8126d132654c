/** The keys of the instrument: one table, which the page obeys and the help dialog lists. Pure. */
import { TRACK_LABELS, VOICE_TRACKS } from './parameters';

export type Command =
	| { do: 'play or stop' }
	| { do: 'toggle'; parameter: string }
	| { do: 'new seed' }
	| { do: 'help' };

/** `code` is a place on the keyboard, `key` what is written there; a shortcut names one of them. */
export interface Shortcut {
	code?: string;
	key?: string;
	/** null where the layout decides whether Shift is needed */
	shift: boolean | null;
	/** as the help writes it */
	keys: readonly string[];
	what: string;
	command: Command;
}

/** What of a KeyboardEvent decides. */
export interface KeyPress {
	code: string;
	key: string;
	shiftKey: boolean;
	ctrlKey: boolean;
	altKey: boolean;
	metaKey: boolean;
}

export const SHORTCUTS: readonly Shortcut[] = [
	{
		code: 'Space',
		shift: false,
		keys: ['Space'],
		what: 'Play or stop',
		command: { do: 'play or stop' }
	},
	...VOICE_TRACKS.map((track, i): Shortcut => ({
		code: `Digit${i + 1}`,
		shift: false,
		keys: [String(i + 1)],
		what: `Mute ${TRACK_LABELS[track].toLowerCase()}`,
		command: { do: 'toggle', parameter: `${track}.mute` }
	})),
	...VOICE_TRACKS.map((track, i): Shortcut => ({
		code: `Digit${i + 1}`,
		shift: true,
		keys: ['Shift', String(i + 1)],
		what: `Solo ${TRACK_LABELS[track].toLowerCase()}`,
		command: { do: 'toggle', parameter: `${track}.solo` }
	})),
	{
		key: 'n',
		shift: false,
		keys: ['N'],
		what: 'Write on with a new seed',
		command: { do: 'new seed' }
	},
	{ key: '?', shift: null, keys: ['?'], what: 'This list', command: { do: 'help' } }
];

/** Keys that every knob, slider and ladder understands, for the help. */
export const CONTROL_KEYS: readonly Pick<Shortcut, 'keys' | 'what'>[] = [
	{ keys: ['↑', '↓'], what: 'Turn the control that has the focus' },
	{ keys: ['Shift', '↑', '↓'], what: 'Turn it one step' },
	{ keys: ['Page ↑', 'Page ↓'], what: 'Turn it by a tenth' },
	{ keys: ['Home', 'End'], what: 'To its least and greatest' }
];

/** The command of a key press, or null. Presses with Ctrl, Alt or Meta belong to the browser. */
export function commandOf(press: KeyPress): Command | null {
	if (press.ctrlKey || press.altKey || press.metaKey) return null;
	const shortcut = SHORTCUTS.find(
		({ code, key, shift }) =>
			(code === undefined || code === press.code) &&
			(key === undefined || key === press.key.toLowerCase()) &&
			(shift === null || shift === press.shiftKey)
	);
	return shortcut?.command ?? null;
}

/**
 * Whether a key press belongs to the element that has the focus: text fields, lists, and Space on a button. A chosen
 * radio button has no use for Space.
 */
export function keepsKey(target: EventTarget | null, press: KeyPress): boolean {
	if (!(target instanceof Element)) return false;
	if (target.closest('input:not([type="radio"]), select, textarea, [contenteditable], dialog')) {
		return true;
	}
	return press.code === 'Space' && target.closest('button, a') !== null;
}
