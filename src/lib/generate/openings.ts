/**
 * The bars that sound before the model has loaded, one opening for each style, and what the model then reads as context.
 * `training/` composes them (`openings.py`).
 */
import { STYLES, type Style } from '../music/vocabulary';
import file from './openings.json';

export interface Opening {
	/** BPM */
	tempo: number;
	/** whole bars */
	tokens: number[];
}

const OPENINGS: Partial<Record<Style, Opening>> = file;

/** Styles that have an opening, as indices of STYLES. */
export const STYLES_WITH_OPENING: readonly number[] = STYLES.flatMap((style, index) =>
	OPENINGS[style] ? [index] : []
);

/** The opening of a style; a style without one gets the first, house. */
export function openingOf(style: Style): Opening {
	return OPENINGS[style] ?? file.house;
}
