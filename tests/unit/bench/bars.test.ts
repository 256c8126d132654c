/** What the bars benchmark makes of an engine's answer. */
import { describe, expect, test } from 'vitest';
import { figuresOf, quantile, tableOf } from '../../../bench/bars/figures';

const ANSWER = { tokens: [80, 100, 90, 130], milliseconds: 2000 };

describe('the figures of an engine', () => {
	test('count bars in the time of one at 128 BPM', () => {
		expect(figuresOf('wasm', 'WebAssembly, 1 thread', ANSWER, 1)).toEqual({
			engine: 'wasm',
			threads: 1,
			chosen: true,
			bars: 4,
			tokensPerSecond: 200,
			tokensPerBar: { median: 90, p90: 130 },
			barsPerBarTime: 3.75,
			barsPerBarTimeAtAim: 3.41,
			processorShare: 0.5,
			barsPerProcessorBarTime: 7.5
		});
	});

	test('say nothing of processor time with several threads, which spin', () => {
		const figures = figuresOf('wasm-2', 'WebAssembly, 2 threads', ANSWER, 4);
		expect(figures).toMatchObject({ threads: 2, chosen: false, barsPerProcessorBarTime: null });
	});

	test('of random weights keep silent about the length of bars', () => {
		const figures = figuresOf('typescript', 'TypeScript', ANSWER, 2);
		expect(tableOf([figures], false)).toContain('90 / 130');
		expect(tableOf([figures], true)).not.toContain('90 / 130');
	});

	test('take the smallest value that enough of the values do not exceed', () => {
		expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
		expect(quantile([4, 1, 3, 2], 0.9)).toBe(4);
	});
});
