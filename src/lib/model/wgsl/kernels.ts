/**
 * The kernels of a decoding step, put together from `shaders/decode` for one model and one kind of adapter: their code,
 * how many workgroups each runs, and which buffers each sees.
 */
import addAttention from '$shaders/decode/add_attention.wgsl?raw';
import addMlp from '$shaders/decode/add_mlp.wgsl?raw';
import attend from '$shaders/decode/attend.wgsl?raw';
import describe from '$shaders/decode/describe.wgsl?raw';
import dotRows from '$shaders/decode/dot_rows.wgsl?raw';
import dotVectors from '$shaders/decode/dot_vectors.wgsl?raw';
import dotWorkgroup from '$shaders/decode/dot_workgroup.wgsl?raw';
import embed from '$shaders/decode/embed.wgsl?raw';
import gateUp from '$shaders/decode/gate_up.wgsl?raw';
import lanes from '$shaders/decode/lanes.wgsl?raw';
import largest from '$shaders/decode/largest.wgsl?raw';
import multiply from '$shaders/decode/multiply.wgsl?raw';
import normalize from '$shaders/decode/normalize.wgsl?raw';
import project from '$shaders/decode/project.wgsl?raw';
import sample from '$shaders/decode/sample.wgsl?raw';
import step from '$shaders/decode/step.wgsl?raw';
import take from '$shaders/decode/take.wgsl?raw';
import type { BindingKind } from '../../gpu/pipelines';
import type { ModelConfig } from '../config';
import { activationsOf, layerPlanOf, shapeConstants, vectorsOf, wgslConstants } from './constants';

/**
 * How the work is spread: `rows` gives each invocation rows of its own and avoids barriers, which emulated adapters pay
 * dearly; `workgroup` shares rows and keys among many, as graphics cards like it.
 */
export type KernelVariant = 'rows' | 'workgroup';

/** The buffers that kernels share, by name. `matrix` is the embedding, or the head for the logits. */
export type Resource =
	| 'matrix'
	| 'weights'
	| 'layer'
	| 'keys'
	| 'values'
	| 'normed'
	| 'mixed'
	| 'hidden'
	| 'grammar'
	| 'bias';

/** A buffer of the second bind group, and what the kernel does with it. */
export type Binding = readonly [Resource, BindingKind];

export interface Kernel {
	readonly name: string;
	readonly code: string;
	readonly workgroups: number;
	/** the second bind group, numbered from 0; the first is the same for all */
	readonly bindings: readonly Binding[];
}

export interface StepKernels {
	readonly embed: Kernel;
	/** of each layer, in order */
	readonly layer: readonly Kernel[];
	readonly logits: Kernel;
	readonly describe: Kernel;
	/** the two ways to end a step */
	readonly take: Kernel;
	readonly sample: Kernel;
}

/** Invocations that reduce together. On an emulated adapter, one of its vectors: four. */
const LANES = {
	rows: { norm: 4, attention: 4, vocabulary: 4 },
	workgroup: { norm: 64, attention: 128, vocabulary: 256 }
} as const;

/** Pairs of rows that one workgroup of dot_rows.wgsl or dot_workgroup.wgsl serves. */
const PAIRS_PER_WORKGROUP = { rows: 64, workgroup: 8 } as const;

const read = (resource: Resource): Binding => [resource, 'read-only-storage'];
const write = (resource: Resource): Binding => [resource, 'storage'];
const LAYER: Binding = ['layer', 'uniform'];

export function stepKernels(config: ModelConfig, variant: KernelVariant): StepKernels {
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize, vocabularySize } = config;
	const activations = activationsOf(config);
	const plan = layerPlanOf(config);
	const common = shapeConstants(config) + step;

	/** A kernel whose workgroups reduce. */
	const reducing = (
		name: string,
		code: string,
		laneCount: number,
		bindings: readonly Binding[],
		workgroups = 1
	): Kernel => ({
		name,
		code: [wgslConstants({ LANES: laneCount }), common, lanes, largest, code].join('\n'),
		workgroups,
		bindings
	});
	/** A kernel made of dot products, two rows together. */
	const multiplying = (
		name: string,
		code: string,
		pairs: number,
		bindings: readonly Binding[],
		constants: Record<string, number> = {}
	): Kernel => ({
		name,
		code: [
			wgslConstants(constants),
			common,
			variant === 'rows' ? dotRows : dotWorkgroup,
			dotVectors,
			code
		].join('\n'),
		workgroups: Math.ceil(pairs / PAIRS_PER_WORKGROUP[variant]),
		bindings
	});
	const product = (
		what: string,
		matrix: { in: Resource; at: number; rows: number; columns: number },
		input: Resource,
		output: number
	): Kernel =>
		multiplying(
			`multiply.wgsl (${what})`,
			multiply,
			Math.ceil(matrix.rows / 2),
			[read(matrix.in), read(input)],
			{
				MATRIX: matrix.at,
				ROWS: matrix.rows,
				COLUMN_VECTORS: vectorsOf(matrix.columns),
				OUTPUT: output
			}
		);

	const { norm, attention, vocabulary } = LANES[variant];
	const queries = heads * headSize;
	const projections = queries + 2 * keyValueHeads * headSize;
	return {
		embed: reducing('embed.wgsl', normalize + embed, norm, [read('matrix'), write('normed')]),
		layer: [
			multiplying('project.wgsl', project, projections / 2, [
				read('weights'),
				read('normed'),
				write('keys'),
				write('values')
			]),
			reducing(
				'attend.wgsl',
				attend,
				attention,
				[read('keys'), read('values'), write('mixed'), LAYER],
				heads
			),
			product(
				'attention output',
				{ in: 'weights', at: plan.output, rows: hiddenSize, columns: queries },
				'mixed',
				activations.update
			),
			reducing('add_attention.wgsl', normalize + addAttention, norm, [
				read('weights'),
				write('normed'),
				LAYER
			]),
			multiplying('gate_up.wgsl', gateUp, intermediateSize, [
				read('weights'),
				read('normed'),
				write('hidden')
			]),
			product(
				'MLP output',
				{ in: 'weights', at: plan.down, rows: hiddenSize, columns: intermediateSize },
				'hidden',
				activations.update
			),
			reducing('add_mlp.wgsl', normalize + addMlp, norm, [
				read('weights'),
				write('normed'),
				LAYER,
				read('hidden')
			])
		],
		logits: product(
			'logits',
			{ in: 'matrix', at: 0, rows: vocabularySize, columns: hiddenSize },
			'normed',
			activations.logits
		),
		describe: reducing('describe.wgsl', describe, vocabulary, []),
		take: { name: 'take.wgsl', code: common + take, workgroups: 1, bindings: [] },
		sample: reducing('sample.wgsl', sample, vocabulary, [read('grammar'), read('bias')])
	};
}
