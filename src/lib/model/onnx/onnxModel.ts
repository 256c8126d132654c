/**
 * A model on ONNX Runtime in WebAssembly: the engine of machines without WebGPU. The graph is built from the config, the
 * weights come from the same file as everywhere, and both lie in memory once, however many decoders there are.
 */
import type { Decoder, DecoderCapabilities, DecoderModel } from '../decoder';
import type { LoadedModel } from '../loadModel';
import { TRUNCATION_LIMIT, longestSequence } from '../sequence';
import { createOnnxDecoder } from './onnxDecoder';
import { openSharedModel, type OnnxModelOptions } from './sharedModel';

/** A browser compiles WebAssembly well only after it has run for a while, so it runs for so long or so many tokens. */
const WARM_UP_MILLISECONDS = 300;
const WARM_UP_TOKENS = 64;

/**
 * Starts the engine with this model. Throws a ModelFileError when a weight can't be used or there are too many for
 * WebAssembly, an OnnxRuntimeError when WebAssembly can't start or there is no memory.
 */
export async function createOnnxModel(
	model: Pick<LoadedModel, 'config' | 'weights'>,
	options: OnnxModelOptions = {}
): Promise<DecoderModel> {
	const shared = await openSharedModel(model, options);
	const { config, runtime } = shared;
	const capabilities: DecoderCapabilities = {
		engine: 'wasm',
		device: `WebAssembly, ${runtime.threads} ${runtime.threads === 1 ? 'thread' : 'threads'}`,
		software: false,
		truncationLimit: TRUNCATION_LIMIT,
		longestSequence: longestSequence(config)
	};
	try {
		await warmUp(createOnnxDecoder(shared, capabilities, {}));
	} catch (error) {
		shared.dispose();
		throw error;
	}
	return {
		config,
		capabilities,
		createDecoder: async (wanted = {}) => createOnnxDecoder(shared, capabilities, wanted),
		dispose: () => shared.dispose()
	};
}

/** Lets a decoder read, so that what is measured next is what will be. */
async function warmUp(decoder: Decoder): Promise<void> {
	const began = performance.now();
	const most = Math.min(WARM_UP_TOKENS, decoder.capabilities.longestSequence);
	while (decoder.length < most && performance.now() - began < WARM_UP_MILLISECONDS) {
		await decoder.prefill([0]);
	}
	decoder.dispose();
}
