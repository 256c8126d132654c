/**
 * A knob a movement: the bells ring the brighter the larger the singular value, the organ opens with the order of the value
 * matrices, the gates say how long the machine's plucks last, uneven norms brighten the harp, and at the end the bells go away into
 * the hall as the norms grow small. Before and after its movement a knob stays where that begins and ends.
 */
import { byFrobenius } from '../character';
import { evenlyPicked } from '../form';
import { knobLine, type KnobMove } from '../knobLine';
import { deviationOf, singularValuesOf, wholeOf, type Source } from '../readings';
import type { Automation, Section } from '../score';
import { allNorms, gateOf, type ModelStatistics } from '../statistics';

interface MovementKnob {
	readonly parameter: string;
	readonly way: Pick<KnobMove, 'from' | 'to' | 'bend'>;
	/** the numbers of a movement of so many bars */
	numbers(model: ModelStatistics, bars: number): Source[];
}

/** In the order of the movements. */
const KNOBS: readonly MovementKnob[] = [
	{
		parameter: 'lead.brightness',
		way: { from: 0.44, to: 0.4, bend: 0.24 },
		numbers: ({ embedding }, bars) => singularValuesOf(embedding, bars)
	},
	{
		parameter: 'chords.brightness',
		way: { from: 0.4, to: 0.62, bend: 0.22 },
		numbers: ({ layers }) => layers.map(({ matrices }) => wholeOf(matrices.value, 'order'))
	},
	{
		parameter: 'arp.decay',
		way: { from: 0.26, to: 0.6, bend: 0.16 },
		numbers: ({ layers }) => layers.map((layer) => wholeOf(gateOf(layer), 'deviation'))
	},
	{
		parameter: 'arp.brightness',
		way: { from: 0.4, to: 0.5, bend: 0.28 },
		numbers: (model, bars) => evenlyPicked(allNorms(model), bars).map(deviationOf)
	},
	{
		parameter: 'lead.reverb',
		way: { from: 0.66, to: 0.88, bend: -0.06 },
		numbers: (model, bars) => evenlyPicked(byFrobenius(model), bars)
	}
];

export function dnaKnobs(model: ModelStatistics, movements: readonly Section[]): Automation[] {
	return KNOBS.map(({ parameter, way, numbers }, movement) => {
		const { beat, bars } = movements[movement]!;
		return knobLine(parameter, [{ bar: beat / 4, bars, readings: numbers(model, bars), ...way }]);
	});
}
