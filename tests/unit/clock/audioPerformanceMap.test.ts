import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioPerformanceMap, type ClockPair } from '../../../src/lib/clock/audioPerformanceMap';
import { readOutputPair, type OutputClock } from '../../../src/lib/clock/outputPair';

/** A sound card whose clock runs `driftPpm` slow against the system's, read every 25 ms with jitter. */
function readings(options: {
	offset: number;
	driftPpm: number;
	jitter: number;
	count: number;
	seed: number;
	from?: number;
}): { pairs: ClockPair[]; heard: (contextTime: number) => number; end: number } {
	const { offset, driftPpm, jitter, count, seed, from = 0 } = options;
	const heard = (contextTime: number) => offset + contextTime * 1000 * (1 + driftPpm * 1e-6);
	let state = seed;
	const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
	const pairs = Array.from({ length: count }, (_, i) => {
		const contextTime = from + (i + 1) * 0.025;
		return { contextTime, performanceTime: heard(contextTime) + (random() * 2 - 1) * jitter };
	});
	return { pairs, heard, end: from + count * 0.025 };
}

function mapOf(pairs: ClockPair[]): AudioPerformanceMap {
	const map = new AudioPerformanceMap({ contextTime: 0, performanceTime: 0 });
	for (const pair of pairs) map.push(pair);
	return map;
}

describe('the map from audio to performance time', () => {
	it('can be asked from the first estimate on, and drops it for the first pair', () => {
		const map = new AudioPerformanceMap({ contextTime: 0, performanceTime: 100 });
		expect(map.toPerformance(1)).toBeCloseTo(1100);
		map.push({ contextTime: 2, performanceTime: 9000 });
		expect(map.toPerformance(2)).toBeCloseTo(9000);
	});

	it('recovers offset and drift within 0.5 ms from jittered pairs', () => {
		fc.assert(
			fc.property(
				fc.record({
					offset: fc.double({ min: 0, max: 1e6, noNaN: true }),
					driftPpm: fc.double({ min: -150, max: 150, noNaN: true }),
					seed: fc.integer({ min: 1, max: 2147483646 })
				}),
				(card) => {
					const { pairs, heard, end } = readings({ ...card, jitter: 2, count: 600 });
					const map = mapOf(pairs);
					for (const time of [end - 1, end, end + 0.15]) {
						expect(Math.abs(map.toPerformance(time) - heard(time))).toBeLessThan(0.5);
					}
				}
			),
			{ numRuns: 50 }
		);
	});

	it('follows the drift through eight minutes', () => {
		const { pairs, heard, end } = readings({
			offset: 500,
			driftPpm: 120,
			jitter: 1,
			count: 20_000,
			seed: 5
		});
		const map = mapOf(pairs);
		expect(Math.abs(map.toPerformance(end) - heard(end))).toBeLessThan(0.5);
	});

	it('can be asked the other way round', () => {
		const { pairs, end } = readings({ offset: 77, driftPpm: 50, jitter: 2, count: 300, seed: 3 });
		const map = mapOf(pairs);
		expect(map.toContext(map.toPerformance(end))).toBeCloseTo(end, 9);
	});

	it('is not moved by single wrong pairs', () => {
		const { pairs, heard, end } = readings({
			offset: 500,
			driftPpm: 0,
			jitter: 1,
			count: 400,
			seed: 9
		});
		for (let i = 20; i < pairs.length; i += 20) pairs[i]!.performanceTime += 180;
		const map = mapOf(pairs);
		expect(Math.abs(map.toPerformance(end) - heard(end))).toBeLessThan(0.5);
	});

	it('takes up a jump after four pairs: the context was suspended for ten seconds', () => {
		const before = readings({ offset: 500, driftPpm: 20, jitter: 1, count: 200, seed: 2 });
		const after = readings({
			offset: 10_500,
			driftPpm: 20,
			jitter: 1,
			count: 40,
			seed: 4,
			from: before.end
		});
		const map = mapOf([...before.pairs, ...after.pairs.slice(0, 3)]);
		expect(Math.abs(map.toPerformance(before.end) - before.heard(before.end))).toBeLessThan(0.5);
		map.push(after.pairs[3]!);
		expect(Math.abs(map.toPerformance(after.end) - after.heard(after.end))).toBeLessThan(2);
		for (const pair of after.pairs.slice(4)) map.push(pair);
		expect(Math.abs(map.toPerformance(after.end) - after.heard(after.end))).toBeLessThan(0.7);
	});

	it('takes up a small jump too: another device with 30 ms more latency', () => {
		const before = readings({ offset: 500, driftPpm: 0, jitter: 1, count: 200, seed: 2 });
		const after = readings({
			offset: 530,
			driftPpm: 0,
			jitter: 1,
			count: 200,
			seed: 4,
			from: before.end
		});
		const map = mapOf([...before.pairs, ...after.pairs]);
		expect(Math.abs(map.toPerformance(after.end) - after.heard(after.end))).toBeLessThan(0.5);
	});

	it('ignores pairs that repeat, go back, or are not numbers', () => {
		const { pairs, heard, end } = readings({
			offset: 500,
			driftPpm: 0,
			jitter: 0,
			count: 100,
			seed: 2
		});
		const map = mapOf(pairs);
		for (let i = 0; i < 50; i++) {
			map.push(pairs[99]!);
			map.push(pairs[3]!);
			map.push({ contextTime: pairs[99]!.contextTime, performanceTime: 99_999 });
			map.push({ contextTime: NaN, performanceTime: 0 });
		}
		expect(map.toPerformance(end)).toBeCloseTo(heard(end), 6);
	});

	it('stays as it is while the context stands still and only the other clock goes on', () => {
		const { pairs, heard, end } = readings({
			offset: 500,
			driftPpm: 0,
			jitter: 1,
			count: 100,
			seed: 2
		});
		const map = mapOf(pairs);
		for (let i = 1; i <= 400; i++) {
			map.push({ contextTime: end, performanceTime: heard(end) + i });
		}
		expect(Math.abs(map.toPerformance(end) - heard(end))).toBeLessThan(1);
	});

	it('finds its line even where every pair is far off: jitter of 20 ms', () => {
		const { pairs, heard, end } = readings({
			offset: 500,
			driftPpm: 0,
			jitter: 20,
			count: 2000,
			seed: 8
		});
		pairs[0]!.performanceTime += 400;
		const map = mapOf(pairs);
		expect(Math.abs(map.toPerformance(end) - heard(end))).toBeLessThan(6);
	});
});

describe('reading a pair from an audio context', () => {
	const running = { state: 'running', currentTime: 10, baseLatency: 0.01, outputLatency: 0.04 };
	const clock = (stamp: object | null, changes: Partial<OutputClock> = {}): OutputClock => ({
		...running,
		...(stamp && { getOutputTimestamp: () => stamp }),
		...changes
	});
	const fallback = { contextTime: 9.96, performanceTime: 20_000 };

	it('takes what the browser says is heard', () => {
		const stamp = { contextTime: 9.955, performanceTime: 19_997 };
		expect(readOutputPair(clock(stamp), 20_000)).toEqual(stamp);
	});

	it('puts the pair together from the latency where the browser says 0/0 or nothing', () => {
		expect(readOutputPair(clock({ contextTime: 0, performanceTime: 0 }), 20_000)).toEqual(fallback);
		expect(readOutputPair(clock({}), 20_000)).toEqual(fallback);
		expect(readOutputPair(clock(null), 20_000)).toEqual(fallback);
	});

	it('does the same where the pair is stale or from the future', () => {
		for (const performanceTime of [18_000, 21_000]) {
			expect(readOutputPair(clock({ contextTime: 9, performanceTime }), 20_000)).toEqual(fallback);
		}
	});

	it('does the same for a pair in the way of Firefox, one latency behind now on both clocks', () => {
		const stamp = { contextTime: 9.96, performanceTime: 19_960 };
		expect(readOutputPair(clock(stamp), 20_000)).toEqual(fallback);
	});

	it('uses the base latency where there is no output latency', () => {
		expect(readOutputPair(clock(null, { outputLatency: 0 }), 20_000)!.contextTime).toBeCloseTo(
			9.99
		);
	});

	it('gives none while the context does not run', () => {
		expect(readOutputPair(clock(null, { state: 'suspended' }), 20_000)).toBeNull();
		expect(readOutputPair(clock(null, { currentTime: 0 }), 20_000)).toBeNull();
	});
});
