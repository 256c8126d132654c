/** The pitch classes of the modes in the language, from Tonal's tables. */
import { Scale } from 'tonal';
import { MODES, type Mode } from './vocabulary';

const SCALE_NAMES: Readonly<Record<Mode, string>> = {
	major: 'major',
	minor: 'minor',
	dorian: 'dorian',
	phrygian: 'phrygian',
	lydian: 'lydian',
	mixolydian: 'mixolydian',
	harmonic: 'harmonic minor',
	chromatic: 'chromatic'
};

/** For each mode, whether a distance from the key note, in semitones 0-11, belongs to it. */
const MEMBERS: readonly (readonly boolean[])[] = MODES.map((mode) =>
	[...Scale.get(SCALE_NAMES[mode]).chroma].map((digit) => digit === '1')
);

/** Whether a MIDI pitch belongs to `key` (0-11, C is 0) in `mode` (index of MODES). */
export function inScale(pitch: number, key: number, mode: number): boolean {
	return MEMBERS[mode]?.[(((pitch - key) % 12) + 12) % 12] ?? false;
}

/** For each mode, the distances from the key note that belong to it, ascending from 0. */
const STEPS: readonly (readonly number[])[] = MEMBERS.map((members) =>
	members.flatMap((isMember, distance) => (isMember ? [distance] : []))
);

/** The distances from the key note, in semitones, that belong to `mode` (index of MODES), ascending from 0. */
export function scaleSteps(mode: number): readonly number[] {
	return STEPS[mode]!;
}
