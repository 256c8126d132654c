/**
 * The Decoder in plain TypeScript: the oracle of the tests in f64, and in f32 the engine of machines where neither the
 * graphics card nor WebAssembly can be used. It runs in a worker and lets other messages in between tokens.
 */
import type { ModelConfig } from '../config';
import type { Decoder, DecoderCapabilities, DecoderModel, DecoderOptions } from '../decoder';
import type { LoadedModel } from '../loadModel';
import { createProcessorDecoder } from '../processorDecoder';
import { createRecordings } from '../recordings';
import { TRUNCATION_LIMIT, longestSequence } from '../sequence';
import { createFrameSlab } from '../tokenFrame';
import { frameWords } from '../writeFrame';
import {
	createCaches,
	createForwardPass,
	readFloatWeights,
	type FloatWeights,
	type Precision
} from './forwardPass';

export interface ReferenceModelOptions {
	/** of activations and cache; sums are f64 either way */
	precision: Precision;
}

/** Reads all weights as f32 (twice the size of an f16 file). Throws a ModelFileError when one can't be used. */
export async function createReferenceModel(
	{ config, weights }: Pick<LoadedModel, 'config' | 'weights'>,
	{ precision }: ReferenceModelOptions
): Promise<DecoderModel> {
	const floats = await readFloatWeights(weights);
	return {
		config,
		capabilities: capabilitiesOf(config),
		createDecoder: async (options = {}) => createDecoder(config, floats, precision, options),
		dispose() {
			/** nothing outside of memory, which is collected */
		}
	};
}

function capabilitiesOf(config: ModelConfig): DecoderCapabilities {
	return {
		engine: 'cpu',
		device: 'TypeScript',
		software: true,
		truncationLimit: TRUNCATION_LIMIT,
		longestSequence: longestSequence(config)
	};
}

function createDecoder(
	config: ModelConfig,
	weights: FloatWeights,
	precision: Precision,
	{ frames = true, recording = true }: DecoderOptions
): Decoder {
	const { layers, heads, headSize } = config;
	const caches = createCaches(config, precision);
	/** positions that are in the caches */
	let reached = 0;
	const recordings = recording
		? createRecordings(
				config,
				(layer) => {
					const { keys, capacity } = caches[layer]!;
					return { values: keys, headStride: capacity * headSize, slotStride: headSize };
				},
				() => reached
			)
		: null;
	const pass = createForwardPass(config, weights, caches, precision, recordings);
	/** where the forward pass reports when nobody wants to hear */
	const unread = frameWords(createFrameSlab(layers, heads, 1), 0);

	return createProcessorDecoder(
		config,
		capabilitiesOf(config),
		{
			tokensPerRun: 1,
			inspector: recordings?.inspector ?? null,
			requireAlive() {
				/** it needs nothing that could go away */
			},
			run: ([token], reports) => pass.run(token!, reached++, reports?.[0] ?? unread),
			truncate(position) {
				reached = Math.min(reached, position);
			},
			dispose() {
				/** nothing outside of memory, which is collected */
			}
		},
		frames
	);
}
