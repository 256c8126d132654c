/**
 * Density labels: how many notes a track plays in a bar, in eight levels. 0 is silence; 1-7 split the sounding bars of
 * the training corpus into equal shares. `training/` measures the bounds and writes them here through the model card.
 */
import type { Track } from './vocabulary';

/** The largest count of notes in a bar that still has level 1, 2, ... 6; above the last is level 7. */
export const DENSITY_BOUNDS: Readonly<Record<Track, readonly number[]>> = {
	drums: [8, 13, 16, 19, 22, 26],
	bass: [2, 4, 5, 7, 9, 12],
	chords: [3, 6, 8, 9, 12, 16],
	lead: [3, 4, 5, 6, 7, 9],
	arp: [6, 8, 9, 10, 12, 15],
	guest: [2, 3, 4, 6, 8, 11]
};

/** The density level 0-7 of a bar with `noteCount` notes of `track`. */
export function densityLevel(track: Track, noteCount: number): number {
	if (noteCount <= 0) return 0;
	const bounds = DENSITY_BOUNDS[track];
	const level = bounds.findIndex((bound) => noteCount <= bound);
	return level < 0 ? bounds.length + 1 : level + 1;
}
