/**
 * Weight DNA: a model from end to end in five movements, each in the mode that the notebooks after which it is named give it
 * (Vigier, "weights-to-harmonic-midi"). Their tonics lie as theirs do, on the first, sixth and third degree of C major, and
 * the last is home.
 */
import { characterOf } from '../character';
import { keyOf } from '../key';
import { scaleOn } from '../scale';
import { inOrder, type Score, type ScoreNote, type Section } from '../score';
import type { ModelStatistics } from '../statistics';
import { anatomy } from './anatomy';
import { balance } from './balance';
import { ENSEMBLE, type Movement } from './ensemble';
import { epilogue } from './epilogue';
import { dnaKnobs } from './knobs';
import { memory } from './memory';
import { prologue } from './prologue';

export const MOVEMENTS: readonly Movement[] = [
	{ name: 'I Prologue', scale: 'lydian', above: 0, bpm: 66, compose: prologue },
	{ name: 'II Anatomy', scale: 'dorian', above: 9, bpm: 88, compose: anatomy },
	{ name: 'III Memory', scale: 'phrygian', above: 4, bpm: 112, compose: memory },
	{ name: 'IV Balance', scale: 'major pentatonic', above: 0, bpm: 96, compose: balance },
	{ name: 'V Epilogue', scale: 'mixolydian', above: 0, bpm: 60, compose: epilogue }
];

export function dna(model: ModelStatistics): Score {
	const key = keyOf(model);
	const notes: ScoreNote[] = [];
	const sections: Section[] = [];
	const tempos: { beat: number; bpm: number }[] = [];
	let bar = 0;
	for (const { name, scale: mode, above, bpm, compose } of MOVEMENTS) {
		const scale = scaleOn((key.tonic + above) % 12, mode);
		const { bars, notes: played } = compose(model, scale, bar);
		sections.push({ name, beat: 4 * bar, bars, scale: mode, tonic: scale.tonic });
		tempos.push({ beat: 4 * bar, bpm });
		notes.push(...played);
		bar += bars;
	}
	return {
		piece: 'dna',
		model: model.name,
		key,
		character: characterOf(model),
		bars: bar,
		tempos,
		parts: ENSEMBLE,
		sections,
		notes: inOrder(ENSEMBLE, notes),
		automation: dnaKnobs(model, sections)
	};
}
