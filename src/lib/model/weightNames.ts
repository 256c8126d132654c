/**
 * Finds the weights of a model by the names of its tensors alone, where nobody asks the model to write: a file without its
 * config.json, or one whose config.json asks for what no engine has. Names tell the family, shapes the sizes.
 */
import type { WeightLayout } from './config';
import { FAMILY_NAMES } from './families/families';
import { ModelFileError } from './modelFileError';
import type { ShapedTensorSet } from './safetensors';
import { readWeights, type ModelWeights } from './weights';

/** Of the tensor that every layer has, by its family; what stands before `layers.0` or `h.0` is the file's own. */
const FIRST_LAYER = [
	{ pattern: /^(.*)h\.0\.attn\.c_attn\.weight$/, table: 'wte.weight' },
	{
		pattern: /^(.*)layers\.0\.self_attn\.(?:q_proj|qkv_proj)\.weight$/,
		table: 'embed_tokens.weight'
	}
] as const;

/**
 * The weights in `tensors`; `file` is named in errors. Throws a ModelFileError when they are of no family that is known, or
 * a tensor is missing or shaped differently from the same one of another layer.
 */
export function findWeights(tensors: ShapedTensorSet, file: string): ModelWeights {
	return readWeights(tensors, weightLayout(tensors, file));
}

/** The sizes that names and shapes tell. Throws a ModelFileError when the names are of no family that is known. */
export function weightLayout(tensors: ShapedTensorSet, file: string): WeightLayout {
	for (const { pattern, table } of FIRST_LAYER) {
		for (const name of tensors.names) {
			const prefix = pattern.exec(name)?.[1];
			/** a model that sees pictures has layers without a table of words too */
			if (prefix === undefined || !tensors.shapeOf(prefix + table)) continue;
			return table === 'wte.weight' ? gpt2Layout(tensors, prefix) : llamaLayout(tensors, prefix);
		}
	}
	const some = tensors.names.slice(0, 3).map((name) => `"${name.slice(0, 60)}"`);
	throw new ModelFileError(
		`No layers were found in ${file}: its tensors are named ${some.join(', ') || 'nothing at all'}, and the layers that are known are those of ${FAMILY_NAMES}. Choose a model of one of these families, as it was published.`
	);
}

function gpt2Layout(tensors: ShapedTensorSet, prefix: string): WeightLayout {
	const [vocabularySize = 0, hiddenSize = 0] = tensors.shapeOf(`${prefix}wte.weight`) ?? [];
	return {
		family: 'gpt2',
		vocabularySize,
		hiddenSize,
		layers: countLayers(tensors, (layer) => `${prefix}h.${layer}.attn.c_attn.weight`),
		heads: 1,
		keyValueHeads: 1,
		headSize: hiddenSize,
		intermediateSize: tensors.shapeOf(`${prefix}h.0.mlp.c_fc.weight`)?.[1] ?? 0,
		queryKeyNorm: false,
		updateNorms: false,
		biases: { projection: true, output: true, mlp: true },
		learnedPositions: tensors.shapeOf(`${prefix}wpe.weight`)?.[0] ?? 0,
		tiedEmbeddings: !tensors.shapeOf('lm_head.weight')
	};
}

function llamaLayout(tensors: ShapedTensorSet, prefix: string): WeightLayout {
	const shape = (name: string): readonly number[] | null =>
		tensors.shapeOf(`${prefix}layers.0.${name}`);
	const [vocabularySize = 0, hiddenSize = 0] =
		tensors.shapeOf(`${prefix}embed_tokens.weight`) ?? [];
	const fused = shape('self_attn.qkv_proj.weight');
	const queries = shape('self_attn.o_proj.weight')?.[1] ?? 0;
	const keys = fused ? (fused[0]! - queries) / 2 : (shape('self_attn.k_proj.weight')?.[0] ?? 0);
	const headNorm = shape('self_attn.q_norm.weight');
	/** without a norm for heads, any size that fits both will do: nothing is computed with it */
	const headSize = headNorm?.[0] ?? greatestCommonDivisor(queries, keys);
	const updateNorms = shape('pre_feedforward_layernorm.weight') !== null;
	return {
		family: updateNorms ? 'gemma3_text' : fused ? 'phi3' : 'llama',
		vocabularySize,
		hiddenSize,
		layers: countLayers(tensors, (layer) => `${prefix}layers.${layer}.self_attn.o_proj.weight`),
		heads: queries / headSize,
		keyValueHeads: keys / headSize,
		headSize,
		intermediateSize: shape('mlp.down_proj.weight')?.[1] ?? 0,
		queryKeyNorm: headNorm !== null,
		updateNorms,
		biases: {
			projection: shape('self_attn.q_proj.bias') !== null,
			output: shape('self_attn.o_proj.bias') !== null,
			mlp: shape('mlp.down_proj.bias') !== null
		},
		learnedPositions: 0,
		tiedEmbeddings: !tensors.shapeOf('lm_head.weight')
	};
}

function countLayers(tensors: ShapedTensorSet, nameOf: (layer: number) => string): number {
	let layers = 0;
	while (tensors.shapeOf(nameOf(layers))) layers++;
	return layers;
}

function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? Math.max(1, a) : greatestCommonDivisor(b, a % b);
}
