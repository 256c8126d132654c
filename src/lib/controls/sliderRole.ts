/** How a control that turns a parameter presents itself to screen readers and tests: one slider, whatever it looks like. */
import { highest, lowest, spokenName } from './gestures';
import { speakParameter, type Parameter } from './parameters';

/** The attributes of the element that has the focus. */
export function sliderRole(parameter: Parameter, value: number) {
	return {
		role: 'slider',
		tabindex: 0,
		'aria-label': spokenName(parameter),
		'aria-valuemin': lowest(parameter),
		'aria-valuemax': highest(parameter),
		'aria-valuenow': value,
		'aria-valuetext': speakParameter(parameter, value),
		'data-parameter': parameter.id
	} as const;
}
