/**
 * Swing: every second sixteenth comes late. Applied when notes are played; the notes themselves stay on the grid.
 * Inside each eighth time is bent piecewise linearly, so order is kept and eighths and beats stay where they are.
 */

/** An eighth, in beats: the pair of sixteenths that swing divides. */
const PAIR = 0.5;

/**
 * Where a beat is played. `percent` is the share of the eighth that its first sixteenth takes: 50 is straight, 66.7 is
 * a triplet feel, 75 a dotted one. Strictly increasing in `beat` for percents inside (0, 100).
 */
export function swing(beat: number, percent: number): number {
	return bend(beat, 0.5, percent / 100);
}

/** The inverse of `swing`: which beat is played at a swung one. */
export function unswing(swungBeat: number, percent: number): number {
	return bend(swungBeat, percent / 100, 0.5);
}

/** Moves the point at share `from` of every pair to share `to`, and stretches what lies between. */
function bend(beat: number, from: number, to: number): number {
	if (from === to) return beat;
	const start = Math.floor(beat / PAIR) * PAIR;
	const share = (beat - start) / PAIR;
	const bent = share < from ? (share * to) / from : to + ((share - from) * (1 - to)) / (1 - from);
	return start + bent * PAIR;
}
