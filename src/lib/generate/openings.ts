/**
 * The bars that sound before the model has loaded, one opening for each style, and what the model then reads as context.
 * `training/` composes them (`openings.py`).
 */
import { encodeBar, parseBars } from '../music/bars';
import { inTonality } from '../music/tonality';
import { STYLES, type Style } from '../music/vocabulary';
import type { GenerationControls } from './protocol';
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

/** The opening of the style that is asked for, in the key and mode that are asked for; in its own where none is. */
export function openingFor({ style, key, mode }: GenerationControls): readonly number[] {
	const { tokens } = openingOf(STYLES[style]!);
	if (key === null && mode === null) return tokens;
	return parseBars(tokens).flatMap(({ bar }) =>
		encodeBar(inTonality(bar, key ?? bar.controls.key, mode ?? bar.controls.mode))
	);
}
