/**
 * The bass pattern of a layer, sixteen steps as the TB-303 has them. Rows of the gate decide which steps sound, rows of `down`
 * the pitches, rows of `up` the leaps of an octave, rows of the output matrix the accents; a step slides where the
 * spectrum has changed most from the layer before. Ranks keep it inside the idiom: nine to fourteen steps, mostly the root,
 * two to four other pitch classes, a quarter accented, a fifth sliding; the character of the model says how many of each.
 */
import { changesOf, type Character, type LayerCurves } from './character';
import { between, greatest, levelOf, ranksOf } from './ranks';
import { rowNorms, type Source } from './readings';
import { inOctaveFrom, pitchOfDegree, type Scale } from './scale';
import { gateOf, type ModelStatistics } from './statistics';

/** The register of the bass, MIDI pitches. */
export const BASS_LOW = 28;
export const BASS_HIGH = 52;

/** Changes below are rounding. */
const LEAST_CHANGE = 1e-4;

export interface PatternStep {
	/** null: a rest */
	readonly pitch: number | null;
	readonly source: Source;
	/** 0..1: how much the step belongs to the pattern; a thinned one keeps the greatest */
	readonly importance: number;
	readonly accent: Source | null;
	readonly slide: Source | null;
}

/** The pattern of `layer`, [16]. `offset` counts rows on: another variation of the same layer. */
export function acidPattern(
	model: ModelStatistics,
	layer: number,
	scale: Scale,
	character: Character,
	curves: LayerCurves,
	offset = 0
): PatternStep[] {
	const statistics = model.layers[layer]!;
	const { down, up, output, value } = statistics.matrices;
	const presence = ranksOf(rowNorms(gateOf(statistics), 16)).map(
		(rank, step) => rank + (step === 0 ? 1 : step % 4 === 2 ? 0.2 : step === 15 ? -0.2 : 0)
	);
	const density = (2 * character.tails + curves.weight[layer]!) / 3;
	const sounding = greatest(presence, Math.round(between(9, 14, density)));

	const readings = rowNorms(down, 16, offset);
	const ladder = pitchLadder(scale, ranksOf(rowNorms(value, 5)), character, curves.change[layer]!);
	const leaps = ranksOf(rowNorms(up, 16));
	const pitches = ranksOf(readings).map((rank, step) => {
		const plain = step === 0 ? ladder[0]! : ladder[levelOf(rank, ladder.length)]!;
		const leaping = step % 4 !== 0 && leaps[step]! > 1 - 0.7 * character.imbalance;
		return leaping && plain + 12 <= BASS_HIGH ? plain + 12 : plain;
	});

	const accentReadings = rowNorms(output, 16);
	const accentRanks = ranksOf(accentReadings);
	const accentCount = Math.round(between(0.16, 0.34, character.tails) * sounding.length);
	const accented = greatest(
		accentRanks.map((rank, step) =>
			sounding.includes(step) ? rank + (step % 4 === 0 ? 0 : 0.25) : -1
		),
		accentCount
	);

	const changes = changesOf(model, layer, 16);
	const canSlide = (step: number): boolean =>
		sounding.includes(step) &&
		sounding.includes(step + 1) &&
		pitches[step] !== pitches[step + 1] &&
		changes[step]!.value > LEAST_CHANGE;
	const gliding = (2 * character.order + curves.change[layer]!) / 2;
	const slideCount = Math.round(between(0.12, 0.28, gliding) * sounding.length);
	const changeRanks = ranksOf(changes);
	const sliding = greatest(
		changeRanks.map((rank, step) => (canSlide(step) ? rank : -1)),
		slideCount
	).filter(canSlide);

	return readings.map((source, step) => ({
		pitch: sounding.includes(step) ? pitches[step]! : null,
		source,
		importance: presence[step]!,
		accent: accented.includes(step) ? accentReadings[step]! : null,
		slide: sliding.includes(step) ? changes[step]! : null
	}));
}

/**
 * Pitches from the lowest rank to the highest: the root for two fifths of the steps, then the other pitch classes of the
 * pattern, then the root's octave. The greatest rows of the value matrix choose the classes.
 */
function pitchLadder(
	scale: Scale,
	choice: readonly number[],
	character: Character,
	change: number
): number[] {
	const root = inOctaveFrom(BASS_LOW, scale.tonic);
	/** third, fifth, seventh, second, fourth: most at home first, which settles equals */
	const degrees = [2, 4, 6, 1, 3];
	const count = 2 + levelOf((character.order + change) / 2, 3);
	const others = greatest(choice, count)
		.map((index) => root + pitchOfDegree({ ...scale, tonic: 0 }, degrees[index]!))
		.sort((a, b) => a - b);
	const roots = Array.from({ length: Math.ceil(0.75 * (count + 1)) }, () => root);
	return [...roots, ...others, root + 12];
}

/** Rests for all but the `count` most important steps. */
export function thinned(pattern: readonly PatternStep[], count: number): PatternStep[] {
	const kept = greatest(
		pattern.map(({ pitch, importance }) => (pitch === null ? -1 : importance)),
		count
	);
	return pattern.map((step, i) => (kept.includes(i) ? step : { ...step, pitch: null }));
}

/** The pattern begun `by` steps later; the downbeat keeps its own. */
export function rotated(pattern: readonly PatternStep[], by: number): PatternStep[] {
	return pattern.map((step, i) => (i === 0 ? step : pattern[(i + by) % 16]!));
}

/** Accents `by` steps later, on steps that sound. */
export function accentsMoved(pattern: readonly PatternStep[], by: number): PatternStep[] {
	return pattern.map((step, i) => ({ ...step, accent: pattern[(i + 16 - by) % 16]!.accent }));
}

/** The last beat of `ending` after three of `pattern`. */
export function withEnding(
	pattern: readonly PatternStep[],
	ending: readonly PatternStep[]
): PatternStep[] {
	return pattern.map((step, i) => (i < 12 ? step : ending[i]!));
}
