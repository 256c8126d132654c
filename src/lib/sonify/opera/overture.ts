/**
 * Act I, overture: the table of words, where everything begins. A chord every two bars over the gaps of its spectrum, from
 * nothing to mezzo forte: basses and cellos, then all strings, the harp, and at last the oboe with a melody from the lengths
 * of word vectors. It ends on a chord that asks for more.
 */
import { chordOn, nearestChordTone, progression, type Chord } from '../chords';
import { between, pick, ranksOf } from '../ranks';
import { gaps, rowNorms } from '../readings';
import { nearestDegree, pitchOfDegree, scaleOn } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import {
	BASSES,
	CELLOS,
	OBOE,
	RANGES,
	VIOLAS,
	VIOLINS,
	harpArpeggio,
	heldStrings,
	inFourParts,
	type Act,
	type ActContext,
	type FourParts
} from './orchestra';

const BARS = 24;
const CHORD_BARS = 2;

/** The melody's rhythm in two bars, onset and length in steps: from the calmest to the most moved. */
const MELODIES: readonly (readonly (readonly (readonly [number, number])[])[])[] = [
	[
		[
			[0, 36],
			[36, 12]
		],
		[[0, 48]]
	],
	[
		[
			[0, 24],
			[24, 12],
			[36, 12]
		],
		[
			[0, 18],
			[18, 6],
			[24, 24]
		]
	],
	[
		[
			[0, 12],
			[12, 6],
			[18, 6],
			[24, 18],
			[42, 6]
		],
		[
			[0, 18],
			[18, 6],
			[24, 12],
			[36, 12]
		]
	]
];

export function overture({ model, key, character, bar: start }: ActContext): Act {
	const { embedding } = model;
	const scale = scaleOn(key.tonic, key.mode);
	const steps = gaps(embedding, BARS / CHORD_BARS);
	const degrees = progression(scale, ranksOf(steps));
	/** norms that treat channels unevenly move the melody */
	const melodyRhythm = pick(MELODIES, 1.5 * character.imbalance);
	const words = rowNorms(embedding, 8 * BARS);
	const heights = ranksOf(words);
	const notes: ScoreNote[] = [];
	let voiced: FourParts | null = null;
	let melody = 74;
	for (let bar = 0; bar < BARS; bar++) {
		const at = bar / BARS;
		const index = Math.floor(bar / CHORD_BARS);
		const chord: Chord = chordOn(scale, degrees[index]!, 4);
		const loud = between(0.16, 0.62, at);
		if (bar % CHORD_BARS === 0) {
			voiced = inFourParts(chord, voiced);
			const players =
				bar < 4
					? [CELLOS, BASSES]
					: bar < 8
						? [VIOLAS, CELLOS, BASSES]
						: [VIOLINS, VIOLAS, CELLOS, BASSES];
			const sources = players.map((_, i) =>
				i === players.length - 1 ? steps[index]! : words[8 * bar + i]!
			);
			notes.push(...heldStrings(start + bar, [0, 48 * CHORD_BARS], voiced, loud, sources, players));
		}
		if (bar >= 6 && bar % 2 === 1) {
			const sources = words.slice(8 * bar, 8 * bar + 8);
			notes.push(...harpArpeggio(start + bar, chord, voiced!.bass + 12, 0.7 * loud, sources));
		}
		if (bar < 10) continue;
		melodyRhythm[bar % 2]!.forEach(([step, length], i) => {
			const source = words[8 * bar + i]!;
			const wanted = between(66, 83, heights[8 * bar + i]!);
			/** half-way to where the word points */
			const target = Math.round((melody + wanted) / 2);
			melody =
				step % 24 === 0
					? nearestChordTone(chord, target, RANGES.oboe!)
					: pitchOfDegree(scale, nearestDegree(scale, target));
			notes.push(noteAt(OBOE, start + bar, [step, length], melody, loud + 0.1, source));
		});
	}
	return { name: 'Overture', bars: BARS, scale, notes };
}
