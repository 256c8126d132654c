/**
 * The forward pass as a list of dispatches: which kernels run one after the other, from the last token's embedding to the
 * logits, and on which layer's buffers. What they compute stands in `shaders/decode`.
 */
import attend from '$shaders/decode/attend.wgsl?raw';
import cache from '$shaders/decode/cache.wgsl?raw';
import embed from '$shaders/decode/embed.wgsl?raw';
import lanes from '$shaders/decode/lanes.wgsl?raw';
import largest from '$shaders/decode/largest.wgsl?raw';
import mlp from '$shaders/decode/mlp.wgsl?raw';
import multiply from '$shaders/decode/multiply.wgsl?raw';
import project from '$shaders/decode/project.wgsl?raw';
import step from '$shaders/decode/step.wgsl?raw';
import turn from '$shaders/decode/turn.wgsl?raw';
import type { ModelConfig } from '../config';
import {
	activationsOf,
	layerConstants,
	shapeConstants,
	wgslConstants,
	type KernelOptions
} from './constants';
import { LANES, type KernelForm } from './form';
import { read, write, type Kernel } from './kernel';
import { layerMatrices, layerVectors, outerVectors, tableParts, vectorsOf } from './matrixShapes';
import { WEIGHTS_WGSL, multiplyingKernel, normKernel, type Input } from './multiplyingKernel';
import { normStage, type NormStage } from './normStage';

/** One kernel on the buffers of one layer; `layers` stands for what is around them. */
export interface Dispatch {
	readonly kernel: Kernel;
	readonly layer: number;
	/** which part of a split table it binds */
	readonly part: number;
}

/** A step but for its end, in order. Equal kernels have equal code, so that they are compiled once. */
export function forwardDispatches(
	config: ModelConfig,
	form: KernelForm,
	options: KernelOptions
): Dispatch[] {
	const dispatches = embedKernels(config, form, options).map((kernel, part): Dispatch => ({
		kernel,
		layer: config.layers,
		part
	}));
	for (let layer = 0; layer < config.layers; layer++) {
		for (const kernel of layerKernels(config, form, options, layer)) {
			dispatches.push({ kernel, layer, part: 0 });
		}
	}
	const stage = normStage(config, form.weights, 'final');
	const common = shapeConstants(config, options) + step;
	if (!form.fused) {
		const kernel = normKernel(common, form, stage);
		dispatches.push({ kernel, layer: config.layers, part: 0 });
	}
	logitsKernels(config, form, common, stage).forEach((kernel, part) => {
		dispatches.push({ kernel, layer: config.layers, part });
	});
	return dispatches;
}

/** The kernels of one layer, in order. */
export function layerKernels(
	config: ModelConfig,
	form: KernelForm,
	options: KernelOptions,
	layer: number
): Kernel[] {
	const { hiddenSize, intermediateSize, heads, keyValueHeads, normalization } = config;
	const shapes = layerMatrices(config);
	const vectors = layerVectors(config, form.weights);
	const { update } = activationsOf(config);
	const common = shapeConstants(config, options) + layerConstants(config, layer) + step;
	const own = {
		QUERY_KEY_NORM: config.queryKeyNorm,
		ROTARY: config.rotations.length > 0
	};
	const normed = (stage: NormStage): Input =>
		form.fused ? { kind: 'normed', stage } : { kind: 'plain', from: 'normed' };
	const normedBefore = (stage: NormStage): Kernel[] =>
		form.fused ? [] : [normKernel(common, form, stage)];
	const reduction = LANES[form.reduction];

	const beforeAttention = normStage(config, form.weights, layer === 0 ? 'first' : 'attention');
	const beforeMlp = normStage(config, form.weights, 'mlp');
	const turnKernel: Kernel = {
		name: 'turn.wgsl',
		code: [
			wgslConstants(
				{ ...own, LANES: reduction.norm, QUERY_NORM: vectors.queryNorm, KEY_NORM: vectors.keyNorm },
				{ EPSILON: normalization.epsilon }
			),
			common,
			lanes,
			cache,
			turn
		].join('\n'),
		workgroups: [heads + keyValueHeads, 1],
		bindings: [read('vectors', 1), write('keys', 5)]
	};
	return [
		...normedBefore(beforeAttention),
		multiplyingKernel(common, form, {
			name: 'project.wgsl',
			code: cache + project,
			constants: own,
			matrix: 'projection',
			pairs: shapes.projection.rows / 2,
			columns: hiddenSize,
			scales: vectors.projectionScales,
			bias: config.biases.projection ? vectors.projectionBias : null,
			input: normed(beforeAttention),
			bindings: [write('keys', 5), write('values', 6)]
		}),
		...(config.queryKeyNorm ? [turnKernel] : []),
		{
			name: 'attend.wgsl',
			code: [wgslConstants({ LANES: reduction.attention }), common, lanes, largest, attend].join(
				'\n'
			),
			workgroups: [heads, 1],
			bindings: [
				['layer', 'uniform', 3],
				read('keys', 5),
				read('values', 6),
				write('mixed', 7),
				write('recording', 8)
			]
		},
		multiplyingKernel(common, form, {
			name: 'multiply.wgsl (attention output)',
			code: multiply,
			constants: { OUTPUT: update, ROWS: hiddenSize },
			matrix: 'output',
			pairs: Math.ceil(hiddenSize / 2),
			columns: shapes.output.columns,
			scales: vectors.outputScales,
			bias: config.biases.output ? vectors.outputBias : null,
			input: { kind: 'plain', from: 'mixed' },
			bindings: []
		}),
		...normedBefore(beforeMlp),
		multiplyingKernel(common, form, {
			name: 'mlp.wgsl',
			code: mlp,
			constants: {
				GATED: config.gatedMlp,
				SILU: config.activation === 'silu',
				GELU: config.activation === 'gelu'
			},
			matrix: 'mlp',
			pairs: Math.ceil(shapes.mlp.rows / 2),
			columns: hiddenSize,
			scales: vectors.mlpScales,
			bias: config.biases.mlp ? vectors.mlpBias : null,
			input: normed(beforeMlp),
			bindings: [write('hidden', 5)]
		}),
		multiplyingKernel(common, form, {
			name: 'multiply.wgsl (MLP output)',
			code: multiply,
			constants: { OUTPUT: update, ROWS: hiddenSize },
			matrix: 'down',
			pairs: Math.ceil(hiddenSize / 2),
			columns: intermediateSize,
			scales: vectors.downScales,
			bias: config.biases.mlp ? vectors.downBias : null,
			input:
				form.fused && options.frames ? { kind: 'measured' } : { kind: 'plain', from: 'hidden' },
			bindings: []
		})
	];
}

function embedKernels(config: ModelConfig, form: KernelForm, options: KernelOptions): Kernel[] {
	const vectors = outerVectors(config, form.weights);
	return tableParts(config, form.weights, form.bindingBytes).map(({ first, rows }) => ({
		name: 'embed.wgsl',
		code: [
			wgslConstants(
				{
					FIRST_ROW: first,
					ROWS: rows,
					ROW_VECTORS: vectorsOf(config.hiddenSize, form.weights),
					HAS_SCALES: form.weights === 'int8',
					SCALES: vectors.embeddingScales,
					HAS_POSITIONS: config.learnedPositions > 0,
					POSITION_SCALES: vectors.positionScales
				},
				{ EMBEDDING_SCALE: config.embeddingScale }
			),
			shapeConstants(config, options),
			step,
			WEIGHTS_WGSL[form.weights].lookUp,
			embed
		].join('\n'),
		workgroups: [1, 1],
		bindings: [
			read('embedding', 0),
			read('vectors', 1),
			read('positions', 2),
			write('residuals', 4)
		]
	}));
}

function logitsKernels(
	config: ModelConfig,
	form: KernelForm,
	common: string,
	stage: NormStage
): Kernel[] {
	const vectors = outerVectors(config, form.weights);
	const { logits } = activationsOf(config);
	const scales = config.tiedEmbeddings ? vectors.embeddingScales : vectors.headScales;
	return tableParts(config, form.weights, form.bindingBytes).map(({ first, rows }, part) =>
		multiplyingKernel(common, form, {
			name: 'multiply.wgsl (logits)',
			code: multiply,
			constants: { OUTPUT: logits + first, ROWS: rows },
			matrix: 'head',
			pairs: Math.ceil(rows / 2),
			columns: config.hiddenSize,
			scales: scales + first,
			bias: null,
			input: form.fused
				? { kind: 'normed', stage: { ...stage, keepsResidual: part === 0 } }
				: { kind: 'plain', from: 'normed' },
			bindings: []
		})
	);
}
