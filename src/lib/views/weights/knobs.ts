/** The knobs of a piece at a beat, in words, with the number that set each. Pure. */
import { TRACK_LABELS, fromTravel, parameterOf, speakParameter } from '../../controls/parameters';
import type { Source } from '../../sonify/readings';
import type { Automation } from '../../sonify/score';

export interface KnobFact {
	/** id of the parameter */
	readonly id: string;
	/** "Strings, brightness" */
	readonly name: string;
	/** "3200 Hz" */
	readonly value: string;
	readonly source: Source;
}

/** Where each line last set its knob. Lines of what is no knob are left out. */
export function knobsAt(automation: readonly Automation[], beat: number): KnobFact[] {
	return automation.flatMap(({ parameter, points }) => {
		const knob = parameterOf(parameter);
		const point = points.findLast((one) => one.beat <= beat) ?? points[0];
		if (knob.kind !== 'number' || !point) return [];
		const track = knob.group in TRACK_LABELS ? `${TRACK_LABELS[knob.group as 'lead']}, ` : '';
		return {
			id: parameter,
			name: track + knob.label.toLowerCase(),
			value: speakParameter(knob, fromTravel(knob, point.value)),
			source: point.source
		};
	});
}
