/**
 * How many steps go into one submit. Many make waiting for the GPU cheap; but a graphics card finishes what it was given
 * before it draws the next picture, so a submit should stay below SUBMIT_MILLISECONDS. The rule looks at the latest
 * submits together: one alone may have been delayed by the page, or found finished at the same moment as the one before.
 */

/** The most steps of a submit; memory for parameters and frames is laid out for these. */
export const MOST_STEPS = 8;

/** A quarter of a picture at 60 a second. */
export const SUBMIT_MILLISECONDS = 4;

/** Submits that are looked at together. */
const REMEMBERED = 6;

/** One submit, as it was measured: from when the GPU could begin it to when its result was there. */
export interface MeasuredSubmit {
	readonly steps: number;
	readonly milliseconds: number;
}

/** A number of steps, and what it rests on. */
export interface Pace {
	/** for the next submit, 1 .. MOST_STEPS */
	readonly steps: number;
	/** the latest submits, the latest last */
	readonly measured: readonly MeasuredSubmit[];
}

/** Where every decoder begins: with one step, since nothing is known of the card. */
export const FIRST_PACE: Pace = { steps: 1, measured: [] };

/** The pace after another submit. It slows down at once and at most doubles. */
export function nextPace({ steps, measured }: Pace, submit: MeasuredSubmit): Pace {
	const latest = [...measured, submit].slice(-REMEMBERED);
	const ran = latest.reduce((sum, each) => sum + each.steps, 0);
	const took = latest.reduce((sum, each) => sum + each.milliseconds, 0);
	const fitting = took > 0 ? Math.floor((SUBMIT_MILLISECONDS * ran) / took) : MOST_STEPS;
	return {
		steps: Math.max(1, Math.min(fitting, 2 * steps, MOST_STEPS)),
		measured: latest
	};
}
