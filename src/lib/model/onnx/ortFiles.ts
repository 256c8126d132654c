/**
 * Where the app keeps ONNX Runtime: the plain CPU build, served from our own origin. Imported only when the engine starts,
 * so that pages which never need it never ask for its 14 MB.
 */
import script from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import binary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { OrtFiles } from './runtime';

/** Addresses that hold in a page and in a worker alike. */
export const ORT_FILES: OrtFiles = {
	script: new URL(script, import.meta.url).href,
	binary: new URL(binary, import.meta.url).href
};
