import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Scheduler } from '../../../src/lib/clock/scheduler';
import { Timeline } from '../../../src/lib/clock/timeline';
import { ScoreAuthor } from '../../../src/lib/instrument/scoreAuthor';
import { scoreOf } from './scores';

const BARS = 6;
const TICK = 0.025;

let timeline: Timeline;
let author: ScoreAuthor;
let scheduler: Scheduler;
let played: { beat: number; bar: number; index: number }[];
let now: number;

beforeEach(() => {
	timeline = new Timeline();
	author = new ScoreAuthor(scoreOf(BARS), timeline);
	played = [];
	now = 0;
	scheduler = new Scheduler({
		timeline,
		swingPercent: () => 50,
		muted: () => false,
		repeatedBars: () => 1,
		onScheduled: ({ beat, pitch, frames }) =>
			played.push({ beat, bar: pitch - 40, index: frames.first }),
		onBarDue: (bar) => expect(bar.repeated).toBe(false)
	});
});

function begin(from: number, loop: { from: number; to: number } | null = null): void {
	author.begin(from, loop);
	scheduler.start(0, 120);
}

/** Plays until a beat of the set is scheduled. */
function playTo(beat: number): void {
	while (scheduler.beatAt(now) < beat) {
		author.keepAhead(scheduler.beatAt(now + 0.15));
		scheduler.tick(now);
		now += TICK;
	}
}

/** The bar of the score that each bar of the set was, where it began. */
function barsPlayed(): number[] {
	return played.filter(({ beat }) => beat % 4 === 0).map(({ bar }) => bar);
}

describe('a score on the timeline', () => {
	it('is played from its beginning to its end, each note once, and then there is silence', () => {
		begin(0);
		playTo(4 * BARS + 6);
		expect(played.map(({ index }) => index)).toEqual([...Array(4 * BARS).keys()]);
		expect(author.isOver(4 * BARS - 0.1)).toBe(false);
		expect(author.isOver(4 * BARS)).toBe(true);
	});

	it('begins with any bar', () => {
		begin(3);
		playTo(7);
		expect(barsPlayed().slice(0, 2)).toEqual([3, 4]);
		expect(author.beatAt(5.5)).toBe(17.5);
	});

	it('goes elsewhere at the bar line that it names, and tells from then on where it is', () => {
		begin(0);
		playTo(1.5);
		const beat = author.seek(4);
		expect(beat).toBe(4);
		playTo(11);
		expect(barsPlayed()).toEqual([0, 4, 5]);
		expect(author.beatAt(beat + 1)).toBe(17);
	});

	it('goes round a loop until it is told not to', () => {
		begin(1, { from: 1, to: 3 });
		playTo(14);
		expect(barsPlayed().slice(0, 4)).toEqual([1, 2, 1, 2]);
		author.goRound(null);
		playTo(22);
		expect(barsPlayed().slice(0, 6)).toEqual([1, 2, 1, 2, 3, 4]);
	});

	it('goes to a loop that it is not in, and stays where it is in one that it is in', () => {
		begin(0);
		playTo(1);
		expect(author.goRound({ from: 4, to: 6 })).toBe(4);
		playTo(13);
		expect(barsPlayed()).toEqual([0, 4, 5, 4]);
		author.goRound({ from: 3, to: 5 });
		playTo(21);
		expect(barsPlayed()).toEqual([0, 4, 5, 4, 3, 4]);
	});

	it('comes back from its end when a loop or a seek asks for it', () => {
		begin(5);
		playTo(5);
		expect(author.isOver(5)).toBe(true);
		author.seek(2);
		playTo(9);
		expect(barsPlayed()).toEqual([5, 2]);
	});

	it('never plays a note late or twice, wherever hands jump', () => {
		const jump = fc.record({
			after: fc.integer({ min: 1, max: 40 }),
			to: fc.integer({ min: 0, max: BARS - 1 }),
			round: fc.boolean()
		});
		fc.assert(
			fc.property(fc.array(jump, { maxLength: 8 }), (jumps) => {
				timeline.clear();
				played = [];
				now = 0;
				begin(0);
				for (const { after, to, round } of jumps) {
					playTo(scheduler.beatAt(now) + after / 4);
					if (round) author.goRound({ from: to, to: to + 1 });
					else author.seek(to);
				}
				const beats = played.map(({ beat }) => beat);
				expect(new Set(beats).size).toBe(beats.length);
				for (const { beat, index } of played) expect(beat % 4).toBe(index % 4);
				expect(scheduler.late).toEqual({ played: 0, moved: 0, dropped: 0 });
			}),
			{ numRuns: 60 }
		);
	});
});
