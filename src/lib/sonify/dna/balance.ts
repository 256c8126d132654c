/**
 * IV, the balance: the norms, a bar for each (evenly picked where there are many). Their gains bend an arch of eight harp
 * notes, and nothing bends it where all channels count the same.
 */
import { evenlyPicked } from '../form';
import { between, ranksOf } from '../ranks';
import { deviationOf, gains } from '../readings';
import { inOctaveFrom, nearestDegree, pitchOfDegree, type Scale } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import { allNorms, type ModelStatistics } from '../statistics';
import { BASS, BELLS, HARP, ORGAN, type MovementMusic } from './ensemble';

const MOST_BARS = 24;

/** Degrees of the five-note scale. */
const ARCH = [0, 2, 4, 5, 7, 5, 4, 2];

export function balance(model: ModelStatistics, scale: Scale, start: number): MovementMusic {
	const norms = evenlyPicked(allNorms(model), MOST_BARS);
	const unevenness = norms.map(deviationOf);
	const tilts = ranksOf(unevenness);
	const middle = nearestDegree(scale, 64);
	/** the tonic of the bass */
	const home = nearestDegree(scale, inOctaveFrom(36, scale.tonic + 120));
	const notes: ScoreNote[] = [];
	norms.forEach((norm, bar) => {
		const readings = gains(norm, 8);
		const bends = ranksOf(readings).map((rank) => Math.round(6 * (rank - 0.5)));
		/** uneven norms lie higher */
		const base = middle + Math.round(4 * (tilts[bar]! - 0.5));
		const loud = between(0.42, 0.66, tilts[bar]!);
		ARCH.forEach((degree, i) => {
			const pitch = pitchOfDegree(scale, base + degree + bends[i]!);
			const velocity = loud - (i % 2) * 0.08;
			notes.push(noteAt(HARP, start + bar, [6 * i, 9], pitch, velocity, readings[i]!));
		});
		const source = unevenness[bar]!;
		const root = pitchOfDegree(scale, home + [0, 3, 2, 4][(bar >> 1) % 4]!);
		if (bar % 2 === 0) {
			notes.push(noteAt(BASS, start + bar, [0, 96], root, 0.5, source));
			[2, 4].forEach((above) =>
				notes.push(
					noteAt(
						ORGAN,
						start + bar,
						[0, 96],
						pitchOfDegree(scale, nearestDegree(scale, root + 12) + above),
						0.34,
						source
					)
				)
			);
		} else {
			const high = pitchOfDegree(scale, base + 7 + Math.max(...bends));
			notes.push(noteAt(BELLS, start + bar, [24, 24], high, loud, source));
		}
	});
	return { bars: norms.length, notes };
}
