/**
 * The key of a model. Its singular values are heard as frequencies: twelve times the binary logarithm is a pitch, with
 * σ = 1 at C, and every value adds its share of the matrix's energy to its pitch class. The twelve sums are compared with the
 * key profiles of Krumhansl and Kessler (1982), "Tracing the Dynamic Changes in Perceived Tonal Organization in a
 * Spatial Representation of Musical Keys", by correlation, as Krumhansl (1990) finds keys of music.
 */
import { matricesOf, type LayerStatistics, type ModelStatistics } from './statistics';
import { pitchClassesOf, type ScaleName } from './scale';

/** How well each degree of the twelve fits a major and a minor key, rated by listeners; the tonic first. */
const PROFILES = {
	major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
	minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
} as const;

export interface Key {
	/** pitch class, C is 0 */
	readonly tonic: number;
	readonly mode: 'major' | 'minor';
	/** how much better its correlation is than that of the next best key, 0..1; from about 0.1 on the key is plain to hear */
	readonly confidence: number;
	/** [12] what was compared: the weight of each pitch class from C on, sum 1 */
	readonly chroma: readonly number[];
}

export function keyOf(model: ModelStatistics): Key {
	const chroma = chromaOf(model.layers);
	const [best, next] = keysByFit(chroma) as [FittingKey, FittingKey];
	const confidence = Math.min(1, best.correlation - next.correlation);
	return { tonic: best.tonic, mode: best.mode, confidence, chroma };
}

export interface FittingKey extends Pick<Key, 'tonic' | 'mode'> {
	/** of its profile with the chroma, -1..1 */
	readonly correlation: number;
}

/** All 24 keys, from the one that fits a chroma [12] best. */
export function keysByFit(chroma: readonly number[]): FittingKey[] {
	const candidates = (['major', 'minor'] as const).flatMap((mode) =>
		chroma.map((_, tonic) => ({
			mode,
			tonic,
			correlation: correlation(
				PROFILES[mode],
				chroma.map((_, degree) => chroma[(tonic + degree) % 12]!)
			)
		}))
	);
	return candidates.sort((a, b) => b.correlation - a.correlation);
}

/** The tonic as minor-mode music takes it: that of the relative minor of a major key, which has the same notes. */
export function minorTonic({ tonic, mode }: Key): number {
	return mode === 'minor' ? tonic : (tonic + 9) % 12;
}

/** The weight of each pitch class in the spectra of layers, [12] from C on, sum 1; each matrix counts the same. */
export function chromaOf(layers: readonly LayerStatistics[]): number[] {
	const chroma = new Array<number>(12).fill(0);
	for (const { singularValues } of layers.flatMap(matricesOf)) {
		const energy = singularValues.reduce((sum, value) => sum + value ** 2, 0);
		for (const value of singularValues) {
			if (value <= 0) continue;
			/** between two pitch classes the weight is shared, so nothing jumps where a value lies half-way */
			const pitch = 12 * Math.log2(value);
			const below = Math.floor(pitch);
			const weight = value ** 2 / energy;
			chroma[classOf(below)]! += weight * (below + 1 - pitch);
			chroma[classOf(below + 1)]! += weight * (pitch - below);
		}
	}
	const total = chroma.reduce((sum, weight) => sum + weight, 0);
	return chroma.map((weight) => weight / total);
}

/** The one of `scales` on `tonic` that holds most of a chroma, a note for a note. */
export function fittingScale<T extends ScaleName>(
	chroma: readonly number[],
	tonic: number,
	scales: readonly T[]
): T {
	const fit = (scale: T): number => {
		const classes = pitchClassesOf(scale, tonic);
		return classes.reduce((sum, member) => sum + chroma[member]!, 0) / classes.length;
	};
	return scales.reduce((best, scale) => (fit(scale) > fit(best) ? scale : best));
}

function classOf(pitch: number): number {
	return ((pitch % 12) + 12) % 12;
}

/** Pearson's. */
function correlation(a: readonly number[], b: readonly number[]): number {
	const meanA = a.reduce((sum, value) => sum + value, 0) / a.length;
	const meanB = b.reduce((sum, value) => sum + value, 0) / b.length;
	let both = 0;
	let squaresA = 0;
	let squaresB = 0;
	a.forEach((value, i) => {
		both += (value - meanA) * (b[i]! - meanB);
		squaresA += (value - meanA) ** 2;
		squaresB += (b[i]! - meanB) ** 2;
	});
	return squaresB > 0 ? both / Math.sqrt(squaresA * squaresB) : 0;
}
