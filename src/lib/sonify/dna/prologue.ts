/**
 * I, the prologue: 48 singular values of the table of words, a bell for each, as high as its logarithm and as loud, over an
 * organ whose chords the gaps between them choose, and a tonic that stays.
 */
import { chordOn, progression, voice } from '../chords';
import { between, ranksOf } from '../ranks';
import { gaps, singularValuesOf, wholeOf } from '../readings';
import { inOctaveFrom, pitchesOf, type Scale } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import type { ModelStatistics } from '../statistics';
import { BASS, BELLS, ORGAN, type MovementMusic } from './ensemble';

const BARS = 12;

export function prologue(model: ModelStatistics, scale: Scale, start: number): MovementMusic {
	const { embedding } = model;
	const values = singularValuesOf(embedding, 4 * BARS);
	const logs = values.map(({ value }) => Math.log1p(value));
	const highest = Math.max(...logs);
	const lowest = Math.min(...logs);
	const pitches = pitchesOf(scale, 67, 95);
	const steps = gaps(embedding, BARS / 2);
	const degrees = progression(scale, ranksOf(steps));
	const notes: ScoreNote[] = [];
	let voiced: readonly number[] | null = null;
	for (let bar = 0; bar < BARS; bar++) {
		const loud = between(0.3, 0.62, bar / BARS);
		if (bar % 2 === 0) {
			const { classes } = chordOn(scale, degrees[bar / 2]!, 3);
			voiced = voice(classes, { low: 52, high: 74 }, voiced);
			voiced.forEach((pitch) =>
				notes.push(noteAt(ORGAN, start + bar, [0, 96], pitch, loud, steps[bar / 2]!))
			);
		}
		if (bar % 4 === 0) {
			const root = inOctaveFrom(33, scale.tonic + 120);
			const whole = wholeOf(embedding, 'Frobenius norm');
			notes.push(noteAt(BASS, start + bar, [0, 192], root, loud + 0.1, whole));
		}
		for (let beat = 0; beat < 4; beat++) {
			const index = 4 * bar + beat;
			const height = highest > lowest ? (logs[index]! - lowest) / (highest - lowest) : 0.5;
			/** half by its logarithm, half by its place, for most values of a spectrum lie close together */
			const at = (height + 1 - index / (logs.length - 1)) / 2;
			const pitch = pitches[Math.round(at * (pitches.length - 1))]!;
			const velocity = between(0.34, 0.8, logs[index]! / highest);
			/** every other one from the lower of two towers */
			const rung = index % 2 === 1 ? pitch - 12 : pitch;
			notes.push(noteAt(BELLS, start + bar, [12 * beat, 18], rung, velocity, values[index]!));
		}
	}
	return { bars: BARS, notes };
}
