/**
 * A score as a performance in seconds, so that what bounces a recording bounces a score: its notes, knobs and tempi, at the
 * person's tempo, without the tracks that are not heard. Pure.
 */
import { BeatMap } from '../clock/beatMap';
import { swing } from '../clock/swing';
import { fromTravel, parameterOf } from '../controls/parameters';
import type { Track } from '../music/vocabulary';
import type { Knobs, PerformedEvent, Performance } from '../session/noteLog';
import { noteEvent } from '../sonify/noteEvent';
import { lengthInBeats, type Score } from '../sonify/score';
import { transportTempo, valueAt } from './scoreKnobs';

/** Knobs move this often, in beats. */
const SIXTEENTH = 0.25;

export interface PerformanceOptions {
	/** how all knobs stand */
	knobs: Knobs;
	/** the person's tempo over that of the score */
	tempoRatio: number;
	swingPercent: number;
	isHeard(track: Track): boolean;
}

export function scorePerformance(
	score: Score,
	{ knobs, tempoRatio, swingPercent, isHeard }: PerformanceOptions
): Performance {
	const tempos = score.tempos.map(({ beat, bpm }) => ({
		beat,
		bpm: transportTempo(bpm, tempoRatio)
	}));
	const { bpm } = tempos[0]!;
	const map = new BeatMap(bpm, 0);
	for (const tempo of tempos) map.setTempo(tempo.bpm, map.timeAt(tempo.beat));
	const timeAt = (beat: number): number => map.timeAt(swing(beat, swingPercent));
	const tempi = tempos.slice(1).map((tempo): PerformedEvent => ({
		kind: 'tempo',
		time: map.timeAt(tempo.beat),
		bpm: tempo.bpm
	}));
	const notes = score.notes.flatMap(({ track, beat, duration }, index): PerformedEvent[] => {
		if (!isHeard(track)) return [];
		const time = timeAt(beat);
		const durationSeconds = timeAt(beat + duration) - time;
		return [{ kind: 'note', time, note: { ...noteEvent(score, index), durationSeconds } }];
	});
	const rank = { silence: 0, tempo: 1, turn: 2, note: 3 };
	const events = [...tempi, ...turnsOf(score, timeAt), ...notes].sort(
		(a, b) => a.time - b.time || rank[a.kind] - rank[b.kind]
	);
	return { seconds: map.timeAt(lengthInBeats(score)), bpm, knobs, events };
}

function turnsOf(score: Score, timeAt: (beat: number) => number): PerformedEvent[] {
	const end = lengthInBeats(score);
	return score.automation.flatMap(({ parameter, points }) => {
		const knob = parameterOf(parameter);
		if (knob.kind !== 'number' || points.length === 0) return [];
		const turns: PerformedEvent[] = [];
		let before = Number.NaN;
		for (let beat = 0; beat < end; beat += SIXTEENTH) {
			const value = fromTravel(knob, valueAt(points, beat));
			if (value === before) continue;
			before = value;
			turns.push({ kind: 'turn', time: timeAt(beat), id: parameter, value });
		}
		return turns;
	});
}
