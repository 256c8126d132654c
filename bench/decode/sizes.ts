/**
 * The models that engines are compared on: the one that the site ships, and three shapes with random weights. Random
 * weights are a function of tensor and index, computed when they are read, so that no file of them exists anywhere and
 * every engine, in whatever process, gets the same ones.
 */
import { parseModelConfig, type ModelConfig } from '../../src/lib/model/config';
import type { ModelFile } from '../../src/lib/model/files';
import { readSafetensors } from '../../src/lib/model/safetensors';
import { hash } from '../../src/lib/model/sampling';
import { floatToHalf, readWeights, type ModelWeights } from '../../src/lib/model/weights';

export const SIZE_NAMES = ['tiny', 'shipped', '11m', '25m', 'gemma'] as const;
export type SizeName = (typeof SIZE_NAMES)[number];

/** A model as engines take it, and as it was published. */
export interface SizedModel {
	readonly config: ModelConfig;
	/** the `config.json` */
	readonly json: Readonly<Record<string, unknown>>;
	readonly weights: ModelWeights;
	/** number of weights; a tied head counts once */
	readonly parameters: number;
}

/** A tensor of random weights: uniform within ± `spread` around `center`. */
interface TensorPlan {
	readonly name: string;
	readonly shape: readonly number[];
	readonly center: number;
	readonly spread: number;
}

const LLAMA = {
	model_type: 'llama',
	hidden_act: 'silu',
	rms_norm_eps: 1e-5,
	rope_theta: 10_000,
	max_position_embeddings: 1024,
	tie_word_embeddings: true
};

const CONFIGS: Readonly<Record<Exclude<SizeName, 'shipped'>, Readonly<Record<string, unknown>>>> = {
	tiny: {
		...LLAMA,
		vocab_size: 64,
		hidden_size: 64,
		num_hidden_layers: 2,
		num_attention_heads: 4,
		num_key_value_heads: 2,
		intermediate_size: 96
	},
	'11m': {
		...LLAMA,
		vocab_size: 1024,
		hidden_size: 384,
		num_hidden_layers: 6,
		num_attention_heads: 6,
		num_key_value_heads: 6,
		intermediate_size: 1024
	},
	'25m': {
		...LLAMA,
		vocab_size: 2048,
		hidden_size: 512,
		num_hidden_layers: 8,
		num_attention_heads: 8,
		num_key_value_heads: 8,
		intermediate_size: 1280
	},
	/** the shape of google/gemma-3-270m, with a shorter longest sequence */
	gemma: {
		model_type: 'gemma3_text',
		vocab_size: 262_144,
		hidden_size: 640,
		num_hidden_layers: 18,
		num_attention_heads: 4,
		num_key_value_heads: 1,
		head_dim: 256,
		intermediate_size: 2048,
		hidden_activation: 'gelu_pytorch_tanh',
		rms_norm_eps: 1e-6,
		rope_theta: 1_000_000,
		rope_local_base_freq: 10_000,
		query_pre_attn_scalar: 256,
		sliding_window: 512,
		sliding_window_pattern: 6,
		layer_types: Array.from({ length: 18 }, (_, layer) =>
			layer % 6 === 5 ? 'full_attention' : 'sliding_attention'
		),
		max_position_embeddings: 2048,
		attention_bias: false,
		tie_word_embeddings: true
	}
};

/** Opens the shipped model's files, which lie on a disk or behind a server. */
export interface ShippedFiles {
	json(): Promise<Readonly<Record<string, unknown>>>;
	weights(): Promise<ModelFile>;
}

export async function sizedModel(size: SizeName, shipped: ShippedFiles): Promise<SizedModel> {
	if (size !== 'shipped') return randomModel(size, CONFIGS[size]);
	const json = await shipped.json();
	return modelOf(json, await shipped.weights());
}

/** A model of the Llama or Gemma-3 family with random weights. */
export async function randomModel(
	name: string,
	json: Readonly<Record<string, unknown>>
): Promise<SizedModel> {
	return modelOf(json, randomFile(name, tensorPlans(parseModelConfig(json))));
}

async function modelOf(
	json: Readonly<Record<string, unknown>>,
	file: ModelFile
): Promise<SizedModel> {
	const config = parseModelConfig(json);
	const weights = readWeights(await readSafetensors(file), config);
	return { config, json, weights, parameters: parametersOf(weights) };
}

/** Every tensor of the Llama and Gemma-3 families, with spreads that keep attention and logits far from uniform. */
function tensorPlans(config: ModelConfig): TensorPlan[] {
	const { vocabularySize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	/** Gemma stores how far a norm's weight is from 1 */
	const normCenter = config.updateNorms ? 0 : 1;
	const norm = (name: string, size = hiddenSize): TensorPlan => ({
		name: `${name}.weight`,
		shape: [size],
		center: normCenter,
		spread: 0.5
	});
	const matrix = (name: string, rows: number, columns: number, gain: number): TensorPlan => ({
		name: `${name}.weight`,
		shape: [rows, columns],
		center: 0,
		spread: gain * Math.sqrt(3 / columns)
	});
	const plans = [matrix('model.embed_tokens', vocabularySize, hiddenSize, 2)];
	for (let layer = 0; layer < config.layers; layer++) {
		const at = `model.layers.${layer}`;
		plans.push(
			norm(`${at}.input_layernorm`),
			matrix(`${at}.self_attn.q_proj`, heads * headSize, hiddenSize, 1.5),
			matrix(`${at}.self_attn.k_proj`, keyValueHeads * headSize, hiddenSize, 1.5),
			matrix(`${at}.self_attn.v_proj`, keyValueHeads * headSize, hiddenSize, 1),
			matrix(`${at}.self_attn.o_proj`, hiddenSize, heads * headSize, 1),
			norm(`${at}.post_attention_layernorm`),
			matrix(`${at}.mlp.gate_proj`, intermediateSize, hiddenSize, 1),
			matrix(`${at}.mlp.up_proj`, intermediateSize, hiddenSize, 1),
			matrix(`${at}.mlp.down_proj`, hiddenSize, intermediateSize, 1)
		);
		if (config.queryKeyNorm) {
			plans.push(
				norm(`${at}.self_attn.q_norm`, headSize),
				norm(`${at}.self_attn.k_norm`, headSize)
			);
		}
		if (config.updateNorms) {
			plans.push(norm(`${at}.pre_feedforward_layernorm`), norm(`${at}.post_feedforward_layernorm`));
		}
	}
	plans.push(norm('model.norm'));
	return plans;
}

/** Random values of one tensor are drawn from this many, each of which f16 holds exactly. */
const LEVELS = 2048;

/** A safetensors file in F16 whose data is computed where it is read. */
function randomFile(name: string, plans: readonly TensorPlan[]): ModelFile {
	const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
	const ends: number[] = [];
	let end = 0;
	for (const plan of plans) {
		const begin = end;
		end += 2 * plan.shape.reduce((product, size) => product * size, 1);
		header[plan.name] = { dtype: 'F16', shape: plan.shape, data_offsets: [begin, end] };
		ends.push(end);
	}
	const text = new TextEncoder().encode(JSON.stringify(header));
	const head = new Uint8Array(8 + text.length);
	new DataView(head.buffer).setBigUint64(0, BigInt(text.length), true);
	head.set(text, 8);
	const levels = plans.map((plan) => levelsOf(plan));

	/** Values of the data part, whose bytes `begin` .. `end` lie in one tensor or several. */
	function data(begin: number, end: number): Uint8Array<ArrayBuffer> {
		const first = begin >> 1;
		const values = new Uint16Array(((end + 1) >> 1) - first);
		let tensor = ends.findIndex((tensorEnd) => tensorEnd > begin);
		for (let i = 0; i < values.length; i++) {
			while ((first + i) * 2 >= ends[tensor]!) tensor++;
			values[i] = levels[tensor]![hash(first + i) >>> 21]!;
		}
		const skip = begin - first * 2;
		return new Uint8Array(values.buffer, skip, end - begin);
	}

	return {
		name: `random-${name}.safetensors`,
		size: head.length + end,
		async read(begin, end) {
			if (begin >= head.length) return data(begin - head.length, end - head.length);
			const bytes = new Uint8Array(end - begin);
			bytes.set(head.subarray(begin, Math.min(end, head.length)));
			if (end > head.length) bytes.set(data(0, end - head.length), head.length - begin);
			return bytes;
		}
	};
}

function levelsOf({ center, spread }: TensorPlan): Uint16Array {
	return Uint16Array.from({ length: LEVELS }, (_, level) =>
		floatToHalf(center + spread * ((2 * level + 1) / LEVELS - 1))
	);
}

/** All weights, each once: an engine that ties its head to the embedding reads one matrix for both. */
function parametersOf(weights: ModelWeights): number {
	const found = new Map<string, number>();
	const visit = (part: unknown): void => {
		if (typeof part !== 'object' || part === null) return;
		if ('rows' in part && 'columns' in part && 'name' in part) {
			found.set(String(part.name), Number(part.rows) * Number(part.columns));
		} else if ('size' in part && 'name' in part) found.set(String(part.name), Number(part.size));
		else Object.values(part).forEach(visit);
	};
	visit(weights);
	return [...found.values()].reduce((sum, values) => sum + values, 0);
}

/** A prompt of `length` tokens that is the same everywhere. */
export function promptOf(length: number, vocabularySize: number): number[] {
	return Array.from({ length }, (_, i) => hash(i + 77) % vocabularySize);
}
