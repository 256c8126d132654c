import { describe, expect, it } from 'vitest';
import { AUDIO_HORIZON_SECONDS, START_LEAD_SECONDS } from '../../../src/lib/clock/scheduler';
import type { NoteEvent } from '../../../src/lib/music/notes';
import { run, setUp } from './schedulerRig';
import { writtenBar } from './written';

describe('a late tick', () => {
	/** Notes a sixteenth apart at 125 BPM: one every 0.12 s, the one of beat 4 at START_LEAD_SECONDS + 1.92. */
	const sixteenths = Array.from({ length: 16 }, (_, i) => ({ beat: i / 4, pitch: 40 + i }));
	const beat4 = START_LEAD_SECONDS + 1.92;

	function stall(untilAfterBeat4: number, notes: Partial<NoteEvent>[] = sixteenths) {
		const set = setUp(8, notes);
		set.scheduler.start(0, 125);
		run(set.scheduler, 0, beat4 - AUDIO_HORIZON_SECONDS - 0.01);
		set.voice.played = [];
		set.scheduler.tick(beat4 + untilAfterBeat4);
		return set;
	}

	it('plays a note that is less than 20 ms late at once', () => {
		const { voice, scheduler } = stall(0.015);
		expect(voice.played[0]).toMatchObject({ note: { beat: 4 }, time: beat4 + 0.015 });
		expect(scheduler.late).toEqual({ played: 1, moved: 0, dropped: 0 });
	});

	it('moves a note that is 20 to 100 ms late to the next sixteenth', () => {
		const { voice, scheduler } = stall(0.06);
		run(scheduler, beat4 + 0.06, beat4 + 0.3);
		const moved = voice.played.find(({ note }) => note.beat === 4)!;
		expect(moved.time).toBeCloseTo(scheduler.timeAt(4.25));
		expect(scheduler.late).toEqual({ played: 0, moved: 1, dropped: 0 });
	});

	it('drops a note that is more than 100 ms late, and counts it', () => {
		const { voice, scheduler } = stall(0.11);
		run(scheduler, beat4 + 0.11, beat4 + 1);
		expect(voice.beats).not.toContain(4);
		expect(voice.beats.slice(0, 2)).toEqual([4.25, 4.5]);
		expect(scheduler.late).toEqual({ played: 0, moved: 0, dropped: 1 });
	});

	it('waits for the sixteenth when it lies beyond the horizon, and keeps the order of time', () => {
		const notes = [{ beat: 0 }, { beat: 0.1875 }, { beat: 0.2 }];
		const set = setUp(2, notes);
		set.scheduler.start(0, 30);
		run(set.scheduler, 0, START_LEAD_SECONDS - AUDIO_HORIZON_SECONDS - 0.01);
		set.scheduler.tick(START_LEAD_SECONDS + 0.05);
		expect(set.voice.beats).toEqual([]);
		run(set.scheduler, START_LEAD_SECONDS + 0.05, 1);
		expect(set.voice.beats).toEqual([0.1875, 0.2, 0]);
		expect(set.voice.played[2]!.time).toBeCloseTo(START_LEAD_SECONDS + 0.5);
	});

	it('moves a note among those that follow in the same tick, in order of time', () => {
		const set = setUp(8, sixteenths);
		set.scheduler.start(0, 200);
		run(set.scheduler, 0, START_LEAD_SECONDS + 1.2 - AUDIO_HORIZON_SECONDS - 0.01);
		set.voice.played = [];
		set.scheduler.tick(START_LEAD_SECONDS + 1.2 + 0.05);
		expect(set.voice.beats).toHaveLength(3);
		expect(set.voice.beats.at(-1)).toBe(4.5);
		expect(set.scheduler.late.moved).toBe(1);
	});

	it('drops a note that would be moved onto itself: the same pitch is played there anyway', () => {
		const same = sixteenths.map(({ beat }) => ({ beat, pitch: 42 }));
		const { voice, scheduler } = stall(0.06, same);
		run(scheduler, beat4 + 0.06, beat4 + 0.3);
		expect(voice.beats.filter((beat) => beat <= 4.25)).toEqual([4.25]);
		expect(scheduler.late).toEqual({ played: 0, moved: 0, dropped: 1 });
	});

	it('of a minute is followed by no burst: at most what one sixteenth holds comes at a time', () => {
		const { voice, scheduler } = setUp(400, sixteenths);
		scheduler.start(0, 125);
		run(scheduler, 0, 5);
		voice.played = [];
		scheduler.tick(65);
		expect(voice.played.length).toBeLessThanOrEqual(3);
		run(scheduler, 65, 70);
		for (const { time } of voice.played) {
			const together = voice.played.filter((other) => Math.abs(other.time - time) < 0.05);
			expect(together.length).toBeLessThanOrEqual(2);
		}
		expect(voice.played.every(({ time }) => time >= 65)).toBe(true);
		expect(scheduler.late.dropped).toBeGreaterThan(400);
	});
});

describe('a late writer', () => {
	it('is covered by repeating the last bar, until its bar comes: that goes to the next free slot', () => {
		const { scheduler, timeline, voice, due } = setUp(2);
		scheduler.start(0, 240);
		run(scheduler, 0, 3.2);
		expect(scheduler.repeating).toBe(true);
		timeline.place(writtenBar(2, [{ beat: 0, pitch: 99 }]));
		run(scheduler, 3.2, 6);
		expect(due.map(({ slot, bar, repeated }) => [slot, bar, repeated])).toEqual([
			[0, 0, false],
			[1, 1, false],
			[2, 1, true],
			[3, 1, true],
			[4, 2, false],
			[5, 2, true]
		]);
		expect(voice.beats.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, beat) => beat));
		expect(voice.played.find(({ note }) => note.pitch === 99)!.note.beat).toBe(16);
	});

	it('is covered by as many bars as are asked for', () => {
		const { scheduler, due, settings } = setUp(2);
		settings.repeatedBars = 2;
		scheduler.start(0, 240);
		run(scheduler, 0, 4.5);
		expect(due.map(({ bar }) => bar)).toEqual([0, 1, 0, 1, 0]);
	});

	it('is in time when its bar arrives before the bar begins within the horizon', () => {
		const { scheduler, timeline, due } = setUp(1);
		scheduler.start(0, 240);
		run(scheduler, 0, START_LEAD_SECONDS + 1 - AUDIO_HORIZON_SECONDS - 0.03);
		timeline.place(writtenBar(1, [{ beat: 0 }]));
		run(scheduler, 1, 1.5);
		expect(due.map(({ repeated }) => repeated)).toEqual([false, false]);
		expect(scheduler.repeating).toBe(false);
	});

	it('that has written nothing at all leaves silence, and its first bar begins with a bar', () => {
		const { scheduler, timeline, voice } = setUp(0);
		scheduler.start(0, 240);
		run(scheduler, 0, 1.5);
		timeline.place(writtenBar(0, [{ beat: 0 }]));
		run(scheduler, 1.5, 2.5);
		expect(voice.beats).toEqual([8]);
	});
});
