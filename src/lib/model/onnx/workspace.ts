/**
 * The tensors of a run that belong to nobody for longer than the run: what is written for it, and what comes out. They lie
 * in one stretch of the runtime's memory, large enough for the largest run, and are laid out anew for each shape.
 */
import type { DecoderGraph, RunSizes } from './decoderGraph';
import type { GraphValue } from './onnxGraph';
import type { OrtRuntime, TensorHandle } from './runtime';

/** Tensors and views of one shape. */
export interface RunTensors {
	readonly inputs: readonly TensorHandle[];
	readonly outputs: readonly TensorHandle[];
	/** views of both, by name */
	floats(name: string): Float32Array;
	integers(name: string): BigInt64Array;
}

export interface Workspace {
	tensors(sizes: RunSizes): RunTensors;
	dispose(): void;
}

/** Shapes that are kept; a sequence that grows leaves each behind after some time. */
const KEPT = 8;

/** Every tensor begins at a multiple of this many bytes: a line of the processor's cache. */
const ALIGNMENT = 64;

/** Bytes that the tensors of a run of these sizes take. */
export function workspaceBytes({ run, outputs }: DecoderGraph, sizes: RunSizes): number {
	return [...run, ...outputs].reduce((sum, value) => sum + alignedBytes(value, sizes), ALIGNMENT);
}

/** Room for runs up to the sizes `largest`. Throws an OnnxRuntimeError when there is no memory for it. */
export function createWorkspace(
	runtime: OrtRuntime,
	graph: DecoderGraph,
	largest: RunSizes
): Workspace {
	const pointer = runtime.allocate(workspaceBytes(graph, largest));
	const begin = Math.ceil(pointer / ALIGNMENT) * ALIGNMENT;
	const kept = new Map<string, RunTensors>();

	function layOut(sizes: RunSizes): RunTensors {
		const views = new Map<string, Float32Array | BigInt64Array>();
		let next = begin;
		const place = (value: GraphValue): TensorHandle => {
			const { name, type } = value;
			const dimensions = resolve(value, sizes);
			const count = dimensions.reduce((product, size) => product * size, 1);
			const at = next;
			next += alignedBytes(value, sizes);
			views.set(name, type === 'float' ? runtime.floats(at, count) : runtime.integers(at, count));
			return runtime.createTensor(type, at, dimensions);
		};
		return {
			inputs: graph.run.map(place),
			outputs: graph.outputs.map(place),
			floats: (name) => views.get(name) as Float32Array,
			integers: (name) => views.get(name) as BigInt64Array
		};
	}

	function release({ inputs, outputs }: RunTensors): void {
		for (const tensor of [...inputs, ...outputs]) runtime.releaseTensor(tensor);
	}

	return {
		tensors(sizes) {
			const key = Object.values(sizes).join();
			const found = kept.get(key);
			if (found) return found;
			const [oldest] = kept;
			if (kept.size >= KEPT && oldest) {
				release(oldest[1]);
				kept.delete(oldest[0]);
			}
			const made = layOut(sizes);
			kept.set(key, made);
			return made;
		},
		dispose() {
			for (const tensors of kept.values()) release(tensors);
			runtime.free(pointer);
		}
	};
}

function resolve({ dimensions }: GraphValue, sizes: RunSizes): number[] {
	return dimensions.map((size) => (typeof size === 'number' ? size : sizes[size]!));
}

function alignedBytes(value: GraphValue, sizes: RunSizes): number {
	const count = resolve(value, sizes).reduce((product, size) => product * size, 1);
	const bytes = count * (value.type === 'float' ? 4 : 8);
	return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
