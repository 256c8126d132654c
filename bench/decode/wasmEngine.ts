/** Our engine on WebAssembly as the benchmark runs it. */
import { createOnnxModel } from '../../src/lib/model/onnx/onnxModel';
import type { OrtFiles } from '../../src/lib/model/onnx/runtime';
import type { BenchEngine } from './engine';
import { createOwnEngine } from './ownEngine';
import type { SizedModel } from './sizes';

export interface WasmEngineSetting {
	readonly threads: number;
	readonly frames: boolean;
}

export async function createWasmEngine(
	model: SizedModel,
	files: OrtFiles | undefined,
	{ threads, frames }: WasmEngineSetting
): Promise<BenchEngine> {
	return createOwnEngine(await createOnnxModel(model, { threads, ...(files && { files }) }), {
		decoder: { frames, recording: frames },
		stepsPerCall: 1,
		bytesPerWeight: 4
	});
}
