/** The choices that fit the kernels to an adapter, and to the memory it has. */
import type { Reduction } from './kernel';

/**
 * How the products of rows are shared out. `rows`: four to one invocation, without barriers, which emulated adapters pay
 * dearly. `workgroup`: two to `lanes` neighbours, through workgroup memory. `subgroup`: two to `lanes` neighbours that hand
 * values to one another; needs the feature "subgroups".
 */
export type Form =
	{ readonly kind: 'rows' } | { readonly kind: 'workgroup' | 'subgroup'; readonly lanes: number };

/** How weights are kept: f16, or int8 with an f32 scale for each row. */
export type WeightFormat = 'f16' | 'int8';

export interface KernelForm {
	readonly form: Form;
	readonly reduction: Reduction;
	/** kernels that multiply norm their input themselves, instead of a kernel in front of them */
	readonly fused: boolean;
	readonly weights: WeightFormat;
	/** the most bytes that one binding takes; larger tables are split by rows */
	readonly bindingBytes: number;
	/** the most workgroups in one dimension */
	readonly largestRow: number;
}

/** The most invocations of a workgroup that multiplies. */
export const MULTIPLYING_LANES = 64;

/** Of a workgroup that multiplies: its invocations, and the pairs of rows it serves. PAIRS_TOGETHER of dot_*.wgsl is in them. */
export function multiplyingWorkgroup(form: Form): { lanes: number; pairs: number } {
	return form.kind === 'rows'
		? { lanes: 16, pairs: 32 }
		: { lanes: MULTIPLYING_LANES, pairs: MULTIPLYING_LANES / form.lanes };
}

/** Invocations that reduce together. On an emulated adapter, one of its vectors: four. */
export const LANES: Readonly<Record<Reduction, { norm: number; attention: number }>> = {
	narrow: { norm: 4, attention: 4 },
	wide: { norm: 256, attention: 128 }
};

/** The form in words. */
export function describeForm({ form, reduction, fused, weights }: KernelForm): string {
	const dots = {
		rows: 'a thread for four rows',
		workgroup: `${form.kind === 'rows' ? 1 : form.lanes} threads for two rows, through workgroup memory`,
		subgroup: `${form.kind === 'rows' ? 1 : form.lanes} threads for two rows, through subgroups`
	}[form.kind];
	return `${weights} weights, ${dots}, ${reduction} reductions, norms ${fused ? 'inside the products' : 'in kernels of their own'}`;
}
