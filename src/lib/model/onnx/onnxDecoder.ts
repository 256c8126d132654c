/** One sequence on ONNX Runtime: a cache in its memory, and the forward pass over it. */
import type { Decoder, DecoderCapabilities, DecoderOptions } from '../decoder';
import { createProcessorDecoder } from '../processorDecoder';
import { createRecordings } from '../recordings';
import { createForwardPass } from './forwardPass';
import { createKeyValueCache } from './keyValueCache';
import { OnnxRuntimeError } from './runtime';
import type { SharedModel } from './sharedModel';

/** A decoder with an empty sequence. Throws an OnnxRuntimeError when there is no memory left for its cache. */
export function createOnnxDecoder(
	model: SharedModel,
	capabilities: DecoderCapabilities,
	{ frames = true, recording = true }: DecoderOptions
): Decoder {
	const { config, runtime, tokensPerRun } = model;
	requireAlive();
	const cache = createKeyValueCache(config, runtime);
	const recordings = recording ? createRecordings(config, cache.keysOf, () => cache.run) : null;
	const { run } = createForwardPass(model, cache, recordings);

	function requireAlive(): void {
		if (model.alive) return;
		throw new OnnxRuntimeError(
			'The model was disposed, and this decoder with it. Make a new decoder and prefill it again.'
		);
	}

	return createProcessorDecoder(
		config,
		capabilities,
		{
			tokensPerRun,
			inspector: recordings?.inspector ?? null,
			requireAlive,
			run,
			truncate: (position) => cache.truncate(Math.min(cache.run, position)),
			dispose() {
				if (model.alive) cache.dispose();
			}
		},
		frames
	);
}
