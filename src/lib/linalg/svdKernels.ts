/** The kernels of `shaders/svd`: their code, their bindings, and how each is compiled once for a device. */
import block from '$shaders/svd/block.wgsl?raw';
import blockProducts from '$shaders/svd/block_products.wgsl?raw';
import blockSolve from '$shaders/svd/block_solve.wgsl?raw';
import blockTurn from '$shaders/svd/block_turn.wgsl?raw';
import product from '$shaders/svd/product.wgsl?raw';
import rowProducts from '$shaders/svd/row_products.wgsl?raw';
import straighten from '$shaders/svd/straighten.wgsl?raw';
import turn from '$shaders/svd/turn.wgsl?raw';
import turnGroup from '$shaders/svd/turn_group.wgsl?raw';
import turnLanes from '$shaders/svd/turn_lanes.wgsl?raw';
import { GpuError } from '../gpu/device';
import { createLossGuard, type LossGuard } from '../gpu/deviceLoss';
import { createMapRead, type MapRead } from '../gpu/mapRead';
import { bufferGroup, bufferLayout, computePipeline, type BindingKind } from '../gpu/pipelines';
import type { Dispatch } from './gpuWork';

export type KernelName =
	| 'turn_lanes'
	| 'turn_group'
	| 'block_products'
	| 'block_solve'
	| 'block_turn'
	| 'row_products'
	| 'straighten';

/** Columns in a block; of shaders/svd/block.wgsl. */
export const BLOCK = 16;
/** Values of a column that block_products.wgsl and block_turn.wgsl take at a time. */
export const BLOCK_TILE = 64;
/** Rows and columns of a square of row_products.wgsl and straighten.wgsl. */
const SQUARE = 32;
/** Pairs of columns in a workgroup of turn_lanes.wgsl. */
export const LANE_PAIRS = 16;
/** Invocations for a pair of columns in turn_group.wgsl. */
const GROUP_LANES = 64;
/** Sweeps inside a pair of blocks: enough to leave little for the next meeting. */
const INNER_SWEEPS = 3;

interface KernelText {
	readonly code: string;
	readonly bindings: readonly BindingKind[];
}

const TEXTS: Readonly<Record<KernelName, KernelText>> = {
	turn_lanes: {
		code: `const PAIRS = ${LANE_PAIRS}u;\n${turn}${turnLanes}`,
		bindings: ['storage', 'storage', 'storage']
	},
	turn_group: {
		code: `const LANES = ${GROUP_LANES}u;\n${turn}${turnGroup}`,
		bindings: ['storage', 'storage', 'storage']
	},
	block_products: {
		code: turn + block + blockProducts,
		bindings: ['read-only-storage', 'storage']
	},
	block_solve: {
		code: `const SWEEPS = ${INNER_SWEEPS}u;\n${turn}${block}${blockSolve}`,
		bindings: ['read-only-storage', 'storage', 'storage', 'storage']
	},
	block_turn: {
		code: turn + block + blockTurn,
		bindings: ['storage', 'read-only-storage', 'read-only-storage']
	},
	row_products: {
		code: product + rowProducts,
		bindings: ['read-only-storage', 'read-only-storage', 'storage']
	},
	straighten: {
		code: product + straighten,
		bindings: ['read-only-storage', 'read-only-storage', 'storage']
	}
};

export interface SvdKernel {
	readonly pipeline: GPUComputePipeline;
	/** its second bind group, of these buffers */
	bind(buffers: readonly GPUBuffer[]): GPUBindGroup;
}

/** What is kept for a device between decompositions: kernels, compiled when they are first asked for, and how to wait. */
export class SvdKernels {
	/** of the first bind group: the parameters of a dispatch, at a dynamic offset */
	readonly stepLayout: GPUBindGroupLayout;
	readonly lossGuard: LossGuard;
	readonly mapRead: MapRead;
	readonly #device: GPUDevice;
	readonly #compiled = new Map<KernelName, Promise<SvdKernel>>();

	constructor(device: GPUDevice) {
		this.#device = device;
		this.lossGuard = createLossGuard(
			device,
			({ message }) =>
				new GpuError(
					`The graphics card was lost while it decomposed a matrix (${message || 'no reason given'}). Try again, or go on with the CPU.`
				)
		);
		this.mapRead = createMapRead(device);
		this.stepLayout = bufferLayout(device, 'svd step', ['uniform'], { dynamicFirst: true });
	}

	/** Throws a GpuError when the driver can't compile it. */
	get(name: KernelName): Promise<SvdKernel> {
		let kernel = this.#compiled.get(name);
		if (!kernel) {
			kernel = this.#compile(name);
			this.#compiled.set(name, kernel);
		}
		return kernel;
	}

	async #compile(name: KernelName): Promise<SvdKernel> {
		const device = this.#device;
		const { code, bindings } = TEXTS[name];
		const layout = bufferLayout(device, name, bindings);
		const pipeline = await computePipeline(device, {
			name: `svd/${name}.wgsl`,
			code,
			layouts: [this.stepLayout, layout]
		});
		return { pipeline, bind: (buffers) => bufferGroup(device, name, layout, buffers) };
	}
}

export interface Squares {
	/** rows and columns of the result, and the length of the sums */
	readonly down: number;
	readonly across: number;
	readonly inner: number;
	/** of the step, from the rows of x on */
	readonly words: readonly number[];
}

/** A multiplication by row_products.wgsl or straighten.wgsl. */
export function squaresDispatch(
	kernel: SvdKernel,
	buffers: readonly GPUBuffer[],
	{ down, across, inner, words }: Squares
): Dispatch {
	const squaresAcross = Math.ceil(across / SQUARE);
	return {
		kernel,
		group: kernel.bind(buffers),
		units: squaresAcross * Math.ceil(down / SQUARE),
		words: [squaresAcross, ...words],
		operations: 2 * SQUARE * SQUARE * inner
	};
}
