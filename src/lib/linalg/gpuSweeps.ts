/** Sweeps of one-sided Jacobi on the GPU, in the three forms of `shaders/svd`. */
import { LANE_PAIRS, BLOCK, BLOCK_TILE, type SvdKernels } from './svdKernels';
import type { Dispatch, GpuWork } from './gpuWork';

/**
 * Who turns a pair of columns: one invocation (`lanes`, for emulated adapters), a workgroup (`groups`), or a workgroup
 * turns the columns of two blocks together (`blocks`, for many columns).
 */
export type SweepForm = 'lanes' | 'groups' | 'blocks';

/** Up to here columns are turned one by one: a block's turns are many barriers, and there are too few blocks. */
const MOST_SINGLE_COLUMNS = 256;

export function sweepFormOf(columns: number, { software }: { software: boolean }): SweepForm {
	if (software) return 'lanes';
	return columns > MOST_SINGLE_COLUMNS ? 'blocks' : 'groups';
}

export interface Sweeps {
	/**
	 * Columns of `length` values in `left`, and those of V in `right`. What is returned does one sweep and returns the
	 * largest cosine it met; it is told the share of the sweep that is done.
	 */
	on(
		left: GPUBuffer,
		length: number,
		right: GPUBuffer
	): (progress: (share: number) => void) => Promise<number>;
}

export interface SweptShape {
	/** columns: a multiple of four, of blocks of 32 */
	readonly count: number;
	/** values of a column, of A · V at most, and of V: multiples of four, of blocks of 64 */
	readonly left: number;
	readonly right: number;
}

export async function createSweeps(
	work: GpuWork,
	kernels: SvdKernels,
	form: SweepForm,
	shape: SweptShape
): Promise<Sweeps> {
	const isBlocked = form === 'blocks';
	const players = isBlocked ? shape.count / BLOCK : shape.count;
	const dispatches = isBlocked
		? await blockDispatches(work, kernels, shape, players)
		: await columnDispatches(work, kernels, form, shape, players);
	return {
		on(left, length, right) {
			const ofRound = dispatches(left, length, right);
			return async (progress) => {
				for (let round = 0; round < players - 1; round++) {
					for (const dispatch of ofRound(round)) await work.run(dispatch);
					progress((round + 1) / players);
				}
				return work.takeLargest();
			};
		}
	};
}

/** What one round runs, on given buffers. */
type Rounds = (
	left: GPUBuffer,
	length: number,
	right: GPUBuffer
) => (round: number) => readonly Dispatch[];

async function columnDispatches(
	work: GpuWork,
	kernels: SvdKernels,
	form: 'lanes' | 'groups',
	shape: SweptShape,
	players: number
): Promise<Rounds> {
	const kernel = await kernels.get(form === 'lanes' ? 'turn_lanes' : 'turn_group');
	return (left, length, right) => {
		const group = kernel.bind([left, right, work.largest]);
		return (round) => [
			{
				kernel,
				group,
				units: players / 2,
				unitsPerWorkgroup: form === 'lanes' ? LANE_PAIRS : 1,
				words: [round, players, length / 4, shape.right / 4],
				operations: 14 * length + 8 * shape.right
			}
		];
	};
}

const TOGETHER = 2 * BLOCK;
/** Values of a column whose products one workgroup sums: fewer would leave little to do for each. */
const SLICE = 4 * BLOCK_TILE;
/** What a solve costs, as if it were operations: mostly waits at barriers. */
const SOLVE_OPERATIONS = 1e6;

async function blockDispatches(
	work: GpuWork,
	kernels: SvdKernels,
	shape: SweptShape,
	players: number
): Promise<Rounds> {
	const [products, solve, turn] = await Promise.all([
		kernels.get('block_products'),
		kernels.get('block_solve'),
		kernels.get('block_turn')
	]);
	const pairs = players / 2;
	const slicesOf = (length: number): number => Math.ceil(length / SLICE);
	const matrices = pairs * TOGETHER * TOGETHER;
	const sums = work.storage('svd products', slicesOf(shape.left) * matrices);
	const turns = work.storage('svd turns', matrices);
	const turned = work.storage('svd turned', pairs);
	return (left, length, right) => {
		const slices = slicesOf(length);
		const productsGroup = products.bind([left, sums]);
		const solveGroup = solve.bind([sums, turns, turned, work.largest]);
		const leftGroup = turn.bind([left, turns, turned]);
		const rightGroup = turn.bind([right, turns, turned]);
		const turning = (group: GPUBindGroup, round: number, values: number): Dispatch => ({
			kernel: turn,
			group,
			units: pairs,
			down: values / BLOCK_TILE,
			words: [round, players, values / 4],
			operations: 2 * TOGETHER * TOGETHER * values
		});
		return (round) => [
			{
				kernel: products,
				group: productsGroup,
				units: pairs,
				down: slices,
				words: [round, players, length / 4],
				operations: 2 * TOGETHER * TOGETHER * length
			},
			{
				kernel: solve,
				group: solveGroup,
				units: pairs,
				words: [round, players, slices],
				operations: SOLVE_OPERATIONS
			},
			turning(leftGroup, round, length),
			turning(rightGroup, round, shape.right)
		];
	};
}
