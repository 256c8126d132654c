/** What the page is told of a model that is ready. */
import { parameterCount } from '../model/loadModel';
import { STYLES } from '../music/vocabulary';
import type { Engine } from './engine';
import { trainedOf, type FetchedModel } from './fetchModel';
import type { ModelDescription } from './protocol';

export function describeModel(fetched: FetchedModel, engine: Engine): ModelDescription {
	const { model, from, place, untrained } = fetched;
	const { decoder, reason, verification, tokensPerSecond } = engine;
	/** a twin is asked for what its model was trained on, so that the two can be compared */
	const styles = trainedOf(fetched).model.description?.styles ?? STYLES;
	return {
		name: model.name,
		parameters: parameterCount(model),
		bytes: model.bytes,
		from,
		place,
		untrainedSeed: untrained?.seed ?? null,
		styles: STYLES.flatMap((style, i) => (styles.includes(style) ? [i] : [])),
		layers: model.config.layers,
		heads: model.config.heads,
		window: model.config.window,
		engine: decoder.capabilities.engine,
		device: decoder.capabilities.device,
		verification,
		reason,
		tokensPerSecond
	};
}
