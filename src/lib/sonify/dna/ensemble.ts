/** Who plays the weight DNA, and what a movement is. */
import type { Scale, ScaleName } from '../scale';
import type { Part, ScoreNote } from '../score';
import type { ModelStatistics } from '../statistics';

export const PERCUSSION: Part = {
	id: 'percussion',
	name: 'Percussion',
	track: 'drums',
	program: 0,
	channel: 9
};
export const ORGAN: Part = { id: 'organ', name: 'Organ', track: 'chords', program: 19, channel: 0 };
export const BELLS: Part = { id: 'bells', name: 'Bells', track: 'lead', program: 14, channel: 1 };
export const HARP: Part = { id: 'harp', name: 'Harp', track: 'arp', program: 46, channel: 2 };
export const BASS: Part = { id: 'bass', name: 'Bass', track: 'bass', program: 32, channel: 3 };
export const ENSEMBLE = [PERCUSSION, BELLS, HARP, ORGAN, BASS];

export interface Movement {
	readonly name: string;
	readonly scale: ScaleName;
	/** its tonic in semitones above that of the piece */
	readonly above: number;
	readonly bpm: number;
	compose(model: ModelStatistics, scale: Scale, startBar: number): MovementMusic;
}

export interface MovementMusic {
	readonly bars: number;
	readonly notes: readonly ScoreNote[];
}
