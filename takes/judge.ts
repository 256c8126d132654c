/** What is measured of a take, and what it must be: each limit that is broken is a sentence. */
import type { HeardTake } from './hear/listen';
import { consonanceOf, pitchedNotes, strayNotes, type ConsonanceFigures } from './consonance';
import type { TakeBar } from './take';

export interface TakeFigures {
	readonly heard: HeardTake;
	readonly consonance: ConsonanceFigures;
	/** share of the pitched notes that lie outside of their track's range */
	readonly stray: number;
	/** tokens of a bar, the mean */
	readonly tokensPerBar: number;
}

export function figuresOf(bars: readonly TakeBar[], heard: HeardTake): TakeFigures {
	const tokens = bars.reduce((sum, bar) => sum + bar.tokens.length, 0);
	return {
		heard,
		consonance: consonanceOf(bars),
		stray: strayNotes(bars).length / Math.max(1, pitchedNotes(bars).length),
		tokensPerBar: tokens / bars.length
	};
}

/** See README.md for where each comes from. */
export const LIMITS = {
	/** share of heard beginnings within 10 ms of a written note, in each voice */
	onGrid: 0.95,
	/** and their median distance, ms */
	onsetMilliseconds: 5,
	/** share of written beginnings that are heard, in each voice */
	found: 0.5,
	/** share of bass notes and chords within 35 cents of what was written */
	inTune: 0.9,
	/** clash of bass and chords, as a share of what it would be with the bass at a random other height */
	clashToChance: 0.5,
	/** share of the time of bass and chord notes inside key and mode */
	inScale: 0.9,
	/** dBFS */
	peak: -0.3,
	/** LUFS */
	loudest: -9,
	quietest: -32,
	/** dBFS: what is quieter is a silent bar */
	silentBar: -60,
	/** share of pitched notes outside of their track's range */
	stray: 0.01
} as const;

/** Voices with fewer beginnings than this are not judged by shares. */
const FEW = 8;

/** What is wrong with a take, in words; empty where nothing is. */
export function problemsOf({ heard, consonance, stray }: TakeFigures): string[] {
	const problems: string[] = [];
	for (const [stem, onsets] of Object.entries(heard.onsets)) {
		if (onsets.written === 0 && onsets.heard > 0) {
			problems.push(`${stem}: ${onsets.heard} beginnings are heard and none was written`);
		}
		if (onsets.heard >= FEW && onsets.onGrid < LIMITS.onGrid) {
			problems.push(
				`${stem}: ${percent(1 - onsets.onGrid)} of what is heard begins off the written time`
			);
		}
		if (onsets.medianMilliseconds > LIMITS.onsetMilliseconds) {
			problems.push(`${stem}: begins ${onsets.medianMilliseconds.toFixed(1)} ms from its time`);
		}
		if (onsets.written >= FEW && onsets.found < LIMITS.found) {
			problems.push(
				`${stem}: ${percent(1 - onsets.found)} of the written beginnings are not heard`
			);
		}
	}
	for (const [stem, tuning] of Object.entries(heard.tuning)) {
		if (tuning.count >= FEW && tuning.inTune < LIMITS.inTune) {
			problems.push(`${stem}: ${percent(1 - tuning.inTune)} sounds out of tune`);
		}
	}
	const { clash, clashByChance } = consonance;
	if (clash > LIMITS.clashToChance * clashByChance) {
		problems.push(
			`bass and chords clash for ${percent(clash)} of their time together, and would for ${percent(clashByChance)} by chance`
		);
	}
	if (consonance.inScale < LIMITS.inScale) {
		problems.push(`${percent(1 - consonance.inScale)} of bass and chords is outside the scale`);
	}
	if (heard.clippedSamples > 0) problems.push(`${heard.clippedSamples} samples are clipped`);
	if (heard.peak > LIMITS.peak) problems.push(`the peak is ${heard.peak.toFixed(2)} dBFS`);
	if (!(heard.loudness >= LIMITS.quietest && heard.loudness <= LIMITS.loudest)) {
		problems.push(`the loudness is ${heard.loudness.toFixed(1)} LUFS`);
	}
	const silent = heard.barLevels.flatMap((level, bar) =>
		level < LIMITS.silentBar ? [bar + 1] : []
	);
	if (silent.length > 0) problems.push(`silent: bar ${silent.join(', ')}`);
	if (stray > LIMITS.stray) {
		problems.push(`${percent(stray)} of the notes are outside their track's range`);
	}
	return problems;
}

export function percent(share: number): string {
	return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
