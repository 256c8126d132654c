/** Pitches, kit pieces and tokens in words. Pure. */
import {
	DRUM_PIECES,
	DURATIONS,
	HIT_LEVELS,
	KEYS,
	PITCH_MIN,
	STEPS_PER_BEAT,
	TOKEN_NAMES,
	familyOf,
	pieceOfNote,
	type Track
} from '../music/vocabulary';
import { TRACK_LABELS } from '../controls/parameters';

const HIT_LEVEL_NAMES = ['ghost', 'soft', 'plain', 'accent'] as const;

/** "A1", by the convention that MIDI note 60 is C4. */
export function pitchName(pitch: number): string {
	return `${KEYS[((pitch % 12) + 12) % 12]}${Math.floor(pitch / 12) - 1}`;
}

/** A kit piece for drums, a pitch for the other tracks. */
export function noteName(track: Track, pitch: number): string {
	if (track !== 'drums') return pitchName(pitch);
	return DRUM_PIECES[pieceOfNote(pitch)]?.name ?? `drum ${pitch}`;
}

/** What a token says: its family as a small heading, and the value in words. */
export interface TokenWords {
	family: string;
	value: string;
}

export function tokenWords(token: number): TokenWords {
	if (TOKEN_NAMES[token] === undefined) return { family: 'token', value: String(token) };
	const { family, value } = familyOf(token);
	switch (family) {
		case 'HIT': {
			const piece = DRUM_PIECES[Math.floor(value / HIT_LEVELS.length)]!.name;
			return { family: 'hit', value: `${piece}, ${HIT_LEVEL_NAMES[value % HIT_LEVELS.length]}` };
		}
		case 'PITCH':
			return { family: 'pitch', value: pitchName(PITCH_MIN + value) };
		case 'POS':
			return { family: 'at', value: `beat ${beatWords(value)}` };
		case 'DUR':
			return { family: 'length', value: `${DURATIONS[value]}/${STEPS_PER_BEAT} beat` };
		case 'VEL':
			return { family: 'velocity', value: `${value + 1} of 8` };
		case 'TRACK':
			return { family: 'track', value: Object.values(TRACK_LABELS)[value]! };
		case 'BAR':
			return { family: 'bar', value: 'next bar' };
		case 'SLIDE':
			return { family: 'slide', value: 'into the next' };
		default: {
			const name = TOKEN_NAMES[token];
			return { family: family.toLowerCase(), value: name.slice(family.length + 1) };
		}
	}
}

/** A step of the bar as musicians count: "1", "2+1/4", "3+1/3". */
function beatWords(step: number): string {
	const beat = Math.floor(step / STEPS_PER_BEAT) + 1;
	const rest = step % STEPS_PER_BEAT;
	if (rest === 0) return String(beat);
	const divisor = greatestCommonDivisor(rest, STEPS_PER_BEAT);
	return `${beat}+${rest / divisor}/${STEPS_PER_BEAT / divisor}`;
}

function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
