import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../src/lib/clock/timeline';
import type { NoteEvent } from '../../../src/lib/music/notes';
import { writtenBar } from './written';

const beatsOf = (notes: readonly NoteEvent[]) => notes.map(({ beat }) => beat);
const pitchesIn = (timeline: Timeline, slot: number) =>
	timeline.barAt(slot)?.notes.map(({ pitch }) => pitch);

/** Bar `bar` with one note whose pitch tells which version it is. */
const version = (bar: number, pitch: number) => writtenBar(bar, [{ beat: 1, pitch }]);

describe('placing bars', () => {
	it('puts them one after the other, notes moved to the beats of their slot', () => {
		const timeline = new Timeline();
		expect(timeline.place(writtenBar(0, [{ beat: 0 }, { beat: 2.5 }]))!.startBeat).toBe(0);
		expect(timeline.place(writtenBar(1, [{ beat: 1 }]))!.startBeat).toBe(4);
		expect(beatsOf(timeline.notesBetween(0, 8))).toEqual([0, 2.5, 5]);
	});

	it('gives the notes from one beat up to but not including another, sorted', () => {
		const timeline = new Timeline();
		timeline.place(writtenBar(0, [{ beat: 3 }, { beat: 0 }, { beat: 1 }]));
		timeline.place(writtenBar(1, [{ beat: 0 }]));
		expect(beatsOf(timeline.notesBetween(0, 4))).toEqual([0, 1, 3]);
		expect(beatsOf(timeline.notesBetween(1, 3))).toEqual([1]);
		expect(beatsOf(timeline.notesBetween(3, 100))).toEqual([3, 4]);
		expect(timeline.notesBetween(2, 2)).toEqual([]);
		expect(beatsOf(timeline.notesBetween(-9, 0.5))).toEqual([0]);
	});

	it('leaves the bar that it was given alone', () => {
		const timeline = new Timeline();
		const bar = writtenBar(0, [{ beat: 2 }]);
		timeline.place(bar);
		timeline.close(0);
		timeline.repeat(1);
		expect(beatsOf(bar.notes)).toEqual([2]);
	});

	it('takes a late bar into the next slot that has not begun, where it is heard whole', () => {
		const timeline = new Timeline();
		timeline.place(version(0, 40));
		timeline.close(0);
		timeline.repeat(1);
		timeline.close(1);
		expect(timeline.place(version(1, 41))!.slot).toBe(2);
		expect(timeline.place(version(2, 42))!.slot).toBe(3);
	});

	it('never changes a slot that has begun to be scheduled', () => {
		const timeline = new Timeline();
		timeline.close(2);
		expect(timeline.place(version(0, 40))!.slot).toBe(3);
		timeline.close(3);
		timeline.replaceFrom(0);
		expect(timeline.barAt(3)!.stale).toBe(false);
		timeline.place(version(0, 50));
		expect(pitchesIn(timeline, 3)).toEqual([40]);
		expect(pitchesIn(timeline, 4)).toEqual([50]);
	});

	it('counts whole bars ahead of the one at a beat', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 4; bar++) timeline.place(version(bar, 40));
		expect(timeline.barsAhead(0)).toBe(3);
		expect(timeline.barsAhead(11.9)).toBe(1);
		expect(timeline.barsAhead(12)).toBe(0);
		expect(timeline.barsAhead(-0.5)).toBe(4);
		timeline.replaceFrom(2);
		expect(timeline.barsAhead(0)).toBe(1);
	});

	it('begins anew when it is cleared', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 4; bar++) timeline.place(version(bar, 40));
		timeline.close(2);
		timeline.clear();
		expect(timeline.notesBetween(0, 100)).toEqual([]);
		expect(timeline.noteAt(0)).toBeUndefined();
		expect(timeline.place(version(0, 41))!.slot).toBe(0);
	});
});

describe('bars that are written again', () => {
	it('take the slots of the old ones, which stand in until the first new one is there', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 4; bar++) timeline.place(version(bar, 40 + bar));
		timeline.close(0);
		timeline.replaceFrom(2);
		expect(timeline.expectedBar).toBe(2);
		expect([2, 3].map((slot) => pitchesIn(timeline, slot))).toEqual([[42], [43]]);
		expect(timeline.place(version(2, 60))!.slot).toBe(2);
		expect([1, 2, 3].map((slot) => pitchesIn(timeline, slot))).toEqual([[41], [60], undefined]);
		expect(timeline.place(version(3, 61))!.slot).toBe(3);
		expect(timeline.place(version(4, 62))!.slot).toBe(4);
	});

	it('go to the next slot when an old one had to sound in the meantime', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 3; bar++) timeline.place(version(bar, 40 + bar));
		timeline.close(0);
		timeline.replaceFrom(1);
		timeline.close(1);
		expect(timeline.place(version(1, 60))!.slot).toBe(2);
		expect(pitchesIn(timeline, 1)).toEqual([41]);
		expect(timeline.place(version(2, 61))!.slot).toBe(3);
	});

	it('are recognised by their number when nobody announced them', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 4; bar++) timeline.place(version(bar, 40 + bar));
		expect(timeline.place(version(2, 60))!.slot).toBe(2);
		expect(timeline.expectedBar).toBe(3);
	});

	it('make bars that were on their way from before void', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 3; bar++) timeline.place(version(bar, 40 + bar));
		timeline.replaceFrom(1);
		expect(timeline.place(version(3, 43))).toBeNull();
		expect(timeline.place(version(1, 60))!.slot).toBe(1);
	});

	it('begin at the earliest with the first that has not begun to be scheduled', () => {
		const timeline = new Timeline();
		expect(timeline.firstReplaceableBar()).toBe(0);
		for (let bar = 0; bar < 3; bar++) timeline.place(version(bar, 40 + bar));
		timeline.close(0);
		expect(timeline.firstReplaceableBar()).toBe(1);
		expect(timeline.openSlot).toBe(1);
		timeline.close(2);
		expect(timeline.firstReplaceableBar()).toBe(3);
		timeline.repeat(3);
		timeline.close(3);
		expect(timeline.firstReplaceableBar()).toBe(3);
		expect(timeline.openSlot).toBe(4);
	});
});

describe('repeating', () => {
	it('copies the notes of the bar before, keeps their frames, and marks the bar', () => {
		const timeline = new Timeline();
		timeline.place(writtenBar(0, [{ beat: 1.5, frames: { first: 3, last: 5 } }]));
		const repeated = timeline.repeat(1)!;
		expect(repeated).toMatchObject({ slot: 1, startBeat: 4, bar: 0, repeated: true });
		expect(repeated.notes[0]).toMatchObject({ beat: 5.5, frames: { first: 3, last: 5 } });
		expect(timeline.repeat(2)!.notes[0]!.beat).toBe(9.5);
	});

	it('can go round several bars', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 2; bar++) timeline.place(version(bar, 40 + bar));
		for (const slot of [2, 3, 4]) timeline.repeat(slot, 2);
		expect([2, 3, 4].map((slot) => pitchesIn(timeline, slot))).toEqual([[40], [41], [40]]);
	});

	it('does nothing where a bar stands or nothing stands before', () => {
		const timeline = new Timeline();
		expect(timeline.repeat(0)).toBeNull();
		timeline.place(version(0, 40));
		timeline.place(version(1, 41));
		expect(timeline.repeat(1)).toBeNull();
		expect(timeline.repeat(5)).toBeNull();
		expect(pitchesIn(timeline, 1)).toEqual([41]);
	});
});

describe('looking a note up by the position of a token', () => {
	it('finds the note whose frames hold it, and nothing for other tokens', () => {
		const timeline = new Timeline();
		timeline.place(
			writtenBar(0, [
				{ beat: 0, pitch: 40, frames: { first: 9, last: 10 } },
				{ beat: 1, pitch: 41, frames: { first: 11, last: 11 } }
			])
		);
		expect([8, 9, 10, 11, 12].map((position) => timeline.noteAt(position)?.pitch)).toEqual([
			undefined,
			40,
			40,
			41,
			undefined
		]);
	});

	it('finds the note where it was first placed, not its repetition', () => {
		const timeline = new Timeline();
		timeline.place(writtenBar(0, [{ beat: 1, frames: { first: 9, last: 9 } }]));
		timeline.repeat(1);
		expect(timeline.noteAt(9)!.beat).toBe(1);
	});

	it('finds the new note after a bar was written again with fewer', () => {
		const timeline = new Timeline();
		timeline.place(
			writtenBar(0, [
				{ beat: 0, pitch: 40, frames: { first: 9, last: 9 } },
				{ beat: 1, pitch: 41, frames: { first: 10, last: 10 } }
			])
		);
		timeline.place(writtenBar(0, [{ beat: 0, pitch: 50, frames: { first: 9, last: 9 } }]));
		expect(timeline.noteAt(9)!.pitch).toBe(50);
		expect(timeline.noteAt(10)).toBeUndefined();
	});

	it('forgets bars 64 behind the one that is scheduled', () => {
		const timeline = new Timeline();
		for (let bar = 0; bar < 80; bar++) {
			timeline.place(writtenBar(bar, [{ beat: 0, frames: { first: bar, last: bar } }]));
			timeline.close(bar);
		}
		expect(timeline.noteAt(15)).toBeUndefined();
		expect(timeline.notesBetween(0, 64)).toEqual([]);
		expect(timeline.noteAt(16)!.beat).toBe(64);
		expect(timeline.notesBetween(0, 320)).toHaveLength(64);
	});
});

describe('whatever writer and scheduler do', () => {
	const step = fc.oneof(
		{ weight: 5, arbitrary: fc.constant('write' as const) },
		{ weight: 3, arbitrary: fc.constant('play' as const) },
		{ weight: 1, arbitrary: fc.constant('rewrite' as const) }
	);

	it('no slot stays empty, played slots never change, and new bars are heard in the order of writing', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
				const timeline = new Timeline();
				timeline.place(version(0, 0));
				let slot = 0;
				let written = 1;
				const played: number[] = [];
				for (const action of steps) {
					if (action === 'write') {
						timeline.place(version(timeline.expectedBar, written++ % 128));
					} else if (action === 'rewrite') {
						timeline.replaceFrom(timeline.firstReplaceableBar());
					} else {
						const bar = timeline.barAt(slot) ?? timeline.repeat(slot)!;
						expect(bar).not.toBeNull();
						timeline.close(slot++);
						played.push(bar.notes[0]!.pitch);
					}
				}
				const heard = Array.from({ length: slot }, (_, at) => pitchesIn(timeline, at)![0]!);
				expect(heard).toEqual(played);
				for (let i = 1; i < heard.length; i++) {
					expect(heard[i]!).toBeGreaterThanOrEqual(heard[i - 1]!);
				}
			})
		);
	});
});
