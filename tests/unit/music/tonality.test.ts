import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBar, type Bar } from '../../../src/lib/music/bars';
import { inScale } from '../../../src/lib/music/scales';
import { inTonality } from '../../../src/lib/music/tonality';
import { KEYS, MODES, PITCH_MAX, PITCH_MIN } from '../../../src/lib/music/vocabulary';
import { plainBar } from '../../fixtures/music';
import { anyBar } from './anyMusic';

const mode = (name: (typeof MODES)[number]) => MODES.indexOf(name);
const anyKey = fc.integer({ min: 0, max: KEYS.length - 1 });
const anyMode = fc.integer({ min: 0, max: MODES.length - 1 });

/** A bar in A minor with these pitches, one a sixteenth. */
function melody(pitches: readonly number[], controls: Partial<Bar['controls']> = {}): Bar {
	const notes = pitches.map((pitch, i) => ({
		position: 3 * i,
		pitch,
		velocity: 5,
		duration: 2,
		slide: false
	}));
	return {
		controls: { ...plainBar().controls, key: 9, mode: mode('minor'), ...controls },
		parts: [{ track: 'lead', density: 3, hits: [], notes }]
	};
}

const pitchesOf = (bar: Bar) => bar.parts[0]!.notes.map(({ pitch }) => pitch);

describe('music in another tonality', () => {
	it('keeps its degrees: A minor becomes the nearest C major, D phrygian, E flat harmonic', () => {
		const scale = [57, 59, 60, 62, 64, 65, 67, 69];
		const heard = (key: string, name: (typeof MODES)[number]) =>
			pitchesOf(inTonality(melody(scale), KEYS.indexOf(key as 'C'), mode(name)));
		expect(heard('C', 'major')).toEqual([60, 62, 64, 65, 67, 69, 71, 72]);
		expect(heard('D', 'phrygian')).toEqual([62, 63, 65, 67, 69, 70, 72, 74]);
		expect(heard('Eb', 'harmonic')).toEqual([51, 53, 54, 56, 58, 59, 62, 63]);
	});

	it('lets notes outside the scale go with the degree below them, and meet', () => {
		const chord = melody([60, 61, 62]);
		chord.parts[0]!.notes.forEach((note) => (note.position = 0));
		expect(pitchesOf(inTonality(chord, 9, mode('phrygian')))).toEqual([60, 62]);
	});

	it('moves by distances alone where a mode has no seven degrees', () => {
		expect(pitchesOf(inTonality(melody([57, 58, 61]), 11, mode('chromatic')))).toEqual([
			59, 60, 63
		]);
		const free = melody([57, 58, 61], { mode: mode('chromatic') });
		expect(pitchesOf(inTonality(free, 8, mode('minor')))).toEqual([56, 57, 60]);
	});

	it('lies in the language and, in modes of seven degrees, in the new scale, whatever it was', () => {
		fc.assert(
			fc.property(anyBar, anyKey, anyMode, (bar, key, to) => {
				const moved = inTonality(bar, key, to);
				expect(() => encodeBar(moved)).not.toThrow();
				expect(moved.controls).toEqual({ ...bar.controls, key, mode: to });
				expect(moved.parts.map(({ hits }) => hits)).toEqual(bar.parts.map(({ hits }) => hits));
				const degrees = [bar.controls.mode, to].every((one) => one !== mode('chromatic'));
				for (const { pitch } of moved.parts.flatMap(({ notes }) => notes)) {
					expect(pitch).toBeGreaterThanOrEqual(PITCH_MIN);
					expect(pitch).toBeLessThanOrEqual(PITCH_MAX);
					if (degrees) expect(inScale(pitch, key, to)).toBe(true);
				}
			})
		);
	});

	it('comes back from where it went, in the middle of the range', () => {
		const inside = melody([57, 59, 60, 64, 72]);
		fc.assert(
			fc.property(
				anyKey,
				fc.constantFrom(...(['major', 'dorian', 'harmonic'] as const)),
				(key, name) => {
					const there = inTonality(inside, key, mode(name));
					expect(pitchesOf(inTonality(there, 9, mode('minor'))).map((p) => p % 12)).toEqual(
						pitchesOf(inside).map((p) => p % 12)
					);
				}
			)
		);
	});
});
