/**
 * Plain onnxruntime-web on an ordinary export, as applications use it: a session, caches that grow as outputs become
 * inputs, logits downloaded, the best token chosen in JavaScript. On WebGPU the caches stay on the graphics card.
 */
import type * as Package from 'onnxruntime-web';
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-web';
import type { ModelConfig } from '../../src/lib/model/config';
import { writeStepwise, type BenchEngine } from './engine';
import { DATA_FILE } from './onnxExport';

export interface OrtSetting {
	readonly provider: 'wasm' | 'webgpu';
	readonly threads: number;
}

/** The part of the package that is used, whichever of its builds was loaded. */
export type Ort = Pick<typeof Package, 'InferenceSession' | 'Tensor' | 'env'>;

/** The files of an export. */
export interface OnnxFiles {
	readonly graph: Uint8Array;
	readonly data: Uint8Array;
}

export async function createOrtEngine(
	ort: Ort,
	config: ModelConfig,
	{ graph, data }: OnnxFiles,
	{ provider, threads }: OrtSetting
): Promise<BenchEngine> {
	ort.env.wasm.numThreads = threads;
	const names = Array.from({ length: config.layers }, (_, layer) => [
		`${layer}.key`,
		`${layer}.value`
	]).flat();
	const session: InferenceSession = await ort.InferenceSession.create(graph, {
		executionProviders: [provider],
		externalData: [{ path: DATA_FILE, data }],
		logSeverityLevel: 3,
		...(provider === 'webgpu' && {
			preferredOutputLocation: Object.fromEntries(
				names.map((name) => [`present.${name}`, 'gpu-buffer' as const])
			)
		})
	});
	const { vocabularySize, keyValueHeads, headSize } = config;
	let caches: Record<string, Tensor> = {};

	function forget(): void {
		for (const cache of Object.values(caches)) cache.dispose();
		caches = {};
	}

	async function next(tokens: readonly number[], position: number): Promise<Float32Array> {
		const length = position + tokens.length;
		const integers = (values: BigInt64Array): Tensor =>
			new ort.Tensor('int64', values, [1, values.length]);
		const feeds: Record<string, Tensor> = {
			...caches,
			input_ids: integers(BigInt64Array.from(tokens, BigInt)),
			attention_mask: integers(new BigInt64Array(length).fill(1n))
		};
		const outputs = await session.run(feeds);
		forget();
		for (const name of names) caches[`past_key_values.${name}`] = outputs[`present.${name}`]!;
		const logits = (outputs['logits'] as TypedTensor<'float32'>).data;
		return logits.subarray(logits.length - vocabularySize);
	}

	return {
		device:
			provider === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} thread${threads > 1 ? 's' : ''}`,
		bytesPerWeight: 4,
		async write(prompt, options) {
			forget();
			const empty = () => new ort.Tensor('float32', [], [1, keyValueHeads, 0, headSize]);
			for (const name of names) caches[`past_key_values.${name}`] = empty();
			return writeStepwise(prompt, options, next);
		},
		async dispose() {
			forget();
			await session.release();
		}
	};
}
