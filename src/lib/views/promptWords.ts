/** Bars of a piece that are handed to the jam, in words: where they are from, and what the jam is set to. Pure. */
import { KEYS, MODES, STYLES } from '../music/vocabulary';
import { hasOwnStyle, type Prompt } from '../sonify/prompt';
import type { BarRange } from '../sonify/promptBars';
import type { PieceName } from '../sonify/score';

export const PIECE_NAMES: Readonly<Record<PieceName, string>> = {
	acid: 'Acid',
	house: 'House',
	opera: 'Opera',
	dna: 'Weight DNA'
};

/** "bar 5", "bars 5 to 8": counted from 1, as musicians do. */
export function barWords({ from, to }: BarRange): string {
	return to - from === 1 ? `bar ${to}` : `bars ${from + 1} to ${to}`;
}

/** "Acid of kqv-small, bars 61 to 64" */
export function promptPlace({ piece, model, bars }: Prompt): string {
	return `${PIECE_NAMES[piece]} of ${model}, ${barWords(bars)}`;
}

/** "style acid, A phrygian, 138 BPM"; of a style that is not the piece's own it says so. */
export function promptSettings(prompt: Prompt): string {
	const { style, key, mode, tempo } = prompt;
	const near = hasOwnStyle(prompt) ? '' : ' (the nearest that the model plays)';
	return `style ${STYLES[style]}${near}, ${KEYS[key]} ${MODES[mode]}, ${tempo} BPM`;
}
