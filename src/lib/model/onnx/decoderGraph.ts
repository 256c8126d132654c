/**
 * The decoder as an ONNX graph that runs S tokens. It holds no weights and no state: weights and the key-value cache are
 * inputs that lie in the memory of the runtime already, and everything worth knowing comes out.
 *
 *     scores  = [scale q · K_cached, scale q · K_new] + mask         [keyValueHeads, group, S, T + S]
 *     mixed   = softmax(scores) · [V_cached, V_new]
 *
 * S tokens, T slots of the cache; layers of equal window share T and the mask. `group` query heads read one key-value
 * head. Matrices are [columns × rows], transposed against the file: a product with one vector then runs along their rows
 * in the order of memory.
 */
import type { ModelConfig } from '../config';
import { OnnxGraph, type Dimension, type GraphValue } from './onnxGraph';

/** Sizes of one run, by the name of the dimension: S, and T and TS (= T + S) of each window. */
export type RunSizes = Readonly<Record<string, number>>;

export interface DecoderGraph {
	readonly bytes: Uint8Array;
	/** in the order of a run: those of `run`, `weights` and `caches` one after the other */
	readonly inputs: readonly GraphValue[];
	/** what is written anew for every run */
	readonly run: readonly GraphValue[];
	readonly weights: readonly GraphValue[];
	/** keys and values of each layer in turn */
	readonly caches: readonly GraphValue[];
	readonly outputs: readonly GraphValue[];
	readonly layers: readonly LayerOutputs[];
	/** the name of [1, S, vocabulary] */
	readonly logits: string;
}

/** The distinct windows of the layers, ascending. */
export function windowsOf({ layerWindows }: ModelConfig): number[] {
	return [...new Set(layerWindows)].sort((a, b) => a - b);
}

/** The tensors that a layer hands out, by name. */
export interface LayerOutputs {
	/** queries, then keys, after norm and rotation [1, S, (heads + keyValueHeads) × headSize] */
	readonly queriesKeys: string;
	/** [1, S, keyValueHeads × headSize] */
	readonly values: string;
	/** [keyValueHeads, group, S, TS], hidden ones far below zero */
	readonly scores: string;
	/** softmax of them */
	readonly attention: string;
	/** what attention adds [1, S, hidden] */
	readonly attentionUpdate: string;
	/** activations inside the MLP [1, S, intermediate] */
	readonly hidden: string;
	readonly mlpUpdate: string;
	/** behind the layer */
	readonly residual: string;
}

export function buildDecoderGraph(config: ModelConfig): DecoderGraph {
	const { hiddenSize, heads, keyValueHeads, headSize, intermediateSize, normalization } = config;
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	const group = heads / keyValueHeads;
	const windows = windowsOf(config);
	const graph = new OnnxGraph();
	const weights: GraphValue[] = [];
	const caches: GraphValue[] = [];

	const stream = [1, 'S', hiddenSize];
	const embedded = graph.input('residual', 'float', stream);
	const rotations = config.rotations.map((_, i) => ({
		cosine: graph.input(`cosine ${i}`, 'float', ['S', headSize / 2]),
		sine: graph.input(`sine ${i}`, 'float', ['S', headSize / 2])
	}));
	const masks = windows.map((_, i) => graph.input(`mask ${i}`, 'float', ['S', `TS${i}`]));
	const sizes = windows.map((_, i) => graph.input(`sizes ${i}`, 'int64', [2]));
	const run = [...graph.inputs];

	const firstPosition = graph.integers([0]);
	const projectionSizes = graph.integers([queries + keys, keys]);
	const queryKeySizes = graph.integers([queries, keys]);
	const gateUpSizes = graph.integers([intermediateSize, intermediateSize]);
	const headShape = graph.integers([1, -1, heads + keyValueHeads, headSize]);
	const queriesKeysShape = graph.integers([1, -1, queries + keys]);
	const queryShape = graph.integers([-1, keyValueHeads, group, headSize]);
	const keyShape = graph.integers([-1, keyValueHeads, 1, headSize]);
	const mixedShape = graph.integers([1, -1, queries]);
	const attentionScale = graph.floats([], [config.attentionScale]);
	const ones = graph.floats(
		[headSize],
		Array.from({ length: headSize }, () => 1)
	);

	function weight(name: string, dimensions: readonly Dimension[]): string {
		weights.push({ name, type: 'float', dimensions });
		return name;
	}

	function cache(name: string, dimensions: readonly Dimension[]): string {
		caches.push({ name, type: 'float', dimensions });
		return name;
	}

	function linear(x: string, name: string, columns: number, rows: number, biased: boolean): string {
		const product = graph.node('MatMul', [x, weight(name, [columns, rows])]);
		return biased ? graph.node('Add', [product, weight(`${name} bias`, [rows])]) : product;
	}

	function norm(x: string, name: string): string {
		const attributes = { axis: { int: -1 }, epsilon: { float: normalization.epsilon } };
		const scale = weight(name, [hiddenSize]);
		if (normalization.kind === 'rms') {
			return graph.node('SimplifiedLayerNormalization', [x, scale], attributes);
		}
		const bias = weight(`${name} bias`, [hiddenSize]);
		return graph.node('LayerNormalization', [x, scale, bias], attributes);
	}

	function reshape(x: string, shape: string): string {
		return graph.node('Reshape', [x, shape]);
	}

	function transpose(x: string, order: readonly number[]): string {
		return graph.node('Transpose', [x], { perm: { ints: order } });
	}

	function activation(x: string): string {
		switch (config.activation) {
			case 'silu':
				return graph.node('QuickGelu', [x], { alpha: { float: 1 } });
			case 'gelu':
				return graph.node('Gelu', [x]);
			case 'gelu-tanh':
				return graph.node('FastGelu', [x]);
		}
	}

	/** RMS norms of each query and key head, all in one. */
	function normHeads(x: string, name: string): string {
		const attributes = { axis: { int: -1 }, epsilon: { float: normalization.epsilon } };
		const unit = graph.node(
			'SimplifiedLayerNormalization',
			[reshape(x, headShape), ones],
			attributes
		);
		const scale = weight(name, [heads + keyValueHeads, headSize]);
		return reshape(graph.node('Mul', [unit, scale]), queriesKeysShape);
	}

	function attention(x: string, layer: number) {
		const kind = windows.indexOf(config.layerWindows[layer]!);
		const { projection, output } = config.biases;
		const normed = norm(x, `${layer} attention norm`);
		const projected = linear(
			normed,
			`${layer} projection`,
			hiddenSize,
			queries + 2 * keys,
			projection
		);
		const [plain, given] = graph.split(projected, projectionSizes, 2, 2);
		const normedHeads = config.queryKeyNorm ? normHeads(plain!, `${layer} head norms`) : plain!;
		const rotation = rotations[config.layerRotations[layer] ?? -1];
		const turned = rotation
			? graph.node('RotaryEmbedding', [normedHeads, firstPosition, rotation.cosine, rotation.sine])
			: normedHeads;
		const [turnedQueries, turnedKeys] = graph.split(turned, queryKeySizes, 2, 2);
		const scaled = graph.node('Mul', [turnedQueries!, attentionScale]);
		const query = transpose(reshape(scaled, queryShape), [1, 2, 0, 3]);
		const key = transpose(reshape(turnedKeys!, keyShape), [1, 2, 3, 0]);
		const value = transpose(reshape(given!, keyShape), [1, 2, 0, 3]);
		const slots = `T${kind}`;
		const cachedKeys = cache(`${layer} cached keys`, [keyValueHeads, 1, headSize, slots]);
		const cachedValues = cache(`${layer} cached values`, [keyValueHeads, 1, slots, headSize]);
		const products = [
			graph.node('MatMul', [query, cachedKeys]),
			graph.node('MatMul', [query, key])
		];
		const scores = graph.node('Add', [
			graph.node('Concat', products, { axis: { int: 3 } }),
			masks[kind]!
		]);
		const weights = graph.node('Softmax', [scores], { axis: { int: -1 } });
		const [ofCached, ofNew] = graph.split(weights, sizes[kind]!, 3, 2);
		const mixed = graph.node('Add', [
			graph.node('MatMul', [ofCached!, cachedValues]),
			graph.node('MatMul', [ofNew!, value])
		]);
		const joined = reshape(transpose(mixed, [2, 0, 1, 3]), mixedShape);
		const seen = [keyValueHeads, group, 'S', `TS${kind}`];
		return {
			queriesKeys: graph.output(turned, [1, 'S', queries + keys]),
			values: graph.output(given!, [1, 'S', keys]),
			scores: graph.output(scores, seen),
			attention: graph.output(weights, seen),
			update: linear(joined, `${layer} output`, queries, hiddenSize, output)
		};
	}

	function feedForward(x: string, layer: number) {
		const { mlp } = config.biases;
		const normed = norm(x, `${layer} MLP norm`);
		const width = config.gatedMlp ? 2 * intermediateSize : intermediateSize;
		const up = linear(normed, `${layer} up`, hiddenSize, width, mlp);
		const [gate, plain] = config.gatedMlp ? graph.split(up, gateUpSizes, 2, 2) : [up];
		const active = activation(gate!);
		const hidden = plain ? graph.node('Mul', [active, plain]) : active;
		return {
			hidden: graph.output(hidden, [1, 'S', intermediateSize]),
			update: linear(hidden, `${layer} down`, intermediateSize, hiddenSize, mlp)
		};
	}

	/** What is added to the residual: `update`, or its norm where the model says so. */
	function added(update: string, normName: string): string {
		return graph.output(config.updateNorms ? norm(update, normName) : update, stream);
	}

	let residual = embedded;
	const layers = config.layerWindows.map((_, layer): LayerOutputs => {
		const { update: attended, ...seen } = attention(residual, layer);
		const attentionUpdate = added(attended, `${layer} attention update norm`);
		residual = graph.node('Add', [residual, attentionUpdate]);
		const { update: fed, hidden } = feedForward(residual, layer);
		const mlpUpdate = added(fed, `${layer} MLP update norm`);
		residual = graph.output(graph.node('Add', [residual, mlpUpdate]), stream);
		return { ...seen, attentionUpdate, hidden, mlpUpdate, residual };
	});
	const last = norm(residual, 'final norm');
	const head = weight('head', [hiddenSize, config.vocabularySize]);
	const product = graph.node('MatMul', [last, head]);
	const logits = graph.output(product, [1, 'S', config.vocabularySize]);

	for (const { name, type, dimensions } of [...weights, ...caches]) {
		graph.input(name, type, dimensions);
	}
	return {
		bytes: graph.encode(),
		inputs: graph.inputs,
		run,
		weights,
		caches,
		outputs: graph.outputs,
		layers,
		logits
	};
}
