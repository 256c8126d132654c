/** Music in another key and mode: degree by degree, so that a minor line becomes a phrygian one and not a wrong one. */
import type { Bar, GridNote } from './bars';
import { scaleSteps } from './scales';
import { PITCH_MAX, PITCH_MIN } from './vocabulary';

/**
 * The bar in `key` (0-11, C is 0) and `mode` (index of MODES), moved by at most six semitones. Each degree of the old scale
 * becomes that of the new one; a note between two degrees goes with the lower one. To and from a mode of other than the same
 * number of degrees (chromatic) notes keep their distances. Notes that meet at one pitch become one, and those that would leave
 * the range of the language move by octaves.
 */
export function inTonality(bar: Bar, key: number, mode: number): Bar {
	const { controls } = bar;
	const shift = ((((key - controls.key + 6) % 12) + 12) % 12) - 6;
	const [from, to] = [scaleSteps(controls.mode), scaleSteps(mode)];
	const moved = (pitch: number): number => {
		const tonic = controls.key + 12 * Math.floor((pitch - controls.key) / 12);
		const distance = pitch - tonic;
		const degree = from.filter((step) => step <= distance).length - 1;
		return within(tonic + shift + (from.length === to.length ? to[degree]! : distance));
	};
	const parts = bar.parts.map((part) => ({
		...part,
		notes: distinct(part.notes.map((note) => ({ ...note, pitch: moved(note.pitch) })))
	}));
	return { controls: { ...controls, key, mode }, parts };
}

function within(pitch: number): number {
	while (pitch < PITCH_MIN) pitch += 12;
	while (pitch > PITCH_MAX) pitch -= 12;
	return pitch;
}

/** Notes in the order of the language, of those at one place and pitch the first. */
function distinct(notes: readonly GridNote[]): GridNote[] {
	const sorted = [...notes].sort((a, b) => a.position - b.position || a.pitch - b.pitch);
	return sorted.filter(
		({ position, pitch }, i) =>
			position !== sorted[i - 1]?.position || pitch !== sorted[i - 1]?.pitch
	);
}
