/**
 * A model as an ordinary ONNX file with a key-value cache, as peers expect it: the names of the Hugging Face exports, the
 * fused operators of ONNX Runtime's own model builder (packed projections, GroupQueryAttention with rotary positions in
 * it, SkipSimplifiedLayerNormalization), logits and grown caches as outputs, f32 weights beside the graph.
 */
import type { ModelConfig } from '../../src/lib/model/config';
import type { LayerWeights, Matrix, Norm } from '../../src/lib/model/weights';
import {
	ElementType,
	encodeModel,
	type Initializer,
	type Node,
	type ValueInfo
} from './onnxFormat';
import type { SizedModel } from './sizes';

export interface OnnxExport {
	/** the graph, whose weights lie in a file `model.onnx_data` beside it */
	readonly graph: Uint8Array<ArrayBuffer>;
	readonly dataBytes: number;
	/** the contents of that file, piece by piece */
	data(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

export const DATA_FILE = 'model.onnx_data';

const MICROSOFT = { domain: 'com.microsoft' };

/** Throws where a model has a feature that this export does not know. */
export async function exportOnnx({ config, weights }: SizedModel): Promise<OnnxExport> {
	requireKnown(config);
	const { hiddenSize, heads, keyValueHeads, headSize, vocabularySize, layers } = config;
	const nodes: Node[] = [];
	const initializers: Initializer[] = [];
	const pieces: (() => Promise<Float32Array<ArrayBuffer>>)[] = [];
	let offset = 0;

	const node = (
		type: string,
		inputs: readonly string[],
		output: string,
		rest: Partial<Node> = {}
	): string => {
		nodes.push({ type, inputs, outputs: [output], ...rest });
		return output;
	};
	const constant = (
		name: string,
		shape: readonly number[],
		values: Float32Array | BigInt64Array
	) => {
		const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		const type = values instanceof Float32Array ? ElementType.float : ElementType.int64;
		initializers.push({ name, type, shape, data });
		return name;
	};
	const stored = (
		name: string,
		shape: readonly [number, number],
		read: () => Promise<Float32Array<ArrayBuffer>>
	) => {
		const length = shape[0] * shape[1] * 4;
		initializers.push({
			name,
			type: ElementType.float,
			shape,
			data: { location: DATA_FILE, offset, length }
		});
		pieces.push(read);
		offset += length;
		return name;
	};
	/** x · Wᵀ, the outputs of several matrices one after the other */
	const multiply = (input: string, matrices: readonly Matrix[], output: string) => {
		const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
		const weight = stored(`${output}.weight`, [matrices[0]!.columns, rows], () =>
			transposed(matrices)
		);
		return node('MatMul', [input, weight], output);
	};
	const normWeight = async (norm: Norm, name: string) =>
		constant(`${name}.weight`, [norm.weight.size], await norm.weight.floats());
	const epsilon = { floats: { epsilon: config.normalization.epsilon } };
	const norm = async (input: string, of: Norm, output: string) =>
		node('SimplifiedLayerNormalization', [input, await normWeight(of, output)], output, {
			...epsilon,
			integers: { axis: -1 }
		});
	/** The residual with `update` added to it, and the norm of that. */
	const addAndNorm = async (residual: string, update: string, of: Norm, output: string) => {
		nodes.push({
			type: 'SkipSimplifiedLayerNormalization',
			...MICROSOFT,
			...epsilon,
			inputs: [residual, update, await normWeight(of, output)],
			outputs: [output, '', '', `${output}.sum`]
		});
		return { residual: `${output}.sum`, normed: output };
	};

	async function attention(layer: LayerWeights, index: number, normed: string): Promise<string> {
		const at = `layer.${index}.attention`;
		const projections = [layer.query.weight, layer.key.weight, layer.value.weight];
		let query: string;
		/** empty where the projections are packed into the query */
		let key = '';
		let value = '';
		if (layer.queryNorm && layer.keyNorm) {
			const headNorm = async (input: string, of: Norm, count: number, name: string) => {
				const split = constant(`${name}.split`, [4], BigInt64Array.of(0n, 0n, BigInt(count), -1n));
				const joined = constant(`${name}.joined`, [3], BigInt64Array.of(0n, 0n, -1n));
				const apart = node('Reshape', [input, split], `${name}.heads`);
				const even = await norm(apart, of, `${name}.norm`);
				return node('Reshape', [even, joined], name);
			};
			const [q, k, v] = ['query', 'key', 'value'].map((part, i) =>
				multiply(normed, [projections[i]!], `${at}.${part}.projected`)
			);
			query = await headNorm(q!, layer.queryNorm, heads, `${at}.query`);
			key = await headNorm(k!, layer.keyNorm, keyValueHeads, `${at}.key`);
			value = v!;
		} else query = multiply(normed, projections, `${at}.packed`);
		const window = config.layerWindows[index]!;
		nodes.push({
			type: 'GroupQueryAttention',
			...MICROSOFT,
			inputs: [
				query,
				key,
				value,
				`past_key_values.${index}.key`,
				`past_key_values.${index}.value`,
				'last_index',
				'total_length',
				`cosines.${config.layerRotations[index]}`,
				`sines.${config.layerRotations[index]}`
			],
			outputs: [`${at}.mixed`, `present.${index}.key`, `present.${index}.value`],
			integers: {
				num_heads: heads,
				kv_num_heads: keyValueHeads,
				do_rotary: 1,
				rotary_interleaved: 0,
				...(window < longestOf(config) && { local_window_size: window })
			},
			floats: { scale: config.attentionScale }
		});
		return multiply(`${at}.mixed`, [layer.output.weight], `${at}.output`);
	}

	function feedForward(layer: LayerWeights, index: number, normed: string): string {
		const at = `layer.${index}.mlp`;
		const gate = multiply(normed, [layer.gate!.weight], `${at}.gate`);
		const up = multiply(normed, [layer.up.weight], `${at}.up`);
		const active =
			config.activation === 'silu'
				? node('Mul', [gate, node('Sigmoid', [gate], `${at}.sigmoid`)], `${at}.active`)
				: node('FastGelu', [gate], `${at}.active`, MICROSOFT);
		return multiply(node('Mul', [active, up], `${at}.hidden`), [layer.down.weight], `${at}.output`);
	}

	const one = constant('one', [1], BigInt64Array.of(1n));
	const toInt32 = { integers: { to: ElementType.int32 } };
	const counted = node('ReduceSum', ['attention_mask', one], 'counted', {
		integers: { keepdims: 0 }
	});
	node('Cast', [node('Sub', [counted, one], 'last')], 'last_index', toInt32);
	const scalarOne = constant('scalar_one', [], BigInt64Array.of(1n));
	const maskShape = node('Shape', ['attention_mask'], 'mask_shape');
	node('Cast', [node('Gather', [maskShape, scalarOne], 'mask_length')], 'total_length', toInt32);
	config.rotations.forEach(({ frequencies, magnitude }, i) => {
		const positions = longestOf(config);
		const table = (wave: (angle: number) => number) =>
			Float32Array.from({ length: positions * frequencies.length }, (_, at) => {
				const position = Math.floor(at / frequencies.length);
				return magnitude * wave(position * frequencies[at % frequencies.length]!);
			});
		constant(`cosines.${i}`, [positions, frequencies.length], table(Math.cos));
		constant(`sines.${i}`, [positions, frequencies.length], table(Math.sin));
	});
	const embedding = stored('embedding', [vocabularySize, hiddenSize], () =>
		weights.embedding.floats()
	);
	let residual = node('Gather', [embedding, 'input_ids'], 'embedded');
	if (config.embeddingScale !== 1) {
		const scale = constant('embedding_scale', [], Float32Array.of(config.embeddingScale));
		residual = node('Mul', [residual, scale], 'embedded.scaled');
	}
	let normed = await norm(residual, weights.layers[0]!.attentionNorm, 'layer.0.norm');
	for (const [index, layer] of weights.layers.entries()) {
		const at = `layer.${index}`;
		let update = await attention(layer, index, normed);
		if (layer.attentionUpdateNorm) {
			update = await norm(update, layer.attentionUpdateNorm, `${at}.attention.update`);
		}
		({ residual, normed } = await addAndNorm(residual, update, layer.mlpNorm, `${at}.mlp.norm`));
		update = feedForward(layer, index, normed);
		if (layer.mlpUpdateNorm) update = await norm(update, layer.mlpUpdateNorm, `${at}.mlp.update`);
		const following = weights.layers[index + 1]?.attentionNorm ?? weights.finalNorm;
		({ residual, normed } = await addAndNorm(residual, update, following, `${at}.end.norm`));
	}
	multiply(normed, [weights.head], 'logits');

	const cache = (name: string, length: string): ValueInfo[] =>
		Array.from({ length: layers }, (_, index) =>
			['key', 'value'].map((part) => ({
				name: `${name}.${index}.${part}`,
				type: ElementType.float,
				shape: ['batch_size', keyValueHeads, length, headSize]
			}))
		).flat();
	const graph = encodeModel({
		name: 'decoder',
		nodes,
		initializers,
		inputs: [
			{ name: 'input_ids', type: ElementType.int64, shape: ['batch_size', 'sequence_length'] },
			{
				name: 'attention_mask',
				type: ElementType.int64,
				shape: ['batch_size', 'total_sequence_length']
			},
			...cache('past_key_values', 'past_sequence_length')
		],
		outputs: [
			{
				name: 'logits',
				type: ElementType.float,
				shape: ['batch_size', 'sequence_length', vocabularySize]
			},
			...cache('present', 'total_sequence_length')
		]
	});
	return {
		graph,
		dataBytes: offset,
		async *data() {
			for (const read of pieces) {
				const { buffer, byteOffset, byteLength } = await read();
				yield new Uint8Array(buffer, byteOffset, byteLength);
			}
		}
	};
}

/** Positions that the rotary tables have rows for. */
function longestOf(config: ModelConfig): number {
	return Math.max(config.window, 2048);
}

/** [columns × all rows]: ONNX multiplies from the left. */
async function transposed(matrices: readonly Matrix[]): Promise<Float32Array<ArrayBuffer>> {
	const { columns } = matrices[0]!;
	const width = matrices.reduce((sum, { rows }) => sum + rows, 0);
	const values = new Float32Array(columns * width);
	let first = 0;
	for (const matrix of matrices) {
		/** rows that are read at once, so that the pieces stay in the cache */
		const block = 256;
		for (let row = 0; row < matrix.rows; row += block) {
			const end = Math.min(row + block, matrix.rows);
			const part = await matrix.floats(row, end);
			for (let column = 0; column < columns; column++) {
				const to = column * width + first + row;
				for (let i = 0; i < end - row; i++) values[to + i] = part[i * columns + column]!;
			}
		}
		first += matrix.rows;
	}
	return values;
}

function requireKnown(config: ModelConfig): void {
	const { biases, normalization, activation, gatedMlp } = config;
	const known =
		normalization.kind === 'rms' &&
		gatedMlp &&
		activation !== 'gelu' &&
		!biases.projection &&
		!biases.output &&
		!biases.mlp;
	if (!known) {
		throw new Error(`The ONNX export knows Llama, Mistral and Gemma-3, not ${config.family}.`);
	}
}
