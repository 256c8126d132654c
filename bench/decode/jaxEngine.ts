/**
 * The peer jax-js. It has no transformer of its own, so this is one written in it, as its documentation advises: the whole
 * step in one jit, static caches, logits downloaded. Functions of jax-js take ownership of their arguments: `x.ref`
 * where a value is used again.
 */
import type { ModelConfig } from '../../src/lib/model/config';
import { writeRotation } from '../../src/lib/model/rotary';
import type { Matrix, Norm } from '../../src/lib/model/weights';
import { writeStepwise, type BenchEngine } from './engine';
import type { SizedModel } from './sizes';

/** The part of the package that is used. */
export interface Jax {
	init(...devices: string[]): Promise<string[]>;
	defaultDevice(device: string): string;
	jit(step: Step): Step;
	readonly numpy: {
		array(values: Float32Array | Int32Array, options: { shape: readonly number[] }): JaxArray;
		take(values: JaxArray, indices: JaxArray, axis: number): JaxArray;
		matmul(a: JaxArray, b: JaxArray): JaxArray;
		einsum(subscripts: string, ...operands: JaxArray[]): JaxArray;
		square(x: JaxArray): JaxArray;
		sqrt(x: JaxArray): JaxArray;
		mean(x: JaxArray, axis: number, options: { keepdims: boolean }): JaxArray;
		split(x: JaxArray, sections: number, axis: number): JaxArray[];
		concatenate(xs: JaxArray[], axis: number): JaxArray;
		pad(x: JaxArray, width: readonly (readonly [number, number])[]): JaxArray;
		where(condition: JaxArray, a: JaxArray, b: JaxArray): JaxArray;
	};
	readonly nn: {
		silu(x: JaxArray): JaxArray;
		gelu(x: JaxArray, options: { approximate: boolean }): JaxArray;
		softmax(x: JaxArray, axis: number): JaxArray;
	};
	readonly tree: { ref<T>(tree: T): T; dispose(tree: unknown): void };
}

interface JaxArray {
	readonly ref: JaxArray;
	readonly shape: number[];
	add(other: JaxArray | number): JaxArray;
	sub(other: JaxArray): JaxArray;
	mul(other: JaxArray | number): JaxArray;
	div(other: JaxArray): JaxArray;
	greater(other: number): JaxArray;
	reshape(shape: readonly number[]): JaxArray;
	transpose(axes?: readonly number[]): JaxArray;
	slice(...index: (number | [])[]): JaxArray;
	data(): Promise<Float32Array>;
}

type Arrays = Record<string, JaxArray>;
type Caches = { keys: JaxArray; values: JaxArray }[];
type Weights = { embedding: JaxArray; head: JaxArray; finalNorm: JaxArray; layers: Arrays[] };
/** what depends on positions: token ids, rotations, masks, the slot that is written */
type Inputs = { ids: JaxArray; rotations: Arrays[]; masks: JaxArray[]; slot: JaxArray };
type Step = (
	weights: Weights,
	caches: Caches,
	inputs: Inputs
) => { logits: JaxArray; caches: Caches };

/** Slots of a cache come in steps of this, since every other shape is compiled anew. */
const CACHE_STEP = 128;
const HIDDEN = -1e30;

export async function createJaxEngine(
	jax: Jax,
	{ config, weights: source }: SizedModel,
	device: 'wasm' | 'webgpu'
): Promise<BenchEngine> {
	const devices = await jax.init(device);
	if (!devices.includes(device)) throw new Error(`jax-js has no ${device} here.`);
	jax.defaultDevice(device);
	const { numpy: np } = jax;
	const weights = await upload(jax, source);
	const windows = [...new Set(config.layerWindows)];
	const readPrompt = jax.jit(stepOf(jax, config, windows, 'prompt'));
	const readToken = jax.jit(stepOf(jax, config, windows, 'token'));
	let capacity = 0;
	let caches: Caches = [];

	function inputsOf(tokens: readonly number[], position: number): Inputs {
		const count = tokens.length;
		const { headSize } = config;
		const rotations = config.rotations.map((rotation) => {
			const pairs = new Float64Array(headSize);
			const cosines = new Float32Array(count * headSize);
			const sines = new Float32Array(count * headSize);
			for (let t = 0; t < count; t++) {
				writeRotation(rotation, position + t, pairs);
				for (let j = 0; j < headSize; j++) {
					const pair = 2 * (j % (headSize / 2));
					cosines[t * headSize + j] = pairs[pair]!;
					sines[t * headSize + j] = pairs[pair + 1]!;
				}
			}
			const shape = [count, headSize];
			return { cosines: np.array(cosines, { shape }), sines: np.array(sines, { shape }) };
		});
		const masks = windows.map((window) => {
			const mask = Float32Array.from({ length: count * capacity }, (_, i) => {
				const query = position + Math.floor(i / capacity);
				const key = i % capacity;
				return key <= query && key > query - window ? 0 : HIDDEN;
			});
			return np.array(mask, { shape: [count, capacity] });
		});
		const slot = new Float32Array(capacity);
		slot[position] = 1;
		return {
			ids: np.array(Int32Array.from(tokens), { shape: [count] }),
			rotations,
			masks,
			slot: np.array(slot, { shape: [capacity, 1] })
		};
	}

	async function next(tokens: readonly number[], position: number): Promise<Float32Array> {
		const step = position === 0 ? readPrompt : readToken;
		const { logits, caches: grown } = step(
			jax.tree.ref(weights),
			caches,
			inputsOf(tokens, position)
		);
		caches = grown;
		return logits.data();
	}

	return {
		device: device === 'webgpu' ? 'WebGPU' : 'WebAssembly',
		bytesPerWeight: 4,
		async write(prompt, options) {
			jax.tree.dispose(caches);
			const needed = Math.ceil((prompt.length + options.count) / CACHE_STEP) * CACHE_STEP;
			capacity = Math.max(capacity, needed);
			const { layers, keyValueHeads, headSize } = config;
			const shape = [keyValueHeads, capacity, headSize];
			const empty = () =>
				np.array(new Float32Array(keyValueHeads * capacity * headSize), { shape });
			caches = Array.from({ length: layers }, () => ({ keys: empty(), values: empty() }));
			return writeStepwise(prompt, options, next);
		},
		async dispose() {
			jax.tree.dispose([caches, weights]);
		}
	};
}

async function upload({ numpy: np }: Jax, source: SizedModel['weights']): Promise<Weights> {
	const matrix = async ({ rows, columns, ...values }: Matrix) =>
		np.array(await values.floats(), { shape: [rows, columns] });
	const norm = async ({ weight }: Norm) =>
		np.array(await weight.floats(), { shape: [weight.size] });
	const layers: Arrays[] = [];
	for (const layer of source.layers) {
		const arrays: Arrays = {};
		for (const [name, part] of Object.entries(layer)) {
			if (part === null) continue;
			const isLinear = 'rows' in part.weight;
			arrays[name] = await (isLinear ? matrix(part.weight) : norm(part as Norm));
		}
		layers.push(arrays);
	}
	const embedding = await matrix(source.embedding);
	const tied = source.head === source.embedding;
	return {
		embedding,
		head: tied ? embedding.ref : await matrix(source.head),
		finalNorm: await norm(source.finalNorm),
		layers
	};
}

/** The forward pass of all tokens of a prompt from position 0 on, or of one token at any position. */
function stepOf(
	{ numpy: np, nn, tree }: Jax,
	config: ModelConfig,
	windows: readonly number[],
	kind: 'prompt' | 'token'
): Step {
	const { heads, keyValueHeads, headSize } = config;

	function norm(x: JaxArray, weight: JaxArray): JaxArray {
		const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
		return x.div(np.sqrt(meanSquare.add(config.normalization.epsilon))).mul(weight);
	}

	function multiply(x: JaxArray, matrix: JaxArray): JaxArray {
		return np.matmul(x, matrix.transpose());
	}

	/** [tokens × heads·size] to [heads × tokens × size] */
	function splitHeads(x: JaxArray, count: number): JaxArray {
		return x.reshape([x.shape[0]!, count, headSize]).transpose([1, 0, 2]);
	}

	function rotate(x: JaxArray, { cosines, sines }: Arrays): JaxArray {
		const [a, b] = np.split(x.ref, 2, -1);
		const turned = np.concatenate([b!.mul(-1), a!], -1);
		return x.mul(cosines!).add(turned.mul(sines!));
	}

	function store(cache: JaxArray, fresh: JaxArray, slot: JaxArray): JaxArray {
		if (kind === 'token') return np.where(slot.greater(0), fresh, cache);
		const free = cache.shape[1]! - fresh.shape[1]!;
		tree.dispose([cache, slot]);
		return np.pad(fresh, [
			[0, 0],
			[0, free],
			[0, 0]
		]);
	}

	function attention(
		x: JaxArray,
		layer: Arrays,
		cache: { keys: JaxArray; values: JaxArray },
		rotation: Arrays,
		mask: JaxArray,
		slot: JaxArray
	) {
		const count = x.shape[0]!;
		let query = splitHeads(multiply(x.ref, layer['query']!), heads);
		let key = splitHeads(multiply(x.ref, layer['key']!), keyValueHeads);
		const value = splitHeads(multiply(x, layer['value']!), keyValueHeads);
		if (config.queryKeyNorm) {
			query = norm(query, layer['queryNorm']!);
			key = norm(key, layer['keyNorm']!);
		}
		query = rotate(query, tree.ref(rotation));
		const keys = store(cache.keys, rotate(key, rotation), slot.ref);
		const values = store(cache.values, value, slot);
		const grouped = query.reshape([keyValueHeads, heads / keyValueHeads, count, headSize]);
		const scores = np.einsum('kgtd,kcd->kgtc', grouped, keys.ref).mul(config.attentionScale);
		const shares = nn.softmax(scores.add(mask), -1);
		const mixed = np
			.einsum('kgtc,kcd->kgtd', shares, values.ref)
			.reshape([heads, count, headSize])
			.transpose([1, 0, 2])
			.reshape([count, heads * headSize]);
		return { update: multiply(mixed, layer['output']!), cache: { keys, values } };
	}

	function feedForward(x: JaxArray, layer: Arrays): JaxArray {
		const gate = multiply(x.ref, layer['gate']!);
		const up = multiply(x, layer['up']!);
		const active =
			config.activation === 'silu' ? nn.silu(gate) : nn.gelu(gate, { approximate: true });
		return multiply(active.mul(up), layer['down']!);
	}

	return (weights, caches, { ids, rotations, masks, slot }) => {
		const count = ids.shape[0]!;
		let residual = np.take(weights.embedding, ids, 0).mul(config.embeddingScale);
		const grown: Caches = [];
		weights.layers.forEach((layer, index) => {
			const { update: attended, cache } = attention(
				norm(residual.ref, layer['attentionNorm']!),
				layer,
				caches[index]!,
				tree.ref(rotations[config.layerRotations[index]!]!),
				masks[windows.indexOf(config.layerWindows[index]!)]!.ref,
				slot.ref
			);
			grown.push(cache);
			const { attentionUpdateNorm, mlpUpdateNorm, mlpNorm } = layer;
			residual = residual.add(attentionUpdateNorm ? norm(attended, attentionUpdateNorm) : attended);
			const update = feedForward(norm(residual.ref, mlpNorm!), layer);
			residual = residual.add(mlpUpdateNorm ? norm(update, mlpUpdateNorm) : update);
		});
		tree.dispose([rotations, masks, slot]);
		const last = residual.slice(count - 1, []).reshape([1, config.hiddenSize]);
		const logits = multiply(norm(last, weights.finalNorm), weights.head);
		return { logits: logits.reshape([config.vocabularySize]), caches: grown };
	};
}
