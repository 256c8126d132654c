/** Models with random weights on the GPU of a test, which are taken away after use. */
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { ModelConfig } from '../../src/lib/model/config';
import type { Decoder, DecoderModel, DecoderOptions } from '../../src/lib/model/decoder';
import { createWgslModel, type WgslModelOptions } from '../../src/lib/model/wgsl/wgslModel';
import { TINY, randomModel } from '../unit/model/randomModel';

/** Puts a model on the GPU, and takes it away after `use`. */
export async function withModel<T>(
	gpu: GpuDevice,
	use: (model: DecoderModel) => Promise<T>,
	options: WgslModelOptions = {},
	config: ModelConfig = TINY
): Promise<T> {
	/** a form that is always the same, where the self-test might choose now this and now that */
	const fixed: WgslModelOptions = { form: { kind: 'rows' }, ...options };
	const model = await createWgslModel(gpu, randomModel(config), fixed);
	try {
		return await use(model);
	} finally {
		model.dispose();
	}
}

/** Returns a function that makes a decoder on the GPU, and disposes of it after `use`. */
export function decoderOn(gpu: () => GpuDevice) {
	return <T>(
		use: (decoder: Decoder) => Promise<T>,
		{ frames = true, recording = true, ...options }: WgslModelOptions & DecoderOptions = {},
		config: ModelConfig = TINY
	): Promise<T> =>
		withModel(
			gpu(),
			async (model) => {
				const decoder = await model.createDecoder({ frames, recording });
				const result = await use(decoder);
				decoder.dispose();
				return result;
			},
			options,
			config
		);
}
