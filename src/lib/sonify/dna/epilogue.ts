/**
 * V, the epilogue: the Frobenius norms of the matrices (evenly picked where there are many), from the largest to the least, as
 * bells that come down and die away over the organ, to the tonic. The gains of the last norm lead its chords.
 */
import { byFrobenius } from '../character';
import { chordOn, nearestChordTone, progression, voice } from '../chords';
import { evenlyPicked } from '../form';
import { between, ranksOf } from '../ranks';
import { gains } from '../readings';
import { inOctaveFrom, type Scale } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import type { ModelStatistics } from '../statistics';
import { BASS, BELLS, ORGAN, type MovementMusic } from './ensemble';

/** Two bells a bar. */
const MOST_BELLS = 28;
const CLOSE_BARS = 2;

export function epilogue(model: ModelStatistics, scale: Scale, start: number): MovementMusic {
	const norms = evenlyPicked(byFrobenius(model), MOST_BELLS);
	const ranks = ranksOf(norms);
	const bodyBars = 2 * Math.ceil(norms.length / 4);
	const bars = bodyBars + CLOSE_BARS;
	const degrees = progression(scale, ranksOf(gains(model.finalNorm, bodyBars / 2)));
	const notes: ScoreNote[] = [];
	let voiced: readonly number[] | null = null;
	for (let bar = 0; bar < bars; bar += 2) {
		const closing = bar >= bodyBars;
		const chord = chordOn(scale, closing ? 0 : degrees[bar / 2]!, 3);
		const source = norms[Math.min(2 * bar, norms.length - 1)]!;
		const loud = between(0.5, 0.16, bar / bars);
		voiced = voice(chord.classes, { low: 50, high: 72 }, voiced);
		for (const pitch of voiced) {
			notes.push(noteAt(ORGAN, start + bar, [0, 96], pitch, loud, source));
		}
		const root = inOctaveFrom(33, chord.classes[0]! + 120);
		notes.push(noteAt(BASS, start + bar, [0, 96], root, loud + 0.06, source));
		for (let i = 0; i < 4 && !closing; i++) {
			const norm = norms[2 * bar + i];
			if (!norm) break;
			const wanted = Math.round(between(62, 91, ranks[2 * bar + i]!));
			const pitch = nearestChordTone(chord, wanted, { low: 60, high: 93 });
			const velocity = between(0.2, 0.68, ranks[2 * bar + i]!);
			notes.push(noteAt(BELLS, start + bar + (i >> 1), [24 * (i % 2), 24], pitch, velocity, norm));
		}
	}
	return { bars, notes };
}
