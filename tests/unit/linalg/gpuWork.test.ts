/** The pace of work on a GPU, on one that is made up: it takes as long as it is said to, and time passes in no other way. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GpuWork, type Dispatch } from '../../../src/lib/linalg/gpuWork';
import { Pace } from '../../../src/lib/linalg/pace';
import type { SvdKernel, SvdKernels } from '../../../src/lib/linalg/svdKernels';

/** What a dispatch may take, in milliseconds, before others are held up. */
const BUDGET = 50;
/** What a submit with nothing in it takes to come back. */
const LATENCY = 2;

let now: number;
beforeEach(() => {
	now = 0;
	vi.spyOn(performance, 'now').mockImplementation(() => now);
	vi.stubGlobal('GPUBufferUsage', new Proxy({}, { get: () => 1 }));
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

/** A kernel that an adapter computes at so many operations a millisecond, a dispatch after the other. */
interface MadeUpKernel extends SvdKernel {
	readonly name: string;
	readonly rate: number;
}

function madeUpKernel(name: string, rate: number): MadeUpKernel {
	return { name, rate, pipeline: { name } as unknown as GPUComputePipeline, bind: vi.fn() };
}

/** Work on an adapter whose kernels these are; `took` is filled with the time of every dispatch. */
function madeUpWork(kernels: readonly MadeUpKernel[], operationsOf: (name: string) => number) {
	const took: { name: string; milliseconds: number }[] = [];
	const submits: number[] = [];
	let began = 0;
	let words: Uint32Array = new Uint32Array();
	const pass = {
		name: '',
		at: 0,
		setPipeline: (pipeline: { name: string }) => void (pass.name = pipeline.name),
		setBindGroup: (index: number, _: unknown, offsets?: number[]) => {
			if (index === 0) pass.at = offsets![0]! / 4;
		},
		dispatchWorkgroups() {
			const { rate } = kernels.find(({ name }) => name === pass.name)!;
			const count = words[pass.at + 1]!;
			const milliseconds = (count * operationsOf(pass.name)) / rate;
			took.push({ name: pass.name, milliseconds });
		},
		end: () => undefined
	};
	const device = {
		createBuffer: () => ({ destroy: () => undefined }),
		createBindGroup: () => ({}),
		createCommandEncoder: () => ({
			beginComputePass: () => pass,
			copyBufferToBuffer: () => undefined,
			finish: () => ({})
		}),
		queue: {
			writeBuffer: (_: unknown, __: number, data: Uint32Array) => void (words = data),
			submit() {
				const milliseconds = took.slice(began).reduce((sum, one) => sum + one.milliseconds, 0);
				began = took.length;
				submits.push(milliseconds);
				now += LATENCY + milliseconds;
			}
		}
	} as unknown as GPUDevice;
	const shared = {
		stepLayout: {},
		lossGuard: { guard: <T>(promise: Promise<T>) => promise },
		mapRead: async () => new Float32Array(1)
	} as unknown as SvdKernels;
	const gpu = { device, software: true, name: 'made up' } as never;
	return { work: new GpuWork(gpu, shared, new Pace({})), took, submits };
}

/** Rounds of two kernels, as the sweeps of blocks have them. */
async function rounds(kernels: readonly MadeUpKernel[], units: number, count: number) {
	const operations = 1e6;
	const { work, took, submits } = madeUpWork(kernels, () => operations);
	for (let round = 0; round < count; round++) {
		for (const kernel of kernels) {
			const dispatch: Dispatch = { kernel, group: {} as never, units, words: [], operations };
			await work.run(dispatch);
		}
	}
	await work.takeLargest();
	return { took, submits };
}

describe('work on a GPU', () => {
	it.each([
		['slow', 4e4],
		['middling', 1e6],
		['fast', 1e8]
	])('is split so that no dispatch holds a %s adapter up for long', async (_, rate) => {
		const { took, submits } = await rounds([madeUpKernel('a', rate)], 500, 8);
		expect(Math.max(...took.map(({ milliseconds }) => milliseconds))).toBeLessThanOrEqual(BUDGET);
		expect(Math.max(...submits)).toBeLessThanOrEqual(BUDGET);
	});

	it('does not waste a fast adapter on small pieces', async () => {
		const { submits } = await rounds([madeUpKernel('a', 1e8)], 500, 200);
		const late = submits.slice(-10, -1);
		expect(Math.min(...late)).toBeGreaterThan(4);
	});

	it('keeps to it when one kernel is a hundred times as slow as another for its operations', async () => {
		const kernels = [madeUpKernel('products', 1e7), madeUpKernel('solve', 1e5)];
		const { took } = await rounds(kernels, 400, 12);
		expect(Math.max(...took.map(({ milliseconds }) => milliseconds))).toBeLessThanOrEqual(BUDGET);
	});
});
