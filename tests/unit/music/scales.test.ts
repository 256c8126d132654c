import { describe, expect, it } from 'vitest';
import { inScale } from '../../../src/lib/music/scales';
import { KEYS, MODES } from '../../../src/lib/music/vocabulary';

/** The pitch classes of a mode on C, as sounding semitones. */
function classesOf(mode: (typeof MODES)[number], key = 0): number[] {
	return [...Array(12).keys()].filter((pitch) => inScale(60 + pitch, key, MODES.indexOf(mode)));
}

describe('scales', () => {
	it('have the pitch classes of their modes', () => {
		expect(classesOf('major')).toEqual([0, 2, 4, 5, 7, 9, 11]);
		expect(classesOf('minor')).toEqual([0, 2, 3, 5, 7, 8, 10]);
		expect(classesOf('dorian')).toEqual([0, 2, 3, 5, 7, 9, 10]);
		expect(classesOf('phrygian')).toEqual([0, 1, 3, 5, 7, 8, 10]);
		expect(classesOf('lydian')).toEqual([0, 2, 4, 6, 7, 9, 11]);
		expect(classesOf('mixolydian')).toEqual([0, 2, 4, 5, 7, 9, 10]);
		expect(classesOf('harmonic')).toEqual([0, 2, 3, 5, 7, 8, 11]);
		expect(classesOf('chromatic')).toHaveLength(12);
	});

	it('move with the key and repeat at the octave', () => {
		expect(classesOf('minor', KEYS.indexOf('A'))).toEqual([0, 2, 4, 5, 7, 9, 11]);
		for (let pitch = 21; pitch <= 108 - 12; pitch++) {
			expect(inScale(pitch, 3, 1)).toBe(inScale(pitch + 12, 3, 1));
		}
	});
});
