/**
 * The weights of the Llama family under their published names, and the two forms in which engines take them: f32 for
 * TypeScript, f16 bits for the GPU. A tensor is converted when an engine asks, so the file stays the only copy.
 */
import { ModelFileError, type ModelConfig } from './config';
import type { SafetensorsFile, Tensor } from './safetensors';

/** Matrices are [outputs × inputs], row-major; norms are [hidden]. */
export interface LayerWeights {
	readonly inputNorm: Tensor;
	readonly query: Tensor;
	readonly key: Tensor;
	readonly value: Tensor;
	readonly output: Tensor;
	readonly postAttentionNorm: Tensor;
	readonly gate: Tensor;
	readonly up: Tensor;
	readonly down: Tensor;
}

export interface ModelWeights {
	/** [vocabulary × hidden] */
	readonly embedding: Tensor;
	readonly layers: readonly LayerWeights[];
	readonly finalNorm: Tensor;
	/** [vocabulary × hidden]; the embedding itself where the two are tied */
	readonly head: Tensor;
}

/** Finds every tensor that `config` needs. Throws a ModelFileError when one is missing or has another shape. */
export function readWeights(file: SafetensorsFile, config: ModelConfig): ModelWeights {
	const { vocabularySize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	const layers = Array.from({ length: config.layers }, (_, layer): LayerWeights => {
		const tensor = (name: string, ...shape: number[]) =>
			file.tensor(`model.layers.${layer}.${name}.weight`, shape);
		return {
			inputNorm: tensor('input_layernorm', hiddenSize),
			query: tensor('self_attn.q_proj', queries, hiddenSize),
			key: tensor('self_attn.k_proj', keys, hiddenSize),
			value: tensor('self_attn.v_proj', keys, hiddenSize),
			output: tensor('self_attn.o_proj', hiddenSize, queries),
			postAttentionNorm: tensor('post_attention_layernorm', hiddenSize),
			gate: tensor('mlp.gate_proj', intermediateSize, hiddenSize),
			up: tensor('mlp.up_proj', intermediateSize, hiddenSize),
			down: tensor('mlp.down_proj', hiddenSize, intermediateSize)
		};
	});
	const embedding = file.tensor('model.embed_tokens.weight', [vocabularySize, hiddenSize]);
	return {
		embedding,
		layers,
		finalNorm: file.tensor('model.norm.weight', [hiddenSize]),
		head: config.tiedEmbeddings
			? embedding
			: file.tensor('lm_head.weight', [vocabularySize, hiddenSize])
	};
}

/** A tensor's values as f32: exact for every weight type. */
export function toFloat32(tensor: Tensor): Float32Array {
	switch (tensor.type) {
		case 'F32':
			return new Float32Array(aligned(tensor.bytes, 4));
		case 'BF16': {
			const bits = new Uint16Array(aligned(tensor.bytes, 2));
			const wide = new Uint32Array(bits.length);
			for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
			return new Float32Array(wide.buffer);
		}
		case 'F16': {
			const bits = new Uint16Array(aligned(tensor.bytes, 2));
			const values = new Float32Array(bits.length);
			for (let i = 0; i < bits.length; i++) values[i] = halfToFloat(bits[i]!);
			return values;
		}
	}
}

/**
 * A tensor's values as f16 bits: unchanged from an F16 file, otherwise rounded to the nearest.
 * Throws a ModelFileError when a value is beyond what f16 can hold.
 */
export function toHalfBits(tensor: Tensor): Uint16Array {
	if (tensor.type === 'F16') return new Uint16Array(aligned(tensor.bytes, 2));
	const values = toFloat32(tensor);
	const bits = new Uint16Array(values.length);
	for (let i = 0; i < values.length; i++) {
		bits[i] = floatToHalf(values[i]!);
		if ((bits[i]! & 0x7c00) === 0x7c00) {
			throw new ModelFileError(
				`The model can't run on the graphics card: in ${tensor.file}, the tensor "${tensor.name}" holds ${values[i]}, and the 16-bit numbers used there end at 65504. Choose the CPU engine, or a model published in 16 bits.`
			);
		}
	}
	return bits;
}

/** The value of f16 bits: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function halfToFloat(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
	return sign * (1024 + fraction) * POWERS[exponent]!;
}

/** 2^(exponent - 25), the unit of the last fraction bit at each f16 exponent. */
const POWERS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));

/** The f16 bits nearest to a value, ties to even; values of 65520 and more become infinite. */
export function floatToHalf(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const magnitude = Math.abs(value);
	if (!(magnitude < 65520)) return sign | (Number.isNaN(value) ? 0x7e00 : 0x7c00);
	if (magnitude < 2 ** -14) return sign | roundHalfToEven(magnitude * 2 ** 24);
	const exponent = Math.floor(Math.log2(magnitude));
	/** log2 may land on the wrong side of a power of two; the carry below repairs the upper side */
	const floor = 2 ** exponent > magnitude ? exponent - 1 : exponent;
	const fraction = roundHalfToEven(magnitude * 2 ** (10 - floor)) - 1024;
	return sign | (((floor + 15) << 10) + fraction);
}

function roundHalfToEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The bytes as a buffer of whole values: copied, since tensors lie anywhere in the file. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
	const count = bytes.byteLength - (bytes.byteLength % size);
	return bytes.slice(0, count).buffer;
}
