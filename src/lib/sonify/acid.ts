/**
 * Acid: 138 BPM, one pattern a layer. The layers pass from the first to the last, each for as many bars as the model has few
 * layers; over them lies the arrangement of a track, whose break begins at the layer where attention weighs least against the
 * MLP. The filter follows the deviation of the gates, its resonance the kurtosis of the values.
 */
import {
	accentsMoved,
	acidPattern,
	rotated,
	thinned,
	withEnding,
	type PatternStep
} from './acidPattern';
import { acidArrangement, type AcidSection } from './acidArrangement';
import { characterOf, layerCurves, type Character } from './character';
import { chordOn, progression, voice } from './chords';
import { drumsOf } from './grooves';
import { chromaOf, fittingScale, keyOf, minorTonic } from './key';
import { between, ranksOf } from './ranks';
import { rowNorms, wholeOf, type Source } from './readings';
import { scaleOn } from './scale';
import { inOrder, noteAt, type Automation, type Part, type Score, type ScoreNote } from './score';
import { gateOf, type ModelStatistics } from './statistics';

const BPM = 138;

const DRUMS: Part = { id: 'drums', name: 'Drums', track: 'drums', program: 0, channel: 9 };
const BASS: Part = { id: 'bass', name: 'Acid bass', track: 'bass', program: 38, channel: 0 };
const PAD: Part = { id: 'pad', name: 'Strings', track: 'chords', program: 50, channel: 1 };
const ANSWER: Part = { id: 'answer', name: 'Second line', track: 'lead', program: 80, channel: 2 };
const PARTS = [DRUMS, BASS, PAD, ANSWER];

/** Sixteenths of a bar, in steps of the grid. */
const SIXTEENTH = 3;

export function acid(model: ModelStatistics): Score {
	const key = keyOf(model);
	const character = characterOf(model);
	const curves = layerCurves(model);
	const tonic = minorTonic(key);
	const mode = fittingScale(chromaOf(model.layers), tonic, ['phrygian', 'minor', 'dorian']);
	const scale = scaleOn(tonic, mode);
	const arrangement = acidArrangement(curves);
	const { bars, barsPerLayer } = arrangement;
	const layerAt = (bar: number): number => Math.floor(bar / barsPerLayer) % model.layers.length;

	const variations = model.layers.map((_, layer) => ({
		plain: acidPattern(model, layer, scale, character, curves),
		other: acidPattern(model, layer, scale, character, curves, 1),
		/** how far the third phrase is turned: three steps or six */
		turn: curves.tension[layer]! < 0.5 ? 3 : 6
	}));
	const padDegrees = progression(
		scale,
		ranksOf(model.layers.map(({ matrices }) => wholeOf(matrices.query, 'order')))
	);
	const notes: ScoreNote[] = [];
	let chordBefore: number[] | null = null;
	for (let bar = 0; bar < bars; bar++) {
		const layer = layerAt(bar);
		const statistics = model.layers[layer]!;
		const section = arrangement.sectionAt(bar);
		const { plain, other, turn } = variations[layer]!;
		const pattern = developed(plain, other, turn, bar % barsPerLayer);
		notes.push(...drumsOf(DRUMS, bar, arrangement.drumsAt(bar), statistics));
		notes.push(...bassBar(bar, pattern, section, character));
		if (section.answer && bar % 4 >= 2) {
			const next = variations[(layer + 1) % variations.length]!;
			notes.push(...answerBar(bar, bar % 4 === 2 ? next.plain : next.other));
		}
		if (section.pad && bar % 2 === 0) {
			const degree = padDegrees[(bar / 2) % padDegrees.length]!;
			const { classes } = chordOn(scale, degree, 4);
			const pitches = voice(classes, { low: 52, high: 72 }, chordBefore);
			chordBefore = pitches;
			const sources = rowNorms(statistics.matrices.query, pitches.length, bar);
			pitches.forEach((pitch, i) =>
				notes.push(noteAt(PAD, bar, [0, 96], pitch, 0.4 + 0.05 * i, sources[i]!))
			);
		}
	}
	return {
		piece: 'acid',
		model: model.name,
		key,
		character,
		bars,
		tempos: [{ beat: 0, bpm: BPM }],
		parts: PARTS,
		sections: arrangement.sections.map(({ name, bar, bars }) => ({
			name,
			beat: 4 * bar,
			bars,
			scale: mode,
			tonic
		})),
		notes: inOrder(PARTS, notes),
		automation: filterMoves(model, bars, barsPerLayer, arrangement.sectionAt)
	};
}

/**
 * A layer's pattern in one of its bars: two bars answer one another, the fourth ends differently, and from phrase to phrase
 * accents move, the pattern turns, or it thins out.
 */
function developed(
	plain: readonly PatternStep[],
	other: readonly PatternStep[],
	turn: number,
	bar: number
): readonly PatternStep[] {
	const phrase = Math.floor(bar / 4) % 4;
	const base =
		phrase === 0
			? plain
			: phrase === 1
				? accentsMoved(plain, 3)
				: phrase === 2
					? rotated(plain, turn)
					: withEnding(rotated(plain, turn), plain);
	switch (bar % 4) {
		case 1:
			return withEnding(base, other);
		case 3:
			return withEnding(other, rotated(other, turn));
		default:
			return base;
	}
}

function bassBar(
	bar: number,
	pattern: readonly PatternStep[],
	{ energy, bassSteps }: AcidSection,
	{ tails }: Character
): ScoreNote[] {
	const played = thinned(pattern, bassSteps);
	return played.flatMap(({ pitch, source, accent, slide }, step) => {
		if (pitch === null) return [];
		const next = played[step + 1]?.pitch ?? null;
		const slides = slide !== null && next !== null && next !== pitch;
		const velocity = (accent ? 0.94 : 0.56 + 0.1 * tails) + 0.008 * energy;
		/** light tails make short notes; before a rest a note may ring */
		const plain = tails < 0.35 ? 1 : 2;
		const steps = slides ? SIXTEENTH : next === null && !accent ? plain + 1 : plain;
		return noteAt(BASS, bar, [step * SIXTEENTH, steps], pitch, velocity, source, {
			accent: accent !== null,
			slide: slides,
			...(accent && { accentSource: accent }),
			...(slides && { slideSource: slide })
		});
	});
}

/** The next layer's pattern two octaves up, its most important steps alone: what is to come. */
function answerBar(bar: number, pattern: readonly PatternStep[]): ScoreNote[] {
	return thinned(pattern, 6).flatMap(({ pitch, source, accent }, step) =>
		pitch === null
			? []
			: noteAt(ANSWER, bar, [step * SIXTEENTH, 2], pitch + 24, accent ? 0.72 : 0.5, source)
	);
}

/** Cutoff and resonance go from layer to layer on straight lines, and the sections open and close the filter. */
function filterMoves(
	model: ModelStatistics,
	bars: number,
	barsPerLayer: number,
	sectionAt: (bar: number) => AcidSection
): Automation[] {
	const curves = layerCurves(model);
	const points = (
		curve: readonly number[],
		sourceOf: (layer: number) => Source,
		value: (own: number, section: AcidSection, bar: number) => number
	) =>
		Array.from({ length: bars }, (_, bar) => {
			const at = bar / barsPerLayer;
			const layer = Math.floor(at);
			const next = Math.min(layer + 1, curve.length - 1);
			const own = between(curve[layer]!, curve[next]!, at - layer);
			const rounded = Math.round(1000 * value(own, sectionAt(bar), bar)) / 1000;
			return { beat: 4 * bar, value: rounded, source: sourceOf(layer) };
		});
	return [
		{
			parameter: 'bass.cutoff',
			points: points(
				curves.brightness,
				(layer) => wholeOf(gateOf(model.layers[layer]!), 'deviation'),
				(own, { bar: start, bars: length, cutoff: [from, to] }, bar) =>
					between(from, to, (bar - start) / length) * (0.55 + 0.45 * own)
			)
		},
		{
			parameter: 'bass.resonance',
			points: points(
				curves.resonance,
				(layer) => wholeOf(model.layers[layer]!.matrices.value, 'kurtosis'),
				(own) => 0.4 + 0.55 * own
			)
		}
	];
}
