/**
 * Opera: four acts for orchestra at 66 BPM, without a break. An overture on the table of words, a canon of query, key, value
 * and output, a climax through the layers, and a dénouement along the Frobenius norms.
 */
import { characterOf, layerCurves } from '../character';
import { keyOf } from '../key';
import { inOrder, type Score, type ScoreNote, type Section } from '../score';
import type { ModelStatistics } from '../statistics';
import { canon } from './canon';
import { climax } from './climax';
import { denouement } from './denouement';
import { operaKnobs } from './knobs';
import { ORCHESTRA } from './orchestra';
import { overture } from './overture';

const BPM = 66;

const ACTS = [overture, canon, climax, denouement];

export function opera(model: ModelStatistics): Score {
	const key = keyOf(model);
	const curves = layerCurves(model);
	const character = characterOf(model);
	const notes: ScoreNote[] = [];
	const sections: Section[] = [];
	let bar = 0;
	for (const act of ACTS) {
		const { name, bars, scale, notes: played } = act({ model, key, curves, character, bar });
		sections.push({ name, beat: 4 * bar, bars, scale: scale.name, tonic: scale.tonic });
		notes.push(...played);
		bar += bars;
	}
	return {
		piece: 'opera',
		model: model.name,
		key,
		character,
		bars: bar,
		tempos: [{ beat: 0, bpm: BPM }],
		parts: ORCHESTRA,
		sections,
		notes: inOrder(ORCHESTRA, notes),
		automation: operaKnobs(model, sections)
	};
}
