/** The peer @huggingface/transformers with its own generate loop, on the ordinary export served as a local model. */
import {
	goesOn,
	type BenchEngine,
	type Observation,
	type WriteOptions,
	type Writing
} from './engine';

/** The part of the package that is used. */
export interface Transformers {
	readonly env: {
		allowLocalModels: boolean;
		allowRemoteModels: boolean;
		localModelPath: string;
		useBrowserCache: boolean;
		useWasmCache: boolean;
		readonly backends: {
			readonly onnx: { readonly wasm: { wasmPaths: string; numThreads: number } };
		};
	};
	readonly Tensor: new (
		type: 'int64',
		values: BigInt64Array,
		shape: readonly number[]
	) => TransformersTensor;
	readonly AutoModelForCausalLM: {
		from_pretrained(name: string, options: Readonly<Record<string, unknown>>): Promise<CausalModel>;
	};
}

interface TransformersTensor {
	readonly data: Float32Array;
}

interface CausalModel {
	generate(options: Readonly<Record<string, unknown>>): Promise<unknown>;
	dispose(): Promise<unknown>;
}

export interface TransformersSetting {
	readonly device: 'wasm' | 'webgpu';
	readonly threads: number;
	/** folder of the models on the server, and the model's name in it */
	readonly models: string;
	readonly model: string;
	/** folder of the wasm files */
	readonly wasm: string;
}

export async function createTransformersEngine(
	{ env, Tensor, AutoModelForCausalLM }: Transformers,
	{ device, threads, models, model: name, wasm }: TransformersSetting
): Promise<BenchEngine> {
	env.allowLocalModels = true;
	env.allowRemoteModels = false;
	env.localModelPath = models;
	env.useBrowserCache = false;
	env.useWasmCache = false;
	env.backends.onnx.wasm.wasmPaths = wasm;
	env.backends.onnx.wasm.numThreads = threads;
	const model = await AutoModelForCausalLM.from_pretrained(name, {
		device,
		dtype: 'fp32',
		use_external_data_format: true
	});

	async function write(prompt: readonly number[], options: WriteOptions): Promise<Writing> {
		const tokens: number[] = [];
		const stepMs: number[] = [];
		const observations: Observation[] = [];
		let firstTokenMs = 0;
		let promptSeen = false;
		let began = performance.now();
		const streamer = {
			put(values: bigint[][]) {
				/** the first call brings the prompt itself */
				if (!promptSeen) {
					promptSeen = true;
					return;
				}
				const now = performance.now();
				if (tokens.length === 0) firstTokenMs = now - began;
				else stepMs.push(now - began);
				began = now;
				tokens.push(Number(values[0]![0]));
			},
			end() {
				/** nothing is held back that would have to be flushed */
			}
		};
		const observeLogits = (_: unknown, logits: TransformersTensor): TransformersTensor => {
			observations.push({ kind: 'logits', logits: logits.data.slice() });
			return logits;
		};
		await model.generate({
			inputs: new Tensor('int64', BigInt64Array.from(prompt, BigInt), [1, prompt.length]),
			attention_mask: new Tensor('int64', new BigInt64Array(prompt.length).fill(1n), [
				1,
				prompt.length
			]),
			max_new_tokens: options.count,
			do_sample: false,
			streamer,
			stopping_criteria: [() => [!goesOn(tokens.length, options)]],
			...(options.observe && { logits_processor: [observeLogits] })
		});
		return { tokens, firstTokenMs, stepMs, observations };
	}

	return {
		device: device === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} threads`,
		bytesPerWeight: 4,
		write,
		async dispose() {
			await model.dispose();
		}
	};
}
