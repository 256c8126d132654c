/**
 * Reads one pair of clocks from an audio context, as heard, past the quirks of the browsers:
 * - Chrome answers 0/0 before the first block is rendered, and repeats the last pair while suspended;
 * - Chrome may give a pair that is seconds old after a stall, or one from the future after a device change;
 * - Firefox takes the latency off both clocks, so that its pair says when a sample is made, not when it is heard;
 * - older Safari has no `getOutputTimestamp` or no `outputLatency`.
 * Where the answer is of no use, the pair is put together from `currentTime` and the reported latency.
 */
import type { ClockPair } from './audioPerformanceMap';

/** What is read of an AudioContext. */
export interface OutputClock {
	readonly state: string;
	readonly currentTime: number;
	readonly baseLatency?: number;
	readonly outputLatency?: number;
	getOutputTimestamp?(): { contextTime?: number; performanceTime?: number };
}

/** A pair older than this, or further ahead, is not believed. */
const OLDEST_MILLISECONDS = 1000;
const FURTHEST_AHEAD_MILLISECONDS = 250;

/** How exactly Firefox's pair lies one latency behind now. */
const FIREFOX_MILLISECONDS = 0.5;

/** The pair of `clock` at `nowMilliseconds` (`performance.now()`), or null while its time stands still. */
export function readOutputPair(clock: OutputClock, nowMilliseconds: number): ClockPair | null {
	if (clock.state !== 'running' || clock.currentTime <= 0) return null;
	const latencySeconds = outputLatencySeconds(clock);
	const { contextTime = 0, performanceTime = 0 } = clock.getOutputTimestamp?.() ?? {};
	const age = nowMilliseconds - performanceTime;
	const usable =
		contextTime > 0 &&
		performanceTime > 0 &&
		age < OLDEST_MILLISECONDS &&
		age > -FURTHEST_AHEAD_MILLISECONDS;
	const likeFirefox =
		latencySeconds > 0 && Math.abs(age - latencySeconds * 1000) < FIREFOX_MILLISECONDS;
	if (usable && !likeFirefox) return { contextTime, performanceTime };
	return {
		contextTime: clock.currentTime - latencySeconds,
		performanceTime: nowMilliseconds
	};
}

/** Seconds from rendering to the loudspeaker, as the browser reports it; 0 where it does not. */
export function outputLatencySeconds(clock: OutputClock): number {
	return clock.outputLatency || clock.baseLatency || 0;
}
