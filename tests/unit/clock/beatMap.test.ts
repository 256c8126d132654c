import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BeatMap } from '../../../src/lib/clock/beatMap';

const bpm = fc.double({ min: 20, max: 300, noNaN: true });

/** A map after tempo changes, each some time after the one before, and the changes as [time, beat]. */
const changedMap = fc
	.tuple(
		fc.record({ bpm, start: fc.double({ min: 0, max: 1000, noNaN: true }) }),
		fc.array(fc.record({ bpm, after: fc.double({ min: 0, max: 20, noNaN: true }) }), {
			maxLength: 12
		})
	)
	.map(([first, changes]) => {
		const map = new BeatMap(first.bpm, first.start);
		const moments: { time: number; beat: number }[] = [{ time: first.start, beat: 0 }];
		let time = first.start;
		for (const change of changes) {
			time += change.after;
			moments.push({ time, beat: map.beatAt(time) });
			map.setTempo(change.bpm, time);
		}
		return { map, moments, end: time };
	});

describe('the beat map', () => {
	it('counts beats at the tempo from the beat and moment it was given', () => {
		const map = new BeatMap(120, 10);
		expect(map.timeAt(0)).toBe(10);
		expect(map.timeAt(4)).toBe(12);
		expect(map.beatAt(11)).toBe(2);
		expect(map.beatAt(9)).toBe(-2);
		expect(new BeatMap(60, 10, 8).timeAt(9)).toBe(11);
	});

	it('goes on from the same beat when the tempo changes', () => {
		const map = new BeatMap(120, 0);
		map.setTempo(60, 2);
		expect(map.beatAt(2)).toBe(4);
		expect(map.timeAt(5)).toBe(3);
		expect(map.bpmAt(1.9)).toBe(120);
		expect(map.bpmAt(2)).toBe(60);
	});

	it('forgets changes that were set for later when an earlier one comes', () => {
		const map = new BeatMap(120, 0);
		map.setTempo(60, 10);
		map.setTempo(240, 5);
		expect(map.bpmAt(11)).toBe(240);
		expect(map.beatAt(6)).toBe(14);
	});

	it('time and beat are inverses of one another, whatever the tempo did', () => {
		fc.assert(
			fc.property(
				changedMap,
				fc.double({ min: -5, max: 30, noNaN: true }),
				({ map, end }, offset) => {
					const time = end + offset;
					expect(map.timeAt(map.beatAt(time))).toBeCloseTo(time, 6);
				}
			)
		);
	});

	it('never jumps: at the moment of each change the beat is what it was', () => {
		fc.assert(
			fc.property(changedMap, ({ map, moments }) => {
				for (const { time, beat } of moments) {
					expect(map.beatAt(time)).toBeCloseTo(beat, 6);
					expect(map.beatAt(time - 1e-9)).toBeCloseTo(beat, 6);
				}
			})
		);
	});

	it('never goes back: later is a greater beat', () => {
		fc.assert(
			fc.property(
				changedMap,
				fc.uniqueArray(fc.integer({ min: -10_000, max: 300_000 }), { minLength: 2 }),
				({ map }, milliseconds) => {
					const times = milliseconds.sort((a, b) => a - b).map((time) => time / 1000);
					const beats = times.map((time) => map.beatAt(time));
					for (let i = 1; i < beats.length; i++) expect(beats[i]!).toBeGreaterThan(beats[i - 1]!);
				}
			)
		);
	});

	it('stays small and exact when the tempo knob is turned for hours', () => {
		const map = new BeatMap(100, 0);
		let beat = 0;
		for (let i = 1; i <= 100_000; i++) {
			beat += (0.1 * map.bpmAt(i * 0.1)) / 60;
			map.setTempo(100 + (i % 50), i * 0.1);
		}
		expect(map.size).toBeLessThanOrEqual(256);
		expect(map.beatAt(10_000)).toBeCloseTo(beat, 4);
	});

	it('refuses a tempo that is not a number above 0', () => {
		expect(() => new BeatMap(0, 0)).toThrow(RangeError);
		const map = new BeatMap(120, 0);
		expect(() => map.setTempo(-1, 1)).toThrow(/above 0/);
		expect(() => map.setTempo(NaN, 1)).toThrow(RangeError);
		expect(() => map.setTempo(Infinity, 1)).toThrow(RangeError);
	});
});
