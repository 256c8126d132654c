/**
 * Act IV, dénouement: the matrices by their Frobenius norms, the largest first, a bar for each (evenly picked where there are
 * many). The violins come down with the norms, and the orchestra leaves: violas first, then violins, cellos, at last the
 * basses and the harp on the tonic.
 */
import { byFrobenius } from '../character';
import { chordOn, nearestChordTone, progression } from '../chords';
import { evenlyPicked } from '../form';
import { between, ranksOf } from '../ranks';
import { gains } from '../readings';
import { scaleOn } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import {
	BASSES,
	CELLOS,
	RANGES,
	VIOLAS,
	VIOLINS,
	harpArpeggio,
	heldStrings,
	inFourParts,
	type Act,
	type ActContext,
	type FourParts
} from './orchestra';

const MOST_BARS = 24;
/** The tonic at the end. */
const CLOSE = 4;

/** When players leave, as a share of the act. */
const LEAVES = { violas: 0.55, violins: 0.8, cellos: 0.92 };

export function denouement({ model, key, bar: start }: ActContext): Act {
	const scale = scaleOn(key.tonic, key.mode);
	const norms = byFrobenius(model);
	const bodyBars = Math.min(MOST_BARS, 4 * Math.floor(norms.length / 4) || norms.length);
	const bars = bodyBars + CLOSE;
	const told = evenlyPicked(norms, bodyBars);
	const ranks = ranksOf(told);
	const channels = gains(model.finalNorm, 8 * bars);
	/** a step is as bold as the channel of the last norm is loud */
	const degrees = progression(scale, ranksOf(channels.slice(0, bodyBars / 2)));
	const notes: ScoreNote[] = [];
	let voiced: FourParts | null = null;
	for (let bar = 0; bar < bars; bar++) {
		const at = bar / bars;
		const closing = bar >= bodyBars;
		const chord = chordOn(scale, closing ? 0 : (degrees[Math.floor(bar / 2)] ?? 0), 4);
		const source = told[Math.min(bar, bodyBars - 1)]!;
		const loud = between(0.62, 0.12, at);
		if (bar % 2 === 0) {
			voiced = inFourParts(chord, voiced);
			const players = [VIOLAS, CELLOS, BASSES].filter(
				(part) => (part !== VIOLAS || at < LEAVES.violas) && (part !== CELLOS || at < LEAVES.cellos)
			);
			const sources = players.map(() => source);
			notes.push(...heldStrings(start + bar, [0, 96], voiced, loud, sources, players));
		}
		if (at < LEAVES.violins) {
			const wanted = Math.round(between(64, 86, ranks[Math.min(bar, bodyBars - 1)]!));
			const pitch = nearestChordTone(chord, wanted, RANGES.violins!);
			notes.push(noteAt(VIOLINS, start + bar, [0, 36], pitch, loud + 0.06, source));
			/** a sigh: the chord tone below */
			const sigh = nearestChordTone(chord, pitch - 3, { low: 55, high: pitch - 1 });
			notes.push(noteAt(VIOLINS, start + bar, [36, 12], sigh, loud, source));
		}
		if (bar % 2 === 1 || closing) {
			const sources = channels.slice(8 * bar, 8 * bar + (closing ? 4 : 6));
			notes.push(...harpArpeggio(start + bar, chord, voiced!.bass + 12, loud + 0.08, sources));
		}
	}
	return { name: 'Dénouement', bars, scale, notes };
}
