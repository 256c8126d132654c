/**
 * The knobs of the opera, in each act by the numbers that the act is about. Strings grow brighter with the tension, the lead
 * with what it sings, and the hall comes near where much is said at once: its reverb is longest where the opera is calm.
 */
import { byFrobenius } from '../character';
import { evenlyPicked } from '../form';
import { knobLine, type KnobMove } from '../knobLine';
import { gains, gaps, layerTension, rowNorms, wholeOf, type Source } from '../readings';
import type { Automation, Section } from '../score';
import type { ModelStatistics } from '../statistics';

/** Singers of the canon, one a phrase of four bars. */
const CANON_PHRASE_BARS = 4;

/** How far a knob goes in an act, and how far its numbers bend it. */
type Way = readonly [from: number, to: number, bend: number];

/** A line of a knob through overture, canon, climax and dénouement. */
interface Line {
	readonly parameter: string;
	readonly ways: readonly [Way, Way, Way, Way];
	/** the numbers of each act */
	numbers(model: ModelStatistics, acts: readonly Section[]): Source[][];
}

const LINES: readonly Line[] = [
	{
		parameter: 'chords.brightness',
		ways: [
			[0.24, 0.56, 0.08],
			[0.46, 0.64, 0.1],
			[0.66, 0.66, 0.3],
			[0.6, 0.24, 0.08]
		],
		numbers: (model, [overture, canon, , denouement]) => [
			gaps(model.embedding, overture!.bars / 2),
			subjects(model, canon!, 'kurtosis'),
			model.layers.map(layerTension),
			normsTold(model, denouement!)
		]
	},
	{
		parameter: 'lead.brightness',
		ways: [
			[0.2, 0.44, 0.05],
			[0.32, 0.5, 0.08],
			[0.46, 0.62, 0.16],
			[0.46, 0.14, 0.06]
		],
		numbers: (model, [overture, canon, climax, denouement]) => [
			rowNorms(model.embedding, overture!.bars),
			subjects(model, canon!, 'order'),
			firstRows(model, climax!),
			gains(model.finalNorm, denouement!.bars)
		]
	},
	{
		parameter: 'chords.reverb',
		ways: [
			[0.84, 0.76, 0.03],
			[0.74, 0.7, 0.03],
			[0.75, 0.75, -0.1],
			[0.78, 0.9, 0.02]
		],
		numbers: (model, [overture, canon, , denouement]) => [
			gaps(model.embedding, overture!.bars / 2),
			subjects(model, canon!, 'deviation'),
			model.layers.map(layerTension),
			normsTold(model, denouement!)
		]
	}
];

export function operaKnobs(model: ModelStatistics, acts: readonly Section[]): Automation[] {
	return LINES.map(({ parameter, ways, numbers }) => {
		const series = numbers(model, acts);
		const moves = acts.map(({ beat, bars }, act): KnobMove => {
			const [from, to, bend] = ways[act]!;
			return { bar: beat / 4, bars, readings: series[act]!, from, to, bend };
		});
		return knobLine(parameter, moves);
	});
}

/** One number a phrase of the canon: of the matrix whose phrase the violins sing, in the layer in the middle. */
function subjects(
	{ layers }: ModelStatistics,
	{ bars }: Section,
	statistic: 'kurtosis' | 'order' | 'deviation'
): Source[] {
	const { query, key, value, output } = layers[Math.floor(layers.length / 2)]!.matrices;
	const sung = [query, key, value, output].map((matrix) => wholeOf(matrix, statistic));
	return Array.from({ length: bars / CANON_PHRASE_BARS }, (_, at) => sung[at % sung.length]!);
}

/** What the violins begin each bar of the climax with: rows of the value matrices. */
function firstRows({ layers }: ModelStatistics, { bars }: Section): Source[] {
	const perLayer = bars / layers.length;
	return layers.flatMap(({ matrices }) =>
		Array.from({ length: perLayer }, (_, inLayer) => rowNorms(matrices.value, 16, inLayer)[0]!)
	);
}

/** The norms along which the dénouement goes down, one a bar as far as they go. */
function normsTold(model: ModelStatistics, { bars }: Section): Source[] {
	return evenlyPicked(byFrobenius(model), bars);
}
