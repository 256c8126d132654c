/** The arrangement of an acid track over the layers: how many bars each has, the sections, and what the drums do in a bar. */
import type { LayerCurves } from './character';
import { barsPerLayer } from './form';
import { QUIET_BAR, type DrumBar } from './grooves';

export interface AcidSection {
	readonly name: 'intro' | 'build' | 'drop' | 'break' | 'outro';
	/** where it begins, and its length */
	readonly bar: number;
	readonly bars: number;
	/** 0-7 */
	readonly energy: number;
	/** steps of the bass that sound at most */
	readonly bassSteps: number;
	/** how far the filter is open at its beginning and its end, 0..1 */
	readonly cutoff: readonly [from: number, to: number];
	readonly pad: boolean;
	readonly answer: boolean;
}

export interface AcidArrangement {
	readonly bars: number;
	readonly barsPerLayer: number;
	readonly sections: readonly AcidSection[];
	sectionAt(bar: number): AcidSection;
	drumsAt(bar: number): DrumBar;
}

/** A layer has one of these, in bars; together they come as near to a track's usual length as they can. */
const LAYER_BARS = [4, 8, 16, 32];
const TRACK_BARS = 104;

export function acidArrangement({ tension }: LayerCurves): AcidArrangement {
	const layers = tension.length;
	const layerBars = barsPerLayer(layers, TRACK_BARS, LAYER_BARS);
	const bars = layers * layerBars;
	/** sections are counted in sixteens, in short tracks in eights or fours */
	const unit = bars >= 96 ? 16 * Math.round(bars / 112) : bars >= 64 ? 8 : 4;
	const breakStart = startOfBreak(tension, layerBars, unit, bars);
	const sections: AcidSection[] = [];
	const add = (end: number, section: Omit<AcidSection, 'bar' | 'bars'>): void => {
		const last = sections.at(-1);
		const bar = last ? last.bar + last.bars : 0;
		if (end > bar) sections.push({ ...section, bar, bars: end - bar });
	};
	const plain = { pad: false, answer: false };
	add(unit, { name: 'intro', energy: 2, bassSteps: 8, cutoff: [0.16, 0.34], ...plain });
	add(2 * unit, { name: 'build', energy: 4, bassSteps: 11, cutoff: [0.34, 0.6], ...plain });
	add(breakStart, { name: 'drop', energy: 6, bassSteps: 16, cutoff: [0.5, 0.8], ...plain });
	add(breakStart + unit, {
		name: 'break',
		energy: 2,
		bassSteps: 9,
		cutoff: [0.2, 0.75],
		pad: true,
		answer: false
	});
	add(bars - unit, {
		name: 'drop',
		energy: 7,
		bassSteps: 16,
		cutoff: [0.6, 1],
		pad: false,
		answer: true
	});
	add(bars, { name: 'outro', energy: 3, bassSteps: 10, cutoff: [0.6, 0.15], ...plain });
	const sectionAt = (bar: number): AcidSection =>
		sections.find((section) => bar < section.bar + section.bars) ?? sections.at(-1)!;
	return {
		bars,
		barsPerLayer: layerBars,
		sections,
		sectionAt,
		drumsAt: (bar) => drumsAt(sectionAt(bar), bar - sectionAt(bar).bar)
	};
}

/** A whole number of half sections from the third to the fifth, where the layer with the least tension is at work. */
function startOfBreak(
	tension: readonly number[],
	layerBars: number,
	unit: number,
	bars: number
): number {
	let best = 0;
	let least = Infinity;
	for (let bar = 3 * unit; bar <= Math.min(5 * unit, bars - 3 * unit); bar += unit / 2) {
		const own = tension[Math.floor(bar / layerBars)]!;
		if (own < least) {
			least = own;
			best = bar;
		}
	}
	return best;
}

function drumsAt({ name, bars, energy }: AcidSection, bar: number): DrumBar {
	const last = bar === bars - 1;
	const fill = bar % 8 === 7 || last ? (bar % 16 === 15 || last ? 'toms' : 'snare') : 'none';
	const crash = bar === 0;
	switch (name) {
		case 'intro':
			return { ...QUIET_BAR, kick: true, hats: bar >= bars / 2 ? 'sixteenths' : 'eighths', fill };
		case 'build':
			return {
				...QUIET_BAR,
				kick: !last,
				clap: true,
				hats: 'sixteenths',
				openHat: bar >= bars / 2,
				crash,
				roll: rollBefore(bars - bar)
			};
		case 'drop':
			return {
				...QUIET_BAR,
				kick: true,
				clap: true,
				hats: 'sixteenths',
				openHat: true,
				ride: energy === 7 && bar >= bars / 2,
				percussion: energy === 7,
				crash,
				fill
			};
		case 'break':
			return {
				...QUIET_BAR,
				hats: bar >= bars / 2 ? 'sixteenths' : 'eighths',
				percussion: true,
				crash,
				roll: rollBefore(bars - bar)
			};
		case 'outro':
			return {
				...QUIET_BAR,
				kick: true,
				clap: bar < bars / 2,
				hats: bar < bars / 2 ? 'sixteenths' : 'eighths',
				crash,
				fill: last ? 'none' : fill
			};
	}
}

/** The roll that leads into a drop: in the last bars, faster and louder. */
function rollBefore(barsLeft: number): DrumBar['roll'] {
	if (barsLeft > 4) return QUIET_BAR.roll;
	const perBeat = ([4, 4, 2, 1] as const)[barsLeft - 1]!;
	return { perBeat, loudness: 0.95 - 0.12 * (barsLeft - 1) };
}
