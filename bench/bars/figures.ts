/** What the answer of an engine says about music: bars written while one bar sounds. */
import type { BarsAnswer, BarsEngine } from './request';

/** 4 beats at 128 BPM. */
export const BAR_SECONDS = 1.875;

/** Aims: tokens of a bar at most, bars in a bar's time at least. */
export const TOKENS_PER_BAR = 110;
export const BARS_PER_BAR_TIME = 2;

export interface EngineFigures {
	readonly engine: 'wasm' | 'typescript';
	/** of WebAssembly; TypeScript has one */
	readonly threads: number;
	/** the instrument's own choice of threads */
	readonly chosen: boolean;
	readonly bars: number;
	readonly tokensPerSecond: number;
	readonly tokensPerBar: { readonly median: number; readonly p90: number };
	/** of the bars that it wrote */
	readonly barsPerBarTime: number;
	/** were every bar as long as the aim allows */
	readonly barsPerBarTimeAtAim: number;
	/** processor time by wall time: with one thread, below 1 where it shared the core with others */
	readonly processorShare: number;
	/** in 1.875 s of processor time, as on a machine that does nothing else; null with several threads, which spin */
	readonly barsPerProcessorBarTime: number | null;
}

export function figuresOf(
	engine: BarsEngine,
	device: string,
	{ tokens, milliseconds }: BarsAnswer,
	processorSeconds: number
): EngineFigures {
	const threads = Number(/(\d+) threads?$/.exec(device)?.[1] ?? 1);
	const seconds = milliseconds / 1000;
	const tokensPerSecond = tokens.reduce((sum, count) => sum + count, 0) / seconds;
	return {
		engine: engine === 'typescript' ? 'typescript' : 'wasm',
		threads,
		chosen: engine === 'wasm',
		bars: tokens.length,
		tokensPerSecond: rounded(tokensPerSecond),
		tokensPerBar: { median: quantile(tokens, 0.5), p90: quantile(tokens, 0.9) },
		barsPerBarTime: rounded((tokens.length * BAR_SECONDS) / seconds),
		barsPerBarTimeAtAim: rounded((tokensPerSecond * BAR_SECONDS) / TOKENS_PER_BAR),
		processorShare: rounded(processorSeconds / seconds),
		barsPerProcessorBarTime:
			threads === 1 ? rounded((tokens.length * BAR_SECONDS) / processorSeconds) : null
	};
}

/** A table in text. Bars of random weights have no usual length: theirs are left out. */
export function tableOf(figures: readonly EngineFigures[], random: boolean): string {
	const rows = figures.map((row) => [
		`${row.engine}, ${row.threads} ${row.threads === 1 ? 'thread' : 'threads'}`,
		row.tokensPerSecond.toFixed(0),
		random ? '-' : `${row.tokensPerBar.median} / ${row.tokensPerBar.p90}`,
		random ? '-' : row.barsPerBarTime.toFixed(2),
		row.barsPerBarTimeAtAim.toFixed(2),
		`${(100 * row.processorShare).toFixed(0)} %`,
		random ? '-' : (row.barsPerProcessorBarTime?.toFixed(2) ?? '-')
	]);
	const head = [
		'engine',
		'tokens/s',
		'tokens/bar, median / p90',
		'bars per bar-time',
		`at ${TOKENS_PER_BAR} tokens/bar`,
		'processor share',
		'bars per bar-time of processor'
	];
	const widths = head.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => row[column]!.length))
	);
	const line = (cells: readonly string[]) =>
		cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
	return [
		line(head),
		...rows.map(line),
		`aims: at most ${TOKENS_PER_BAR} tokens a bar, at least ${BARS_PER_BAR_TIME} bars in a bar's ${BAR_SECONDS} s`
	].join('\n');
}

/** The smallest value that at least `share` of the values do not exceed. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function rounded(value: number): number {
	return Math.round(value * 100) / 100;
}
