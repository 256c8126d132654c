/** The engines as a browser makes them. WebAssembly is a large file of its own, fetched only where it is wanted. */
import type * as OnnxModule from '../model/onnx/onnxModel';
import { createReferenceModel } from '../model/reference/referenceModel';
import { storedForms } from '../model/wgsl/formMemory';
import { createWgslModel } from '../model/wgsl/wgslModel';
import type { EngineMakers } from './engine';

/** `gpu` is `navigator.gpu` where there is one. */
export function browserEngines(gpu: GPU | undefined): EngineMakers {
	return {
		gpu,
		webgpu: (device, model) => createWgslModel(device, model, { forms: storedForms() }),
		wasm: async (model) => (await onnxModule()).createOnnxModel(model),
		cpu: (model) => createReferenceModel(model, { precision: 'f32' })
	};
}

async function onnxModule(): Promise<typeof OnnxModule> {
	try {
		return await import('../model/onnx/onnxModel');
	} catch (error) {
		throw new Error(
			'The WebAssembly engine could not be fetched; check the connection and choose it again.',
			{ cause: error }
		);
	}
}
