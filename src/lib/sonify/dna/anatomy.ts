/**
 * II, the anatomy: layer by layer, query sings the highest part, key and value the middle ones, output the lowest, each from
 * the gaps in its spectrum. Chords move by the rows of the output matrix.
 */
import { chordOn, nearestChordTone, progression } from '../chords';
import { barsPerLayer } from '../form';
import { between, ranksOf } from '../ranks';
import { gaps, rowNorms } from '../readings';
import { inOctaveFrom, nearestDegree, pitchOfDegree, type Scale } from '../scale';
import { noteAt, type Part, type ScoreNote } from '../score';
import type { ModelStatistics } from '../statistics';
import { BASS, BELLS, HARP, ORGAN, type MovementMusic } from './ensemble';

/** Part, range, and the rhythm of its two bars in steps: onset and length. */
const VOICES: readonly {
	role: 'query' | 'key' | 'value' | 'output';
	part: Part;
	low: number;
	high: number;
	rhythm: readonly (readonly (readonly [number, number])[])[];
}[] = [
	{
		role: 'query',
		part: BELLS,
		low: 70,
		high: 86,
		rhythm: [
			[
				[0, 12],
				[12, 12],
				[24, 18],
				[42, 6]
			],
			[
				[0, 24],
				[24, 12],
				[36, 12]
			]
		]
	},
	{
		role: 'key',
		part: HARP,
		low: 62,
		high: 76,
		rhythm: [
			[
				[6, 12],
				[18, 12],
				[30, 12]
			],
			[
				[6, 12],
				[18, 6],
				[24, 6],
				[30, 18]
			]
		]
	},
	{
		role: 'value',
		part: ORGAN,
		low: 52,
		high: 66,
		rhythm: [
			[
				[0, 24],
				[24, 24]
			],
			[
				[0, 36],
				[36, 12]
			]
		]
	},
	{
		role: 'output',
		part: BASS,
		low: 36,
		high: 52,
		rhythm: [
			[
				[0, 36],
				[36, 12]
			],
			[
				[0, 24],
				[24, 24]
			]
		]
	}
];

export function anatomy(model: ModelStatistics, scale: Scale, start: number): MovementMusic {
	const { layers } = model;
	const perLayer = barsPerLayer(layers.length, 16, [1, 2, 4, 8]);
	const bars = perLayer * layers.length;
	const boldness = layers.flatMap(({ matrices }) => rowNorms(matrices.output, perLayer));
	const degrees = progression(scale, ranksOf(boldness));
	const notes: ScoreNote[] = [];
	for (const { role, part, low, high, rhythm } of VOICES) {
		let before: number | null = null;
		for (let bar = 0; bar < bars; bar++) {
			const layer = Math.floor(bar / perLayer);
			const inLayer = bar % perLayer;
			const readings = gaps(layers[layer]!.matrices[role], 4 * perLayer);
			const ranks = ranksOf(readings);
			const chord = chordOn(scale, degrees[bar]!, 3);
			const loud = between(0.4, 0.66, bar / bars);
			rhythm[bar % 2]!.forEach(([step, steps], i) => {
				const index = 4 * inLayer + i;
				const wanted = between(low, high, ranks[index]!);
				const target = Math.round(before === null ? wanted : (before + wanted) / 2);
				/** the lowest part begins each bar with the root */
				const root =
					part === BASS && step === 0 ? inOctaveFrom(low, chord.classes[0]! + 120) : null;
				const pitch: number =
					root ??
					(step % 24 === 0 || part === HARP
						? nearestChordTone(chord, target, { low, high })
						: pitchOfDegree(scale, nearestDegree(scale, target)));
				before = pitch;
				notes.push(noteAt(part, start + bar, [step, steps], pitch, loud, readings[index]!));
			});
		}
	}
	return { bars, notes };
}
