/**
 * ONNX Runtime's WebAssembly module, driven through its C interface. The JavaScript interface on top of it copies every
 * tensor into the module's memory for every run, the whole key-value cache with it, and allows one thread count a page.
 * Here tensors lie in that memory to begin with, and each start is a module of its own.
 *
 * The functions used are those of `OrtWasmModule` in onnxruntime-web 1.30 (lib/wasm/wasm-types.ts); the package is pinned
 * to that version. In this build they all answer at once; only starting and creating a session may take their time.
 */
import { ELEMENT_TYPES, type ElementType, type GraphValue } from './onnxGraph';

/** Addresses of the module's two files. */
export interface OrtFiles {
	/** ort-wasm-simd-threaded.mjs */
	readonly script: string;
	/** ort-wasm-simd-threaded.wasm */
	readonly binary: string;
}

/** The engine can't start, or has no memory left: what happened and what to do. */
export class OnnxRuntimeError extends Error {
	override readonly name = 'OnnxRuntimeError';
}

/** Handle of a tensor that lies at a fixed place of the module's memory. */
export type TensorHandle = number;

/** A ModelProto, and what enters and leaves its graph. */
export interface GraphFile {
	readonly bytes: Uint8Array;
	readonly inputs: readonly GraphValue[];
	readonly outputs: readonly GraphValue[];
}

export interface OrtSession {
	/** Runs the graph on tensors in the order of its inputs, into tensors in the order of its outputs. */
	run(inputs: readonly TensorHandle[], outputs: readonly TensorHandle[]): void;
	dispose(): void;
}

export interface OrtRuntime {
	readonly threads: number;
	/** Memory for `bytes`, whose contents are undefined. Throws an OnnxRuntimeError when there is not enough. */
	allocate(bytes: number): number;
	free(pointer: number): void;
	/** A view of `count` values at `pointer`; it stays valid until that memory is freed. */
	floats(pointer: number, count: number): Float32Array;
	integers(pointer: number, count: number): BigInt64Array;
	createTensor(type: ElementType, pointer: number, dimensions: readonly number[]): TensorHandle;
	releaseTensor(tensor: TensorHandle): void;
	/** Makes a graph ready to run. Throws an OnnxRuntimeError when the runtime can't read it. */
	createSession(graph: GraphFile): Promise<OrtSession>;
}

/** The part of Emscripten's module and ONNX Runtime's C interface that is used here. */
interface OrtModule {
	readonly HEAPU8: Uint8Array;
	_malloc(bytes: number): number;
	_free(pointer: number): void;
	getValue(pointer: number, type: 'i8' | '*'): number;
	UTF8ToString(pointer: number): string;
	_OrtInit(threads: number, loggingLevel: number): number;
	_OrtGetLastError(code: number, message: number): number;
	_OrtCreateSessionOptions(
		optimization: number,
		memoryArena: boolean,
		memoryPattern: boolean,
		executionMode: number,
		profiling: boolean,
		profilePrefix: number,
		logId: number,
		logSeverity: number,
		logVerbosity: number,
		optimizedModelPath: number
	): number;
	_OrtAddSessionConfigEntry(options: number, key: number, value: number): number;
	_OrtReleaseSessionOptions(options: number): number;
	_OrtCreateSession(model: number, bytes: number, options: number): number | Promise<number>;
	_OrtReleaseSession(session: number): number;
	_OrtCreateTensor(
		type: number,
		pointer: number,
		bytes: number,
		dimensions: number,
		rank: number,
		location: number
	): number;
	_OrtReleaseTensor(tensor: number): number;
	_OrtRun(
		session: number,
		inputNames: number,
		inputs: number,
		inputCount: number,
		outputNames: number,
		outputCount: number,
		outputs: number,
		options: number
	): number;
}

type OrtFactory = (settings: {
	numThreads: number;
	locateFile: (file: string) => string;
}) => Promise<OrtModule>;

/** OrtLoggingLevel: errors alone */
const LOG_ERRORS = 3;
const OPTIMIZE_ALL = 99;
const ON_CPU = 1;
const POINTER_BYTES = 4;

/**
 * Starts a module of its own with `threads` threads; more than one needs a cross-origin isolated page. Throws an
 * OnnxRuntimeError when that can't be.
 */
export async function startRuntime(files: OrtFiles, threads: number): Promise<OrtRuntime> {
	if (threads > 1 && globalThis.crossOriginIsolated === false) {
		throw new OnnxRuntimeError(
			`The WebAssembly engine can't start with ${threads} threads: this page is not cross-origin isolated. Start it with one.`
		);
	}
	const module = await loadModule(files, threads);
	check(module._OrtInit(threads, LOG_ERRORS));

	function check(code: number): void {
		if (code !== 0) throw lastError();
	}

	function lastError(): OnnxRuntimeError {
		const place = module._malloc(2 * POINTER_BYTES);
		module._OrtGetLastError(place, place + POINTER_BYTES);
		const message = module.getValue(place + POINTER_BYTES, '*');
		const reason = message ? module.UTF8ToString(message) : 'no reason was given';
		module._free(place);
		return new OnnxRuntimeError(
			`The WebAssembly engine failed (${reason}). Load the page again, or choose another engine.`
		);
	}

	function requireHandle(handle: number): number {
		if (handle === 0) throw lastError();
		return handle;
	}

	function allocate(bytes: number): number {
		/** so that nothing has length 0 */
		const pointer = module._malloc(Math.max(bytes, 8)) >>> 0;
		if (pointer !== 0) return pointer;
		throw new OnnxRuntimeError(
			`The WebAssembly engine has no memory left for ${Math.ceil(bytes / 1e6)} MB more. Close other pages, or choose a smaller model.`
		);
	}

	/** The module's memory as it is now: asking for a value makes the module notice that it has grown. */
	function memory(pointer: number): ArrayBufferLike {
		module.getValue(pointer, 'i8');
		return module.HEAPU8.buffer;
	}

	function writeBytes(bytes: Uint8Array): number {
		const pointer = allocate(bytes.byteLength);
		new Uint8Array(memory(pointer), pointer, bytes.byteLength).set(bytes);
		return pointer;
	}

	function integers32(values: readonly number[]): number {
		return writeBytes(new Uint8Array(Int32Array.from(values).buffer));
	}

	async function createSession({ bytes, inputs, outputs }: GraphFile): Promise<OrtSession> {
		const owned: number[] = [];
		const own = (pointer: number) => {
			owned.push(pointer);
			return pointer;
		};
		const text = (string: string) => own(writeBytes(new TextEncoder().encode(`${string}\0`)));
		const names = (values: readonly GraphValue[]) =>
			own(integers32(values.map(({ name }) => text(name))));
		const options = requireHandle(
			module._OrtCreateSessionOptions(OPTIMIZE_ALL, true, false, 0, false, 0, 0, LOG_ERRORS, 0, 0)
		);
		/** threads that wait for the next run should not do so in a loop: the sound needs the processor */
		check(
			module._OrtAddSessionConfigEntry(options, text('session.force_spinning_stop'), text('1'))
		);
		const model = writeBytes(bytes);
		let session: number;
		try {
			session = requireHandle(await module._OrtCreateSession(model, bytes.byteLength, options));
		} finally {
			module._free(model);
			module._OrtReleaseSessionOptions(options);
		}
		const inputNames = names(inputs);
		const outputNames = names(outputs);
		const inputHandles = own(allocate(inputs.length * POINTER_BYTES));
		const outputHandles = own(allocate(outputs.length * POINTER_BYTES));
		const place = (handles: readonly TensorHandle[], pointer: number) => {
			new Int32Array(memory(pointer), pointer, handles.length).set(handles);
		};
		return {
			run(given, wanted) {
				place(given, inputHandles);
				place(wanted, outputHandles);
				check(
					module._OrtRun(
						session,
						inputNames,
						inputHandles,
						inputs.length,
						outputNames,
						outputs.length,
						outputHandles,
						0
					)
				);
			},
			dispose() {
				module._OrtReleaseSession(session);
				owned.forEach((pointer) => module._free(pointer));
			}
		};
	}

	return {
		threads,
		allocate,
		free: (pointer) => module._free(pointer),
		floats: (pointer, count) => new Float32Array(memory(pointer), pointer, count),
		integers: (pointer, count) => new BigInt64Array(memory(pointer), pointer, count),
		createTensor(type, pointer, dimensions) {
			const place = integers32(dimensions);
			const count = dimensions.reduce((product, size) => product * size, 1);
			const bytes = count * (type === 'float' ? 4 : 8);
			const tensor = module._OrtCreateTensor(
				ELEMENT_TYPES[type],
				pointer,
				bytes,
				place,
				dimensions.length,
				ON_CPU
			);
			module._free(place);
			return requireHandle(tensor);
		},
		releaseTensor: (tensor) => void module._OrtReleaseTensor(tensor),
		createSession
	};
}

async function loadModule({ script, binary }: OrtFiles, threads: number): Promise<OrtModule> {
	try {
		const { default: create } = (await import(/* @vite-ignore */ script)) as {
			default: OrtFactory;
		};
		return await create({ numThreads: threads, locateFile: () => binary });
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new OnnxRuntimeError(
			`The WebAssembly engine can't start (${reason}). The browser may be too old for WebAssembly SIMD, forbid it on this page, or have no memory for it. Update the browser, or choose another engine.`,
			{ cause: error }
		);
	}
}
