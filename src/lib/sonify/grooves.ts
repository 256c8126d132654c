/**
 * Drums of house and acid, bar by bar: what an arrangement asks for (kick, clap, hats, a roll, a fill) is laid out on the 48
 * steps of a bar, and the row norms of a matrix decide loudness and which of the optional hits sound.
 */
import { ranksOf, pick } from './ranks';
import { rowNorms, type Source } from './readings';
import { drumPitch, noteAt, type DrumName, type Part, type ScoreNote } from './score';
import { gateOf, type LayerStatistics } from './statistics';

/** What the drums of a bar are to do. */
export interface DrumBar {
	readonly kick: boolean;
	readonly clap: boolean;
	/** closed hats: none, on the off-beats, or in sixteenths */
	readonly hats: 'none' | 'eighths' | 'sixteenths';
	readonly openHat: boolean;
	readonly ride: boolean;
	/** a pattern of hand percussion that the weights choose */
	readonly percussion: boolean;
	readonly crash: boolean;
	/** what the end of the bar leads into the next with */
	readonly fill: 'none' | 'toms' | 'snare';
	/** a roll over the whole bar: hits a beat, 0 for none, and how loud it ends */
	readonly roll: { readonly perBeat: 0 | 1 | 2 | 4; readonly loudness: number };
}

export const QUIET_BAR: DrumBar = {
	kick: false,
	clap: false,
	hats: 'none',
	openHat: false,
	ride: false,
	percussion: false,
	crash: false,
	fill: 'none',
	roll: { perBeat: 0, loudness: 0 }
};

const BEATS = [0, 12, 24, 36];
const OFF_BEATS = [6, 18, 30, 42];
const SIXTEENTHS = Array.from({ length: 16 }, (_, i) => 3 * i);
/** on the beat, after it, on the off-beat, before the next */
const HAT_LEVELS = [0.5, 0.32, 0.7, 0.36];

/** Patterns of percussion, as idioms have them: the tresillo, the cascara's end, congas, a 3 against 4. */
const PERCUSSION: readonly (readonly { piece: DrumName; steps: readonly number[] }[])[] = [
	[{ piece: 'rim', steps: [0, 9, 18, 27, 36] }],
	[
		{ piece: 'mute conga', steps: [9, 21, 33] },
		{ piece: 'open conga', steps: [39, 42] },
		{ piece: 'low conga', steps: [27] }
	],
	[
		{ piece: 'shaker', steps: [3, 9, 15, 21, 27, 33, 39, 45] },
		{ piece: 'rim', steps: [9, 33] }
	],
	[
		{ piece: 'claves', steps: [0, 9, 18, 30, 36] },
		{ piece: 'tambourine', steps: [12, 36] }
	],
	[{ piece: 'cowbell', steps: [6, 15, 24, 33, 42] }]
];

/** The hits of a bar; loudness is that of the numbers of `layer`. */
export function drumsOf(
	part: Part,
	bar: number,
	plan: DrumBar,
	layer: LayerStatistics
): ScoreNote[] {
	const { up, down, output } = layer.matrices;
	const loud = series(rowNorms(down, 16));
	const hats = series(rowNorms(up, 16));
	const extras = series(rowNorms(output, 16));
	const notes: ScoreNote[] = [];
	const hit = (piece: DrumName, step: number, level: number, { readings, ranks }: Series): void => {
		const at = Math.floor(step / 3);
		const velocity = level * (0.84 + 0.16 * ranks[at]!);
		const accent = level >= 0.95;
		notes.push(noteAt(part, bar, [step, 3], drumPitch(piece), velocity, readings[at]!, { accent }));
	};
	const rolling = plan.roll.perBeat > 0;
	if (plan.kick) {
		/** a fill takes the last kick's place */
		for (const step of plan.fill === 'none' ? BEATS : BEATS.slice(0, 3)) hit('kick', step, 1, loud);
	}
	if (plan.clap && !rolling) {
		for (const step of [12, 36]) hit('clap', step, 0.9, loud);
		/** a ghost before the third or the fourth beat, whichever row is the longer */
		hit('snare', extras.ranks[7]! > extras.ranks[11]! ? 21 : 33, 0.3, extras);
	}
	if (plan.hats === 'eighths') for (const step of OFF_BEATS) hit('closed hat', step, 0.62, hats);
	if (plan.hats === 'sixteenths') {
		SIXTEENTHS.forEach((step, i) => {
			if (plan.openHat && i % 4 === 2) return;
			hit('closed hat', step, HAT_LEVELS[i % 4]!, hats);
		});
	}
	if (plan.openHat) for (const step of OFF_BEATS) hit('open hat', step, 0.72, hats);
	if (plan.ride) for (const step of [0, 6, 12, 18, 24, 30, 36, 42]) hit('ride', step, 0.5, hats);
	if (plan.percussion) {
		const [choice] = series(rowNorms(gateOf(layer), 5)).ranks;
		for (const { piece, steps } of pick(PERCUSSION, choice!)) {
			for (const step of steps) hit(piece, step, 0.5, extras);
		}
	}
	if (plan.crash) hit('crash', 0, 0.85, loud);
	if (rolling) {
		const { perBeat, loudness } = plan.roll;
		for (let step = 0; step < 48; step += 12 / perBeat) {
			hit('snare', step, loudness * (0.6 + (0.4 * step) / 48), loud);
		}
	}
	if (plan.fill === 'snare' && !rolling) {
		[33, 36, 39, 42, 45].forEach((step, i) => hit('snare', step, 0.45 + 0.1 * i, extras));
	}
	if (plan.fill === 'toms' && !rolling) {
		/** downwards, two hits a tom; rows decide which of the pairs is whole */
		const toms: DrumName[] = ['high tom', 'mid tom', 'low tom', 'floor tom'];
		toms.forEach((tom, i) => {
			hit(tom, 24 + 6 * i, 0.6 + 0.08 * i, extras);
			if (extras.ranks[i]! >= 0.4) hit(tom, 27 + 6 * i, 0.5 + 0.08 * i, extras);
		});
	}
	return notes;
}

interface Series {
	readonly readings: readonly Source[];
	readonly ranks: readonly number[];
}

function series(readings: readonly Source[]): Series {
	return { readings, ranks: ranksOf(readings) };
}
