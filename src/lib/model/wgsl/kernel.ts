/** What a kernel of a decoding step is: its code, how many workgroups it runs, and which buffers it sees. */
import type { BindingKind } from '../../gpu/pipelines';

/** The buffers that kernels share, by name. */
export type Resource =
	/** the matrices of a layer, as matrixShapes.ts describes them */
	| 'projection'
	| 'output'
	| 'mlp'
	| 'down'
	/** a part of the matrix around the layers */
	| 'embedding'
	| 'head'
	/** norms, biases and scales of the layer, or of what stands around the layers */
	| 'vectors'
	/** learned positions */
	| 'positions'
	/** which layer this is */
	| 'layer'
	| 'keys'
	| 'values'
	| 'normed'
	| 'mixed'
	| 'hidden'
	/** queries and normalisers of the layer, for the inspector */
	| 'recording'
	/** for the inspector */
	| 'residuals'
	| 'grammar'
	| 'bias';

/** A buffer of the second bind group, what the kernel does with it, and its number there (default: its place in the list). */
export type Binding = readonly [resource: Resource, kind: BindingKind, number?: number | undefined];

export interface Kernel {
	/** the file it is in, and what for */
	readonly name: string;
	readonly code: string;
	/** across and down; across at most LARGEST_ROW of them */
	readonly workgroups: readonly [number, number];
	/** the second bind group; the first is the same for all */
	readonly bindings: readonly Binding[];
}

/** How wide the reductions of a workgroup are: `narrow` suits emulated adapters, whose barriers cost most. */
export type Reduction = 'narrow' | 'wide';

/** Workgroups that WebGPU dispatches in one dimension. */
const LARGEST_ROW = 65_535;

/** `count` workgroups in as many rows as they need; the last row may run over, so kernels check. */
export function workgroupGrid(count: number, largestRow = LARGEST_ROW): readonly [number, number] {
	const rows = Math.ceil(count / largestRow);
	return [Math.ceil(count / rows), rows];
}

export function read(resource: Resource, number?: number): Binding {
	return [resource, 'read-only-storage', number];
}

export function write(resource: Resource, number?: number): Binding {
	return [resource, 'storage', number];
}
