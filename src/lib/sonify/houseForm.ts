/** The form of a house track of 128 bars: sections with their energy, what each part does in them, and the drums of each bar. */
import { QUIET_BAR, type DrumBar } from './grooves';
import type { ScaleName } from './scale';

export interface HouseSection {
	readonly name: 'intro' | 'build' | 'drop' | 'break' | 'outro';
	readonly bar: number;
	readonly bars: number;
	/** 0-7 */
	readonly energy: number;
	/** modes that it may be in, on the tonic of the piece; the weights choose, never that of the section before */
	readonly scales: readonly ScaleName[];
	/** bars that a chord lasts */
	readonly chordBars: 2 | 4;
	readonly chords: 'none' | 'pad' | 'stabs';
	/** how far the filter of the chords is open at its beginning and its end, 0..1 */
	readonly brightness: readonly [from: number, to: number];
}

export const HOUSE_BARS = 128;

export const HOUSE_SECTIONS: readonly HouseSection[] = [
	{
		name: 'intro',
		bar: 0,
		bars: 16,
		energy: 2,
		scales: ['dorian', 'minor'],
		chordBars: 4,
		chords: 'pad',
		brightness: [0.1, 0.3]
	},
	{
		name: 'build',
		bar: 16,
		bars: 16,
		energy: 4,
		scales: ['phrygian', 'minor', 'dorian'],
		chordBars: 2,
		chords: 'stabs',
		brightness: [0.25, 0.8]
	},
	{
		name: 'drop',
		bar: 32,
		bars: 32,
		energy: 6,
		scales: ['minor', 'dorian', 'mixolydian'],
		chordBars: 2,
		chords: 'stabs',
		brightness: [0.6, 0.75]
	},
	{
		name: 'break',
		bar: 64,
		bars: 16,
		energy: 2,
		scales: ['lydian', 'mixolydian', 'minor', 'dorian'],
		chordBars: 4,
		chords: 'pad',
		brightness: [0.3, 0.9]
	},
	{
		name: 'drop',
		bar: 80,
		bars: 32,
		energy: 7,
		scales: ['minor', 'dorian', 'mixolydian'],
		chordBars: 2,
		chords: 'stabs',
		brightness: [0.7, 0.95]
	},
	{
		name: 'outro',
		bar: 112,
		bars: 16,
		energy: 2,
		scales: ['dorian', 'minor'],
		chordBars: 4,
		chords: 'pad',
		brightness: [0.5, 0.1]
	}
];

/** What the pitched parts beside the chords do in a bar of a section. */
export interface HouseParts {
	readonly bass: boolean;
	readonly hook: boolean;
	/** `thin` beside a hook, `none` while it would crowd others */
	readonly arp: 'none' | 'thin' | 'full';
}

/** `bar` counts from the beginning of the section. */
export function partsAt({ name, bars, energy }: HouseSection, bar: number): HouseParts {
	const late = bar >= bars / 2;
	switch (name) {
		case 'intro':
			return { bass: false, hook: false, arp: 'none' };
		case 'build':
			return { bass: late, hook: false, arp: late ? 'full' : 'thin' };
		case 'drop':
			return energy === 7
				? { bass: true, hook: true, arp: late ? 'full' : 'thin' }
				: { bass: true, hook: late, arp: late ? 'thin' : 'full' };
		case 'break':
			return { bass: false, hook: true, arp: late ? 'thin' : 'none' };
		case 'outro':
			return { bass: !late, hook: false, arp: late ? 'none' : 'thin' };
	}
}

/** `bar` counts from the beginning of the section. Four to the floor wherever there is a kick. */
export function houseDrumsAt({ name, bars, energy }: HouseSection, bar: number): DrumBar {
	const left = bars - bar;
	const late = bar >= bars / 2;
	const fill = bar % 8 === 7 ? (bar % 16 === 15 ? 'toms' : 'snare') : 'none';
	const crash = bar === 0;
	switch (name) {
		case 'intro':
			return {
				...QUIET_BAR,
				kick: true,
				hats: bar < 4 ? 'none' : late ? 'sixteenths' : 'eighths',
				percussion: late,
				fill
			};
		case 'build':
			return {
				...QUIET_BAR,
				kick: left > 1,
				clap: left > 4,
				hats: left > 1 ? 'sixteenths' : 'none',
				openHat: late && left > 4,
				percussion: left > 4,
				crash,
				fill: left > 4 ? fill : 'none',
				roll: rollBefore(left)
			};
		case 'drop':
			return {
				...QUIET_BAR,
				kick: true,
				clap: true,
				hats: 'sixteenths',
				openHat: true,
				ride: energy === 7 && late,
				percussion: energy === 7 || late,
				crash: crash || bar === bars / 2,
				fill
			};
		case 'break':
			return {
				...QUIET_BAR,
				kick: late && left > 1,
				hats: late ? 'eighths' : 'none',
				percussion: true,
				crash,
				roll: rollBefore(left)
			};
		case 'outro':
			return {
				...QUIET_BAR,
				kick: true,
				clap: !late,
				hats: left > 4 ? (late ? 'eighths' : 'sixteenths') : 'none',
				openHat: !late,
				percussion: left > 4,
				crash,
				fill: left > 1 ? fill : 'none'
			};
	}
}

/** Quarters, eighths, sixteenths, each louder. */
function rollBefore(left: number): DrumBar['roll'] {
	if (left > 4) return QUIET_BAR.roll;
	return { perBeat: ([4, 4, 2, 1] as const)[left - 1]!, loudness: 0.95 - 0.12 * (left - 1) };
}
