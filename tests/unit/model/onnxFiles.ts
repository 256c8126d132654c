/** ONNX Runtime's files as they lie in node_modules. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { OrtFiles } from '../../../src/lib/model/onnx/runtime';

const require = createRequire(import.meta.url);
const addressOf = (file: string) => pathToFileURL(require.resolve(`onnxruntime-web/${file}`)).href;

export const ORT_FILES: OrtFiles = {
	script: addressOf('ort-wasm-simd-threaded.mjs'),
	binary: addressOf('ort-wasm-simd-threaded.wasm')
};
