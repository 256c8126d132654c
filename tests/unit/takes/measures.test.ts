/** The takes' ears can hear what is wrong: a shifted beginning, a detuned bass, a clash, a clipped mix, a silent bar. */
import { describe, expect, test } from 'vitest';
import { hearLevels } from '../../../takes/hear/level';
import type { HeardTake } from '../../../takes/hear/listen';
import { compareOnsets, hearOnsets, onTimeWithin } from '../../../takes/hear/onsets';
import { centsHigh, tuningOf } from '../../../takes/hear/tuning';
import { consonanceOf, strayNotes } from '../../../takes/consonance';
import { problemsOf, type TakeFigures } from '../../../takes/judge';
import type { NoteEvent } from '../../../src/lib/music/notes';
import { detached } from '../../../takes/take';
import { barOf, sawtooth, RATE } from './sounds';

/** A sixteenth at 125 BPM. */
const SIXTEENTH = 0.12;
const BEATS = Array.from({ length: 32 }, (_, i) => 0.1 + i * SIXTEENTH);
const writtenAt = (times: readonly number[], hz = Infinity) =>
	times.map((at) => ({ at, within: onTimeWithin(hz) }));

describe('beginnings', () => {
	const notes = BEATS.map((from) => ({ from, seconds: 0.06, hz: 55 }));
	const heard = hearOnsets(sawtooth(4.2, notes), RATE);

	test('of a bass line are heard once each, where they are', () => {
		const figures = compareOnsets(heard, writtenAt(BEATS));
		expect(figures).toMatchObject({ heard: BEATS.length, onGrid: 1, found: 1 });
		expect(figures.medianMilliseconds).toBeLessThan(2);
	});

	test('that come 15 ms late are noticed', () => {
		const late = notes.map((note, i) => ({ ...note, from: note.from + (i % 2 ? 0.015 : 0) }));
		const figures = compareOnsets(hearOnsets(sawtooth(4.2, late), RATE), writtenAt(BEATS));
		expect(figures.onGrid).toBeCloseTo(0.5, 1);
		expect(problemsOf(takeWith({ bass: figures }))).toContain(
			'bass: 50 % of what is heard begins off the written time'
		);
	});

	test('may come within the first period of a tone below 100 Hz, and not later', () => {
		const written = writtenAt(BEATS, 41);
		expect(written[0]!.within).toBeCloseTo(0.0244, 4);
		expect(onTimeWithin(220)).toBe(0.01);
		const later = (seconds: number) =>
			compareOnsets(
				BEATS.map((time) => time + seconds),
				written
			);
		expect(later(0.02)).toMatchObject({ onGrid: 1, found: 1 });
		expect(later(-0.02)).toMatchObject({ onGrid: 1, found: 1 });
		expect(later(0.03)).toMatchObject({ onGrid: 0, found: 0 });
		expect(later(0.02).medianMilliseconds).toBeCloseTo(20);
	});

	test('that are missing are noticed', () => {
		const few = hearOnsets(sawtooth(4.2, notes.slice(0, 12)), RATE);
		const figures = compareOnsets(few, writtenAt(BEATS));
		expect(problemsOf(takeWith({ bass: figures }))).toEqual([
			'bass: 63 % of the written beginnings are not heard'
		]);
	});

	test('in a voice that nobody wrote for are noticed', () => {
		expect(problemsOf(takeWith({ melody: compareOnsets(heard, []) }))[0]).toContain(
			'none was written'
		);
	});

	test('get a gap before them, but for the second note of a slide', () => {
		const note = (beat: number, slide = false): NoteEvent => ({
			...{ track: 'bass', beat, duration: 0.25, pitch: 33, velocity: 0.75 },
			...{ accent: false, slide, frames: { first: 0, last: 0 } }
		});
		const lengths = detached([note(0), note(0.25, true), note(0.5)], 120).map(
			({ duration }) => duration
		);
		expect(lengths).toEqual([expect.closeTo(0.25 - 0.06 * 2), 0.25, 0.25]);
	});

	test('are not heard in the pulses of one long low tone, nor in a swell', () => {
		const long = sawtooth(2, [{ from: 0.1, seconds: 1.8, hz: 41, decay: 4 }]);
		const swelling = long.map((sample, i) => sample * Math.min(1, 0.2 + i / RATE));
		for (const sound of [long, swelling]) {
			const onsets = hearOnsets(sound, RATE);
			expect(onsets[0]).toBeCloseTo(0.1, 2);
			expect(onsets.at(-1)).toBeLessThan(0.13);
		}
	});
});

describe('pitch', () => {
	const from = 0.1;
	const chord = { from, to: from + 0.25, pitches: [48, 55, 60] };
	const played = (cents: number) =>
		sawtooth(
			0.5,
			chord.pitches.map((pitch) => ({
				from,
				seconds: 0.3,
				decay: 0.4,
				hz: 440 * Math.pow(2, (pitch - 69 + cents / 100) / 12)
			}))
		);

	test.each([-60, 0, 40])('a chord that is %i cents high is heard as that', (cents) => {
		expect(centsHigh(played(cents), RATE, chord)).toBeGreaterThan(cents - 8);
		expect(centsHigh(played(cents), RATE, chord)).toBeLessThan(cents + 8);
	});

	test('a bass that is a semitone high is out of tune, and so is silence', () => {
		const bass = { from, to: from + 0.1, pitches: [36] };
		const note = (pitch: number) => [
			{ from, seconds: 0.2, decay: 0.4, hz: 440 * Math.pow(2, (pitch - 69) / 12) }
		];
		const right = centsHigh(sawtooth(0.4, note(36)), RATE, bass);
		const wrong = centsHigh(sawtooth(0.4, note(37)), RATE, bass);
		const silent = centsHigh(new Float32Array(RATE), RATE, bass);
		expect(tuningOf([right]).inTune).toBe(1);
		expect(tuningOf([wrong, silent]).inTune).toBe(0);
		const figures = tuningOf(Array.from({ length: 9 }, () => wrong));
		expect(problemsOf(takeWith({}, { tuning: { bass: figures, chords: tuningOf([]) } }))).toEqual([
			'bass: 100 % sounds out of tune'
		]);
	});
});

describe('bass and chords', () => {
	const aMinor = [57, 60, 64];

	test('that agree have no clash and lie in the scale', () => {
		const figures = consonanceOf([barOf(33, aMinor)]);
		expect(figures).toMatchObject({ clash: 0, tritone: 0, inScale: 1 });
		expect(figures.together).toBeCloseTo(0.5);
		expect(figures.clashByChance).toBeCloseTo(3 / 11);
	});

	test('a semitone apart clash, and the scale is left', () => {
		const figures = consonanceOf([barOf(32, aMinor)]);
		expect(figures.clash).toBe(1);
		expect(figures.inScale).toBeLessThan(0.9);
		expect(problemsOf({ ...takeWith({}), consonance: figures })).toEqual([
			expect.stringContaining('bass and chords clash for 100 % of their time together'),
			expect.stringContaining('of bass and chords is outside the scale')
		]);
	});

	test('may have a major seventh between them', () => {
		expect(consonanceOf([barOf(29, [60, 64])]).clash).toBe(0);
	});

	test('outside of their ranges are counted', () => {
		expect(strayNotes([barOf(33, aMinor)])).toEqual([]);
		expect(strayNotes([barOf(72, [30, 60])]).map(({ pitch }) => pitch)).toEqual([72, 30]);
	});
});

describe('level', () => {
	const tone = sawtooth(4, [{ from: 0, seconds: 4, hz: 220, decay: 4 }]);
	const bars = [0, 2, 4];

	test('a sound mix has no problem', () => {
		const levels = hearLevels({ left: tone, right: tone, sampleRate: RATE }, bars);
		expect(levels.clippedSamples).toBe(0);
		expect(problemsOf(takeWith({}, levels))).toEqual([]);
	});

	test('a clipped mix is noticed', () => {
		const clipped = tone.map((sample) => Math.max(-1, Math.min(1, 6 * sample)));
		const levels = hearLevels({ left: clipped, right: tone, sampleRate: RATE }, bars);
		const problems = problemsOf(takeWith({}, levels));
		expect(problems).toContain(`${levels.clippedSamples} samples are clipped`);
		expect(problems).toContain('the peak is 0.00 dBFS');
	});

	test('a silent bar is noticed, and named', () => {
		const half = tone.map((sample, i) => (i < 2 * RATE ? sample : 0));
		const levels = hearLevels({ left: half, right: half, sampleRate: RATE }, bars);
		expect(problemsOf(takeWith({}, levels))).toContain('silent: bar 2');
	});
});

/** Figures of a take that is as it should be, but for these. */
function takeWith(
	onsets: Partial<HeardTake['onsets']>,
	heard: Partial<Omit<HeardTake, 'onsets'>> = {}
): TakeFigures {
	const none = compareOnsets([], []);
	return {
		heard: {
			onsets: { drums: none, bass: none, chords: none, melody: none, ...onsets },
			tuning: { bass: tuningOf([]), chords: tuningOf([]) },
			loudness: -14,
			peak: -1,
			clippedSamples: 0,
			barLevels: [-20],
			speed: 1,
			...heard
		},
		consonance: { together: 0, clash: 0, tritone: 0, inScale: 1, clashByChance: 0 },
		stray: 0,
		tokensPerBar: 90
	};
}
