/**
 * III, the memory: the MLPs as a machine. The gate's rows open and shut the sixteenths, `up` climbs through what is open, `down`
 * walks down below, and the histogram of `up` strikes the percussion.
 */
import { chordOn, nearestChordTone, progression } from '../chords';
import { barsPerLayer } from '../form';
import { between, greatest, levelOf, ranksOf } from '../ranks';
import { histogramBins, rowNorms } from '../readings';
import { inOctaveFrom, nearestDegree, pitchOfDegree, type Scale } from '../scale';
import { drumPitch, noteAt, type ScoreNote } from '../score';
import { gateOf, type ModelStatistics } from '../statistics';
import { BASS, HARP, ORGAN, PERCUSSION, type MovementMusic } from './ensemble';

export function memory(model: ModelStatistics, scale: Scale, start: number): MovementMusic {
	const { layers } = model;
	const perLayer = barsPerLayer(layers.length, 20, [1, 2, 4, 8]);
	const bars = perLayer * layers.length;
	const boldness = layers.flatMap(({ matrices }) => rowNorms(matrices.down, perLayer));
	const degrees = progression(scale, ranksOf(boldness));
	const notes: ScoreNote[] = [];
	for (let bar = 0; bar < bars; bar++) {
		const statistics = layers[Math.floor(bar / perLayer)]!;
		const inLayer = bar % perLayer;
		const { up, down } = statistics.matrices;
		const loud = between(0.46, 0.8, bar / bars);
		const chord = chordOn(scale, degrees[bar]!, 4);
		const root = inOctaveFrom(40, chord.classes[0]! + 120);

		/** from ten sixteenths that are open to fourteen */
		const gate = ranksOf(rowNorms(gateOf(statistics), 16));
		const open = greatest(
			gate.map((rank, at) => rank + (at % 4 === 0 ? 0.5 : 0)),
			10 + levelOf(bar / bars, 5)
		);
		const climbing = rowNorms(up, 16, inLayer);
		const lifts = ranksOf(climbing);
		let pitch = root + 12;
		for (const at of open) {
			const step = 3 * at;
			/** on the half bar it starts again from below, else a chord tone or a step up, two for the longest rows */
			pitch =
				at % 8 === 0
					? nearestChordTone(chord, root + 12 + levelOf(lifts[at]!, 5), { low: 52, high: 76 })
					: pitchOfDegree(scale, nearestDegree(scale, pitch) + (lifts[at]! > 0.6 ? 2 : 1));
			if (pitch > 88) pitch -= 12;
			const velocity = loud - 0.12 + (at % 4 === 0 ? 0.12 : 0);
			notes.push(noteAt(HARP, start + bar, [step, 3], pitch, velocity, climbing[at]!));
		}

		const falling = rowNorms(down, 4, inLayer);
		const falls = ranksOf(falling);
		let low = root;
		[0, 18, 24, 36].forEach((step, i) => {
			if (i > 0) low = pitchOfDegree(scale, nearestDegree(scale, low) - (falls[i]! > 0.5 ? 2 : 1));
			if (low < 30) low += 12;
			notes.push(noteAt(BASS, start + bar, [step, 6], low, loud, falling[i]!));
		});
		if (bar % 2 === 0) {
			const held = [root + 12, nearestChordTone(chord, root + 19, { low: 52, high: 74 })];
			held.forEach((note, i) =>
				notes.push(noteAt(ORGAN, start + bar, [0, 96], note, loud - 0.2, climbing[i]!))
			);
		}

		const shares = histogramBins(up, 16);
		const levels = ranksOf(shares);
		greatest(levels, 5).forEach((at) => {
			const piece = at % 4 === 0 ? 'low conga' : at % 2 === 0 ? 'open conga' : 'mute conga';
			notes.push(
				noteAt(PERCUSSION, start + bar, [3 * at, 3], drumPitch(piece), loud - 0.1, shares[at]!)
			);
		});
		const pulse = gate[inLayer % 16]! > 0.5 ? 'claves' : 'rim';
		[0, 18, 30].forEach((step) => {
			const source = rowNorms(gateOf(statistics), 16)[step / 3]!;
			notes.push(noteAt(PERCUSSION, start + bar, [step, 3], drumPitch(pulse), loud - 0.2, source));
		});
	}
	return { bars, notes };
}
