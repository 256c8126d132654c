/**
 * Keys and values of one sequence. What the next run can see lies in the memory of the runtime, in the shape that the
 * graph reads: position p at slot p mod window. Those slots are overwritten as the window slides, so every key and value is
 * kept a second time, in a ring that reaches TRUNCATION_LIMIT further back: truncating and the inspector read it.
 *
 * While the sequence is shorter than the window, the tensors have fewer slots, so that a short sequence costs less. How
 * many depends on the length alone: what a run computes does not depend on what was there before.
 */
import type { ModelConfig } from '../config';
import type { KeyRing } from '../recordings';
import { cacheCapacity } from '../sequence';
import { windowsOf } from './decoderGraph';
import { OnnxRuntimeError, type OrtRuntime, type TensorHandle } from './runtime';

/** Slots grow in steps of this, or more where the window is so wide that there would be more than MOST_STEPS. */
const STEP = 128;
const MOST_STEPS = 16;

/** Added to the score of a key that is not to be seen. */
const HIDDEN = -1e30;

/** Slots that the tensors of a layer have when `run` positions have been run. */
export function slotsFor(window: number, run: number): number {
	const step = STEP * Math.ceil(window / (STEP * MOST_STEPS));
	return Math.min(window, step * Math.max(1, Math.ceil(run / step)));
}

/**
 * Writes the mask of `tokens` queries after `run` positions, [tokens × (slots + tokens)]: 0 where a query sees a cached or
 * new key, far below it where not.
 */
export function writeMask(
	mask: Float32Array,
	window: number,
	slots: number,
	run: number,
	tokens: number
): void {
	mask.fill(HIDDEN);
	for (let i = 0; i < tokens; i++) {
		const row = i * (slots + tokens);
		const oldest = Math.max(0, run + i - window + 1);
		eachStretch(window, oldest, run, (slot, count) => mask.fill(0, row + slot, row + slot + count));
		const firstNew = Math.max(0, oldest - run);
		mask.fill(0, row + slots + firstNew, row + slots + i + 1);
	}
}

/** Calls `visit` for the stretches of slots, two at most, in which the positions first .. end - 1 lie, in their order. */
export function eachStretch(
	window: number,
	first: number,
	end: number,
	visit: (slot: number, count: number) => void
): void {
	if (end <= first) return;
	const slot = first % window;
	const count = Math.min(end - first, window - slot);
	visit(slot, count);
	if (count < end - first) visit(0, end - first - count);
}

export interface KeyValueCache {
	/** positions in it */
	readonly run: number;
	/** Keys and values of each layer in turn, for a run after the positions that are in it. */
	tensors(): readonly TensorHandle[];
	/**
	 * Appends one position of a layer; `advance` follows when all layers have it.
	 * Keys and values are [keyValueHeads × headSize].
	 */
	append(layer: number, position: number, keys: Float32Array, values: Float32Array): void;
	advance(positions: number): void;
	/** Takes back the end, to `run` positions. */
	truncate(run: number): void;
	/** Every key that is kept. */
	keysOf(layer: number): KeyRing;
	dispose(): void;
}

interface LayerCache {
	readonly window: number;
	readonly capacity: number;
	/** [keyValueHeads × headSize × slots] */
	readonly keysAt: number;
	/** [keyValueHeads × slots × headSize] */
	readonly valuesAt: number;
	/** [capacity × keyValueHeads × headSize] */
	readonly allKeys: Float32Array;
	readonly allValues: Float32Array;
	keys: Float32Array;
	values: Float32Array;
	slots: number;
	tensors: TensorHandle[];
}

/** An empty cache. Throws an OnnxRuntimeError when there is no memory for it. */
export function createKeyValueCache(config: ModelConfig, runtime: OrtRuntime): KeyValueCache {
	const { keyValueHeads, headSize } = config;
	const width = keyValueHeads * headSize;
	const owned: number[] = [];
	const allocate = (count: number) => {
		const pointer = runtime.allocate(4 * count);
		owned.push(pointer);
		return pointer;
	};
	const layers: LayerCache[] = [];
	const dispose = () => {
		for (const { tensors } of layers) tensors.forEach((tensor) => runtime.releaseTensor(tensor));
		owned.forEach((pointer) => runtime.free(pointer));
	};
	try {
		for (const window of config.layerWindows) layers.push(createLayer(window));
	} catch (error) {
		dispose();
		if (!(error instanceof RangeError)) throw error;
		throw new OnnxRuntimeError(
			`There is no memory for a sequence of this model, whose window is ${config.window} tokens wide. Choose a smaller window or a smaller model.`,
			{ cause: error }
		);
	}
	let run = 0;

	function createLayer(window: number): LayerCache {
		const capacity = cacheCapacity(window);
		return {
			window,
			capacity,
			keysAt: allocate(window * width),
			valuesAt: allocate(window * width),
			allKeys: new Float32Array(capacity * width),
			allValues: new Float32Array(capacity * width),
			keys: new Float32Array(),
			values: new Float32Array(),
			slots: 0,
			tensors: []
		};
	}

	/** Gives the tensors of a layer as many slots as the length asks for. */
	function layOut(layer: LayerCache): void {
		const slots = slotsFor(layer.window, run);
		if (slots === layer.slots) return;
		layer.tensors.forEach((tensor) => runtime.releaseTensor(tensor));
		layer.slots = slots;
		layer.keys = runtime.floats(layer.keysAt, slots * width).fill(0);
		layer.values = runtime.floats(layer.valuesAt, slots * width).fill(0);
		layer.tensors = [
			runtime.createTensor('float', layer.keysAt, [keyValueHeads, 1, headSize, slots]),
			runtime.createTensor('float', layer.valuesAt, [keyValueHeads, 1, slots, headSize])
		];
		place(layer, Math.max(0, run - layer.window), run);
	}

	/** Puts the positions first .. end - 1 into their slots. */
	function place(layer: LayerCache, first: number, end: number): void {
		const { window, capacity, slots, keys, values, allKeys, allValues } = layer;
		for (let position = first; position < end; position++) {
			const slot = position % window;
			/** behind the tensors as they are: layOut places it when they grow */
			if (slot >= slots) continue;
			const from = (position % capacity) * width;
			for (let head = 0; head < keyValueHeads; head++) {
				const at = from + head * headSize;
				const keyAt = head * headSize * slots + slot;
				for (let c = 0; c < headSize; c++) keys[keyAt + c * slots] = allKeys[at + c]!;
				values.set(allValues.subarray(at, at + headSize), (head * slots + slot) * headSize);
			}
		}
	}

	return {
		get run() {
			return run;
		},
		tensors() {
			layers.forEach(layOut);
			return layers.flatMap(({ tensors }) => tensors);
		},
		append(index, position, keys, values) {
			const layer = layers[index]!;
			const at = (position % layer.capacity) * width;
			layer.allKeys.set(keys, at);
			layer.allValues.set(values, at);
			place(layer, position, position + 1);
		},
		advance(positions) {
			run += positions;
		},
		truncate(length) {
			const before = run;
			run = length;
			for (const layer of layers) {
				/** the slots of these were overwritten by later ones */
				place(layer, Math.max(0, length - layer.window), Math.min(length, before - layer.window));
			}
		},
		keysOf(index) {
			return { values: layers[index]!.allKeys, headStride: headSize, slotStride: width };
		},
		dispose
	};
}

/** Names and values of T and TS for each window of the layers, and S. */
export function runSizes(config: ModelConfig, run: number, tokens: number): Record<string, number> {
	const sizes: Record<string, number> = { S: tokens };
	windowsOf(config).forEach((window, i) => {
		sizes[`T${i}`] = slotsFor(window, run);
		sizes[`TS${i}`] = slotsFor(window, run) + tokens;
	});
	return sizes;
}
