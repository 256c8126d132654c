import { beforeEach, describe, expect, it } from 'vitest';
import {
	fromTravel,
	parameterOf,
	type NumberParameter
} from '../../../src/lib/controls/parameters';
import { ScoreKnobs, bpmAt, valueAt } from '../../../src/lib/instrument/scoreKnobs';
import { scorePerformance } from '../../../src/lib/instrument/scorePerformance';
import { scoreOf } from './scores';

const CUTOFF = parameterOf('bass.cutoff') as NumberParameter;
const SCORE = scoreOf(4, {
	tempos: [
		{ beat: 0, bpm: 120 },
		{ beat: 8, bpm: 60 }
	]
});

let turned: { id: string; value: number; time: number }[];
let putBack: string[];
let tempos: number[];
let knobs: ScoreKnobs;

beforeEach(() => {
	turned = [];
	putBack = [];
	tempos = [];
	knobs = new ScoreKnobs(SCORE, {
		scoreBeat: (beat) => (beat < 16 ? beat : null),
		timeAt: (beat) => beat / 2,
		turn: (id, value, time) => turned.push({ id, value, time }),
		putBack: (id) => putBack.push(id),
		setTempo: (bpm) => tempos.push(bpm)
	});
	knobs.begin(0);
});

describe('the knobs of a score', () => {
	it('follow its lines at every sixteenth, and hold their last value', () => {
		knobs.advance(4.01);
		expect(turned.map(({ time }) => time)).toEqual([...Array(17).keys()].map((step) => step / 8));
		expect(turned.at(-1)).toEqual({
			id: 'bass.cutoff',
			value: fromTravel(CUTOFF, 0.5),
			time: 2
		});
		knobs.advance(16);
		expect(turned.at(-1)).toMatchObject({ value: CUTOFF.max, time: 4 });
	});

	it('stay with the hand that turned one, and go back when the set ends', () => {
		knobs.advance(2);
		const before = turned.length;
		knobs.takeOver('bass.cutoff', 700);
		knobs.advance(6);
		expect(turned).toHaveLength(before);
		knobs.release(9);
		expect(putBack).toEqual([]);

		knobs.begin(0);
		knobs.advance(2);
		knobs.release(9);
		expect(putBack).toEqual(['bass.cutoff']);
	});

	it('keep the person’s tempo as a ratio when the score changes its own', () => {
		knobs.advance(1);
		expect(tempos).toEqual([120]);
		knobs.takeOver('transport.tempo', 150);
		knobs.advance(9);
		expect(tempos).toEqual([120, 75]);
		expect(bpmAt(SCORE, 7.9)).toBe(120);
	});

	it('read lines as straight between points', () => {
		const { points } = SCORE.automation[0]!;
		expect([-1, 0, 2, 8, 99].map((beat) => valueAt(points, beat))).toEqual([0, 0, 0.25, 1, 1]);
	});
});

describe('a score as a performance', () => {
	const options = {
		knobs: { 'transport.volume': 0 },
		tempoRatio: 1.25,
		swingPercent: 50,
		isHeard: () => true
	};

	it('lasts as long as its tempi say, at the person’s ratio', () => {
		const { seconds, bpm, events } = scorePerformance(SCORE, options);
		expect(bpm).toBe(150);
		expect(seconds).toBeCloseTo((8 * 60) / 150 + (8 * 60) / 75, 9);
		expect(events.filter(({ kind }) => kind === 'tempo')).toEqual([
			{ kind: 'tempo', time: (8 * 60) / 150, bpm: 75 }
		]);
		const notes = events.flatMap((event) => (event.kind === 'note' ? [event] : []));
		expect(notes).toHaveLength(16);
		expect(notes[9]!.time).toBeCloseTo((8 * 60) / 150 + 60 / 75, 9);
		expect(notes[9]!.note.durationSeconds).toBeCloseTo(30 / 75, 9);
	});

	it('turns knobs before the notes that they are for, and leaves out what is not heard', () => {
		const { events } = scorePerformance(SCORE, options);
		const atStart = events.filter(({ time }) => time === 0).map(({ kind }) => kind);
		expect(atStart).toEqual(['turn', 'note']);
		const muted = scorePerformance(SCORE, { ...options, isHeard: () => false });
		expect(muted.events.some(({ kind }) => kind === 'note')).toBe(false);
	});
});
