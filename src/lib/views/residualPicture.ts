/**
 * The leading directions of the residual as a small picture: a column for each of the latest tokens, in it a layer for
 * each direction, the strongest at the bottom; as tall as its share of the whole, lit as the token lies along it. Pure.
 */
import { DIRECTIONS, RESIDUAL_WINDOW, type ResidualFrame } from '../model/residualFrame';

/** Share of the energy that fills the height of the picture. Four directions of the shipped model hold 37 to 52 %. */
const FULL_SHARE = 0.52;

/** Widths and heights are in columns and in shares of the height. */
const COLUMN_WIDTH = 0.84;
const GAP = 0.025;

/** From these activations on a token lights a direction by one step more. */
const STEPS = [0.15, 0.35, 0.6] as const;

/** Steps of light, from resting to full. */
export const LIGHTS = STEPS.length + 1;

/** What is known of the tokens up to a position, oldest first. */
export function columnsUpTo(
	position: number,
	residualAt: (position: number) => ResidualFrame | undefined
): (ResidualFrame | undefined)[] {
	return Array.from({ length: RESIDUAL_WINDOW }, (_, i) =>
		residualAt(position - RESIDUAL_WINDOW + 1 + i)
	);
}

/** Outlines of all that has the same light, [LIGHTS], in a box of one unit a column and 1 high. */
export function layersOfLight(columns: readonly (ResidualFrame | undefined)[]): string[] {
	const outlines = Array.from({ length: LIGHTS }, () => '');
	columns.forEach((frame, x) => {
		if (!frame) return;
		let bottom = 1;
		for (let k = 0; k < DIRECTIONS; k++) {
			const tall = Math.min(bottom, frame.shares[k]! / FULL_SHARE);
			const light = STEPS.filter((step) => frame.features[k]! >= step).length;
			const top = bottom - tall;
			const shown = Math.max(0, tall - GAP);
			if (shown > 0) {
				outlines[light] +=
					`M${x} ${bottom.toFixed(3)}h${COLUMN_WIDTH}v${(-shown).toFixed(3)}h${-COLUMN_WIDTH}z`;
			}
			bottom = top;
		}
	});
	return outlines;
}

/** What the picture shows of its latest token, in words. */
export function residualWords(frame: ResidualFrame | undefined): string {
	if (!frame) return 'Leading directions of the residual: nothing is known of this token yet.';
	const percents = frame.shares.map((share) => Math.round(100 * share));
	const sum = Math.round(100 * frame.shares.reduce((total, share) => total + share, 0));
	const strongest = frame.features.indexOf(Math.max(...frame.features)) + 1;
	return `Four directions hold ${sum} % of the latest ${RESIDUAL_WINDOW} residuals: ${percents.join(', ')} %. The sounding token lies most along direction ${strongest}.`;
}
