/** Kernels made of dot products, and the norm in front of them: put together from the pieces in `shaders/decode`. */
import dotRows from '$shaders/decode/dot_rows.wgsl?raw';
import dotSubgroup from '$shaders/decode/dot_subgroup.wgsl?raw';
import dotWorkgroup from '$shaders/decode/dot_workgroup.wgsl?raw';
import inputMeasured from '$shaders/decode/input_measured.wgsl?raw';
import inputNormed from '$shaders/decode/input_normed.wgsl?raw';
import inputPlain from '$shaders/decode/input_plain.wgsl?raw';
import lanes from '$shaders/decode/lanes.wgsl?raw';
import normResidual from '$shaders/decode/norm_residual.wgsl?raw';
import normalize from '$shaders/decode/normalize.wgsl?raw';
import rowPairs from '$shaders/decode/row_pairs.wgsl?raw';
import sparsity from '$shaders/decode/sparsity.wgsl?raw';
import dotF16 from '$shaders/decode/dot_f16.wgsl?raw';
import dotInt8 from '$shaders/decode/dot_int8.wgsl?raw';
import weightsF16 from '$shaders/decode/weights_f16.wgsl?raw';
import weightsInt8 from '$shaders/decode/weights_int8.wgsl?raw';
import { wgslConstants } from './constants';
import { LANES, multiplyingWorkgroup, type KernelForm } from './form';
import { read, workgroupGrid, write, type Binding, type Kernel, type Resource } from './kernel';
import { inputFloats, vectorsOf } from './matrixShapes';
import type { NormStage } from './normStage';

/** WGSL for each format: a single weight, and dot products. */
export const WEIGHTS_WGSL = {
	f16: { lookUp: weightsF16, dot: dotF16 },
	int8: { lookUp: weightsInt8, dot: dotInt8 }
} as const;

const DOT_WGSL = { rows: dotRows, workgroup: dotWorkgroup, subgroup: dotSubgroup } as const;

/** What a matrix is multiplied with. */
export type Input =
	/** as another kernel left it */
	| { readonly kind: 'plain'; readonly from: 'normed' | 'mixed' | 'hidden' }
	/** the MLP's hidden units, whose sparsity the kernel reports */
	| { readonly kind: 'measured' }
	/** the residual stream, which the kernel updates and norms itself */
	| { readonly kind: 'normed'; readonly stage: NormStage };

export interface Multiplication {
	readonly name: string;
	/** with a function `put_pair` */
	readonly code: string;
	readonly constants: Readonly<Record<string, number | boolean>>;
	readonly matrix: Resource;
	readonly pairs: number;
	readonly columns: number;
	/** where the scales of int8 rows begin among the vectors, and biases, if there are any */
	readonly scales: number;
	readonly bias: number | null;
	readonly input: Input;
	/** beyond matrix, vectors and input */
	readonly bindings: readonly Binding[];
}

/** `common` holds the shared constants and step.wgsl. */
export function multiplyingKernel(
	common: string,
	{ form, weights, largestRow }: KernelForm,
	{ name, code, constants, matrix, pairs, columns, scales, bias, input, bindings }: Multiplication
): Kernel {
	const workgroup = multiplyingWorkgroup(form);
	const workgroups = workgroupGrid(Math.ceil(pairs / workgroup.pairs), largestRow);
	const ownConstants = wgslConstants({
		...constants,
		PAIRS: pairs,
		ROW_VECTORS: vectorsOf(columns, weights),
		INPUT_QUADS: inputFloats(columns) / 4,
		HAS_SCALES: weights === 'int8',
		SCALES: scales,
		HAS_BIAS: bias !== null,
		BIAS: bias ?? 0,
		GRID: workgroups[0],
		WORKGROUP: workgroup.lanes,
		PAIRS_PER_WORKGROUP: workgroup.pairs,
		LANES: workgroup.lanes,
		...(form.kind === 'rows' ? {} : { LANES_PER_PAIR: form.lanes })
	});
	const source = inputSource(input);
	return {
		name,
		code: [
			form.kind === 'subgroup' ? 'enable subgroups;' : '',
			ownConstants,
			common,
			WEIGHTS_WGSL[weights].dot,
			DOT_WGSL[form.kind],
			rowPairs,
			source.code,
			code
		].join('\n'),
		workgroups,
		bindings: [read(matrix, 0), read('vectors', 1), ...source.bindings, ...bindings]
	};
}

function inputSource(input: Input): { code: string; bindings: Binding[] } {
	switch (input.kind) {
		case 'plain':
			return { code: inputPlain, bindings: [read(input.from, 2)] };
		case 'measured':
			return {
				code: lanes + sparsity + inputMeasured,
				bindings: [read('hidden', 2), ['layer', 'uniform', 3]]
			};
		case 'normed': {
			const { constants, keepsResidual } = input.stage;
			const flag = wgslConstants({ KEEPS_RESIDUAL: keepsResidual });
			return {
				code: constants + flag + lanes + normResidual + inputNormed,
				bindings: [
					['layer', 'uniform', 3],
					['residuals', 'storage', 4]
				]
			};
		}
	}
}

/** The norm as a kernel of its own. */
export function normKernel(common: string, { reduction }: KernelForm, stage: NormStage): Kernel {
	return {
		name: `normalize.wgsl (${stage.place})`,
		code: [
			wgslConstants({ LANES: LANES[reduction].norm, INPUT_QUADS: stage.quads }),
			stage.constants,
			common,
			lanes,
			sparsity,
			normResidual,
			normalize
		].join('\n'),
		workgroups: [1, 1],
		bindings: [
			read('vectors', 1),
			read('hidden', 2),
			['layer', 'uniform', 3],
			write('residuals', 4),
			write('normed', 5)
		]
	};
}
