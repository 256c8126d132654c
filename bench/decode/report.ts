/** From the rounds of each engine to the rows of a table, and the table as text. */
import type { CellResult } from './cell';
import type { AdapterReport } from './jobs';
import type { SizeName } from './sizes';

/** All rounds of one engine on one model. */
export interface Measured {
	readonly engine: string;
	readonly label: string;
	readonly onGpu: boolean;
	readonly rounds: readonly CellResult[];
	/** what went wrong, in the rounds that failed */
	readonly failures: readonly string[];
}

export interface SizeReport {
	readonly size: SizeName;
	readonly parameters: string;
	readonly promptLength: number;
	readonly tokens: number;
	readonly rows: readonly Row[];
}

export interface Row {
	readonly engine: string;
	readonly label: string;
	/** why there are no figures; empty where there are */
	readonly failure: string;
	readonly figures: Figures | null;
}

export interface Figures {
	/** of one token */
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly tokensPerSecond: number;
	readonly firstTokenMs: number;
	readonly loadMs: number;
	readonly dispatchesPerToken: number | null;
	readonly bytesReadPerToken: number | null;
	readonly heapBytes: number | null;
	readonly gpuBytes: number | null;
	/** of the bandwidth that the adapter showed, 0..1; null off the GPU */
	readonly bandwidthShare: number | null;
	readonly sameTokens: number;
	readonly comparedTokens: number;
	readonly maxLogitDifference: number | null;
}

/** The medians over the rounds that came through. */
export function rowOf(measured: Measured, adapter: AdapterReport | null): Row {
	const { engine, label, onGpu, rounds, failures } = measured;
	const [first] = rounds;
	if (!first) return { engine, label, failure: failures.at(-1) ?? 'was not run', figures: null };
	const over = (value: (round: CellResult) => number): number => median(rounds.map(value));
	const tokensPerSecond = over((round) => round.tokensPerSecond);
	const largest = rounds.map(({ agreement }) => agreement.maxLogitDifference);
	const worst = rounds.reduce((a, b) => (b.agreement.same < a.agreement.same ? b : a)).agreement;
	return {
		engine,
		label,
		failure: '',
		figures: {
			p50Ms: over((round) => percentile(round.stepMs, 0.5)),
			p95Ms: over((round) => percentile(round.stepMs, 0.95)),
			tokensPerSecond,
			firstTokenMs: over((round) => round.firstTokenMs),
			loadMs: over((round) => round.loadMs),
			dispatchesPerToken: first.dispatchesPerToken,
			bytesReadPerToken: first.bytesReadPerToken,
			heapBytes: first.heapBytes,
			gpuBytes: first.gpuBytes,
			bandwidthShare:
				onGpu && adapter ? (first.weightBytes * tokensPerSecond) / adapter.bandwidth : null,
			sameTokens: worst.same,
			comparedTokens: worst.compared,
			maxLogitDifference: largest.reduce<number | null>(
				(a, b) => (a === null || b === null ? (a ?? b) : Math.max(a, b)),
				null
			)
		}
	};
}

const COLUMNS: readonly [heading: string, cell: (figures: Figures) => string][] = [
	['ms p50', ({ p50Ms }) => short(p50Ms)],
	['p95', ({ p95Ms }) => short(p95Ms)],
	['tokens/s', ({ tokensPerSecond }) => short(tokensPerSecond)],
	['first ms', ({ firstTokenMs }) => short(firstTokenMs)],
	['disp/tok', ({ dispatchesPerToken }) => short(dispatchesPerToken)],
	['read B/tok', ({ bytesReadPerToken }) => whole(bytesReadPerToken)],
	['heap MB', ({ heapBytes }) => megabytes(heapBytes)],
	['GPU MB', ({ gpuBytes }) => megabytes(gpuBytes)],
	['% of bw', ({ bandwidthShare: share }) => (share === null ? '-' : short(100 * share))],
	['greedy', ({ sameTokens, comparedTokens }) => `${sameTokens}/${comparedTokens}`],
	['max Δ', ({ maxLogitDifference: difference }) => difference?.toExponential(1) ?? '-']
];

/** The table of one model. */
export function tableOf({ size, parameters, promptLength, tokens, rows }: SizeReport): string {
	const labels = Math.max(...rows.map(({ label }) => label.length));
	const cells = rows.map(({ figures }) =>
		figures ? COLUMNS.map(([, cell]) => cell(figures)) : null
	);
	const widths = COLUMNS.map(([heading], column) =>
		Math.max(heading.length, ...cells.map((row) => row?.[column]?.length ?? 0))
	);
	const line = (label: string, values: readonly string[]): string =>
		[label.padEnd(labels), ...values.map((value, i) => value.padStart(widths[i]!))].join('  ');
	return [
		`${size}: ${parameters} weights, a prompt of ${promptLength} tokens, up to ${tokens} written`,
		line(
			'',
			COLUMNS.map(([heading]) => heading)
		),
		...rows.map(({ label, failure }, i) =>
			cells[i] ? line(label, cells[i]) : `${label.padEnd(labels)}  failed: ${firstLine(failure)}`
		)
	].join('\n');
}

export const LEGEND = `ms p50, p95: of one token, where every wait is for one submit; tokens/s: of tokens asked for together. first ms: prompt and first token.
heap: JavaScript, buffers and WebAssembly (in Node the whole process); GPU: buffers alive. % of bw: weights read, of the adapter's own measured bandwidth.
greedy: tokens equal to the f64 reference's before the first that is not. max Δ: of any logit (ours: log-probability of the eight best).`;

export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function median(values: readonly number[]): number {
	return percentile(values, 0.5);
}

function short(value: number | null): string {
	if (value === null || Number.isNaN(value)) return '-';
	return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function whole(value: number | null): string {
	return value === null ? '-' : String(Math.round(value));
}

function megabytes(bytes: number | null): string {
	return bytes === null ? '-' : short(bytes / 1e6);
}

function firstLine(text: string): string {
	return text.split('\n', 1)[0]!.slice(0, 900);
}
