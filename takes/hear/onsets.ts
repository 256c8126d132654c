/**
 * Hears where sounds begin: in one of four bands the level, taken every millisecond, exceeds all of the last 30 ms by 6 dB.
 * So neither the pulses of a low tone (they come again within 30 ms), nor swells, nor the release of a side-chain are
 * beginnings.
 */

/** Edges of the bands, Hz; the last is cut where the sample rate ends. */
const BANDS: readonly (readonly [number, number])[] = [
	[20, 500],
	[500, 2000],
	[2000, 5000],
	[5000, 12_000]
];

/** Levels are taken every so often, each over so many hops up to now: waves of many pitches coincide now and then. */
const HOP_SECONDS = 0.001;
const LEVEL_HOPS = 6;
const MEMORY_HOPS = 30;
const RISE_DECIBELS = 6;

/** What is so far below the loudest moment of its band, or of all bands, is silence. */
const FLOOR_DECIBELS = { band: 40, all: 50 };

/** Below this, dB, there is nothing at all. */
const SILENCE = -100;

/** Two beginnings closer than this are one: the second wave of a low tone may be stronger than its first. */
const SAME_SECONDS = 0.035;

/** Beginnings heard in `samples`, seconds, ascending. */
export function hearOnsets(samples: Float32Array, sampleRate: number): number[] {
	const bands = BANDS.map(([low, high]) =>
		levelsOf(samples, sampleRate, low, Math.min(high, 0.45 * sampleRate))
	);
	const loudest = bands.map((levels) => levels.reduce((a, b) => Math.max(a, b), SILENCE));
	const silence = Math.max(SILENCE, ...loudest) - FLOOR_DECIBELS.all;
	const rises = bands.flatMap((levels, band) =>
		risesOf(levels, Math.max(silence, loudest[band]! - FLOOR_DECIBELS.band))
	);
	const onsets: number[] = [];
	for (const hop of rises.sort((a, b) => a - b)) {
		const time = hop * HOP_SECONDS;
		if (time - (onsets.at(-1) ?? -Infinity) >= SAME_SECONDS) onsets.push(time);
	}
	return onsets;
}

/** Hops at which a level exceeds all that came before it within the memory. */
function risesOf(levels: Float64Array, floor: number): number[] {
	const rises: number[] = [];
	for (let hop = 1; hop < levels.length; hop++) {
		if (levels[hop]! < floor + RISE_DECIBELS) continue;
		let before = floor;
		for (let back = Math.max(0, hop - MEMORY_HOPS); back < hop; back++) {
			before = Math.max(before, levels[back]!);
		}
		if (levels[hop]! - before >= RISE_DECIBELS) rises.push(hop);
	}
	return rises;
}

/** Level of a band in dB, one value a hop. Digital silence is far below everything. */
function levelsOf(
	samples: Float32Array,
	sampleRate: number,
	lowHz: number,
	highHz: number
): Float64Array {
	const hop = HOP_SECONDS * sampleRate;
	const energies = new Float64Array(Math.floor(samples.length / hop));
	const high = passFilter('high', lowHz, sampleRate);
	const low = passFilter('low', highHz, sampleRate);
	let at = 0;
	for (let i = 0; i < energies.length; i++) {
		const end = Math.round((i + 1) * hop);
		let energy = 0;
		const count = end - at;
		for (; at < end; at++) energy += low(high(samples[at]!)) ** 2;
		energies[i] = energy / count;
	}
	return energies.map((_, i) => {
		let energy = 0;
		for (let back = Math.max(0, i - LEVEL_HOPS + 1); back <= i; back++) energy += energies[back]!;
		return 10 * Math.log10(energy / LEVEL_HOPS + 1e-14);
	});
}

/** A Butterworth filter of the second order, sample by sample. */
function passFilter(kind: 'high' | 'low', hz: number, sampleRate: number): (x: number) => number {
	const k = Math.tan((Math.PI * hz) / sampleRate);
	const a0 = 1 + Math.SQRT2 * k + k * k;
	const a1 = (2 * (k * k - 1)) / a0;
	const a2 = (1 - Math.SQRT2 * k + k * k) / a0;
	const b0 = (kind === 'low' ? k * k : 1) / a0;
	const b1 = (kind === 'low' ? 2 : -2) * b0;
	let z1 = 0;
	let z2 = 0;
	return (x) => {
		const y = b0 * x + z1;
		z1 = b1 * x - a1 * y + z2;
		z2 = b0 * x - a2 * y;
		return y;
	};
}

/** Where a note was written, and how near to it its beginning has to be heard, seconds. */
export interface WrittenOnset {
	readonly at: number;
	readonly within: number;
}

/** What is heard so near to a note begins with it, seconds. */
const ON_TIME_SECONDS = 0.01;

/**
 * How near to its time the beginning of a tone of `hz` has to be heard, seconds. A low tone shows its first crest within its
 * first period, which below 100 Hz is longer than what is allowed otherwise.
 */
export function onTimeWithin(hz: number): number {
	return Math.max(ON_TIME_SECONDS, 1 / hz);
}

/** How far heard beginnings are from written ones. */
export interface OnsetFigures {
	readonly heard: number;
	/** different times at which a note was written */
	readonly written: number;
	/** share of the heard that are as near to the nearest written one as that asks for */
	readonly onGrid: number;
	/** share of the written to which something begins as near as they ask for; soft notes hide behind loud ones */
	readonly found: number;
	/** of the heard from the nearest written, absolute, ms */
	readonly medianMilliseconds: number;
}

/** Compares ascending times, seconds, with what was written, ascending. Shares of nothing are 1. */
export function compareOnsets(
	heard: readonly number[],
	written: readonly WrittenOnset[]
): OnsetFigures {
	const times = written.map(({ at }) => at);
	const near = heard.map((time) => {
		const nearest = written[nearestTo(times, time)];
		return { distance: Math.abs((nearest?.at ?? Infinity) - time), within: nearest?.within ?? 0 };
	});
	const missed = written.map(({ at, within }) => ({
		distance: Math.abs((heard[nearestTo(heard, at)] ?? Infinity) - at),
		within
	}));
	const sorted = near.map(({ distance }) => distance).sort((a, b) => a - b);
	return {
		heard: heard.length,
		written: written.length,
		onGrid: shareWithin(near),
		found: shareWithin(missed),
		medianMilliseconds: 1000 * (sorted[sorted.length >> 1] ?? 0)
	};
}

function shareWithin(pairs: readonly { distance: number; within: number }[]): number {
	if (pairs.length === 0) return 1;
	return pairs.filter(({ distance, within }) => distance <= within).length / pairs.length;
}

/** The index of the nearest of ascending times; 0 where there is none. */
function nearestTo(times: readonly number[], time: number): number {
	let from = 0;
	let to = times.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if (times[middle]! < time) from = middle + 1;
		else to = middle;
	}
	const before = from - 1;
	if (before < 0) return 0;
	return from < times.length && times[from]! - time < time - times[before]! ? from : before;
}
