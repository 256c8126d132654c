/** From parameter values to what is asked of the model. */
import type { ParameterValues } from '../controls/parameterValues';
import { VOICE_TRACKS } from '../controls/parameters';
import type { GenerationControls } from '../generate/protocol';

export function controlsOf(values: ParameterValues): GenerationControls {
	return {
		style: values.get('model.style'),
		section: values.choiceOrAuto('model.section'),
		energy: values.choiceOrAuto('model.energy'),
		tempo: values.get('transport.tempo'),
		key: values.choiceOrAuto('model.key'),
		mode: values.choiceOrAuto('model.mode'),
		density: Object.fromEntries(
			VOICE_TRACKS.map((track) => [track, values.choiceOrAuto(`${track}.density`)])
		),
		scaleLock: values.get('model.scaleLock') / 100,
		temperature: values.get('model.temperature'),
		topP: values.get('model.topP'),
		seed: values.get('model.seed')
	};
}
