/** Hears how loud a mix is, whether it clips, and which bars are silent. */
import { integratedLoudness, peakOf, toDecibels, type Stereo } from '../../tests/audio/measure';

export interface LevelFigures {
	/** LUFS */
	readonly loudness: number;
	/** dBFS */
	readonly peak: number;
	/** samples at or beyond full scale */
	readonly clippedSamples: number;
	/** of each bar, RMS in dBFS */
	readonly barLevels: readonly number[];
}

/** Full scale, less what rounding to 16 bits takes. */
const FULL_SCALE = 1 - 2 ** -15;

/** `barStarts` in seconds, with the end of the last bar behind them. */
export function hearLevels(sound: Stereo, barStarts: readonly number[]): LevelFigures {
	const { left, right, sampleRate } = sound;
	let clippedSamples = 0;
	for (const channel of [left, right]) {
		for (const sample of channel) if (Math.abs(sample) >= FULL_SCALE) clippedSamples++;
	}
	const barLevels = barStarts.slice(0, -1).map((start, bar) => {
		const from = Math.round(start * sampleRate);
		const to = Math.min(left.length, Math.round(barStarts[bar + 1]! * sampleRate));
		let energy = 0;
		for (let i = from; i < to; i++) energy += (left[i]! ** 2 + right[i]! ** 2) / 2;
		return toDecibels(Math.sqrt(energy / Math.max(1, to - from)));
	});
	return {
		loudness: integratedLoudness(sound),
		peak: toDecibels(peakOf(sound)),
		clippedSamples,
		barLevels
	};
}
