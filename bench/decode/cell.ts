/** One cell of the table: one engine on one model, in a page or process of its own. Agreement first, then time. */
import type { BenchEngine } from './engine';
import type { GpuMeter } from './gpuMeter';
import { agreementWith, type Agreement, type Truth } from './truth';

export interface CellPlan {
	/** tokens to write; fewer where the budget ends before */
	readonly tokens: number;
	readonly budgetSeconds: number;
}

export interface CellResult {
	readonly device: string;
	readonly loadMs: number;
	readonly firstTokenMs: number;
	/** of each wait, per token */
	readonly stepMs: readonly number[];
	readonly tokensPerSecond: number;
	readonly agreement: Agreement;
	/** null off the GPU */
	readonly dispatchesPerToken: number | null;
	readonly bytesReadPerToken: number | null;
	readonly gpuBytes: number | null;
	/** memory of JavaScript and WebAssembly, in Node of the process; null where it can't be measured */
	readonly heapBytes: number | null;
	/** of weights, for each token */
	readonly weightBytes: number;
}

export interface CellEnvironment {
	readonly meter: GpuMeter | null;
	readonly measureHeap: () => Promise<number | null>;
}

/** Shares of the budget: the first run, which also warms up; the timed run. */
const OBSERVED_SHARE = 0.3;
const TIMED_SHARE = 0.5;

export async function runCell(
	create: () => Promise<BenchEngine>,
	parameters: number,
	truth: Truth,
	{ tokens, budgetSeconds }: CellPlan,
	{ meter, measureHeap }: CellEnvironment
): Promise<CellResult> {
	const loadBegan = performance.now();
	const engine = await create();
	const loadMs = performance.now() - loadBegan;
	const { prompt } = truth;
	const within = (share: number): number => performance.now() + share * budgetSeconds * 1000;
	const observed = await engine.write(prompt, {
		count: Math.min(tokens, truth.tokens.length),
		deadline: within(OBSERVED_SHARE),
		observe: true
	});
	const agreement = agreementWith(truth, observed);

	const before = meter?.counts();
	const first = await engine.write(prompt, { count: 1, deadline: Infinity, observe: false });
	const between = meter?.counts();
	const timed = await engine.write(prompt, {
		count: tokens,
		deadline: within(TIMED_SHARE),
		observe: false
	});
	const after = meter?.counts();
	/** of the tokens alone: what the prompt cost is taken off */
	const perToken = (key: 'dispatches' | 'bytesRead'): number | null => {
		if (!before || !between || !after || after.dispatches === 0) return null;
		const prompted = between[key] - before[key];
		return (after[key] - between[key] - prompted) / Math.max(1, timed.tokens.length - 1);
	};
	const spentMs = timed.stepMs.reduce((sum, ms) => sum + ms, 0);
	const stepsPerSecond = (timed.stepMs.length * 1000) / spentMs;
	/** no longer than the timed run took */
	const streamed = Math.max(1, timed.tokens.length - 1);
	const tokensPerSecond = (await engine.stream?.(streamed)) ?? stepsPerSecond;
	const result: CellResult = {
		device: engine.device,
		loadMs,
		firstTokenMs: Math.min(first.firstTokenMs, timed.firstTokenMs),
		stepMs: timed.stepMs,
		tokensPerSecond,
		agreement,
		dispatchesPerToken: perToken('dispatches'),
		bytesReadPerToken: perToken('bytesRead'),
		gpuBytes: after && after.dispatches > 0 ? after.bytesAlive : null,
		heapBytes: await measureHeap(),
		weightBytes: parameters * engine.bytesPerWeight
	};
	await engine.dispose();
	return result;
}
