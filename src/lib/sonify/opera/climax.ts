/**
 * Act III, climax: the layers one after the other, each as tense as its attention weighs against its MLP. Tension brings
 * loudness, height, motion (quarters, eighths, sixteenths) and players. A chord a bar; rows of the output matrix say how boldly
 * it goes on, rows of the value matrix draw the violins.
 */
import { chordOn, nearestChordTone, progression, type Chord } from '../chords';
import { barsPerLayer } from '../form';
import { between, levelOf, ranksOf } from '../ranks';
import { rowNorms, wholeOf, type Source } from '../readings';
import { nearestDegree, pitchOfDegree, scaleOn, type Scale } from '../scale';
import { noteAt, type ScoreNote } from '../score';
import {
	BASSES,
	CELLOS,
	HORNS,
	OBOE,
	RANGES,
	TIMPANI,
	VIOLAS,
	VIOLINS,
	heldStrings,
	inFourParts,
	type Act,
	type ActContext,
	type FourParts
} from './orchestra';

/** A layer has one of these, in bars; the act comes as near as it can to ACT_BARS. */
const LAYER_BARS = [1, 2, 4, 8, 16];
const ACT_BARS = 40;

/** The violins' notes in a bar by how tense it is. */
const MOTION = [
	[0, 12, 24, 36],
	[0, 6, 12, 18, 24, 30, 36, 42],
	Array.from({ length: 16 }, (_, i) => 3 * i)
];

export function climax({ model, key, curves, character, bar: start }: ActContext): Act {
	const { layers } = model;
	const layerBars = barsPerLayer(layers.length, ACT_BARS, LAYER_BARS);
	const bars = layerBars * layers.length;
	/** in a major key the clouds come up, in a minor one the leading note */
	const scale = scaleOn(key.tonic, key.mode === 'major' ? 'minor' : 'harmonic');
	const boldness = layers.flatMap(({ matrices }) => rowNorms(matrices.output, layerBars));
	const degrees = progression(scale, ranksOf(boldness));
	const notes: ScoreNote[] = [];
	let voiced: FourParts | null = null;
	let melody = 72;
	for (let bar = 0; bar < bars; bar++) {
		const layer = Math.floor(bar / layerBars);
		const inLayer = bar % layerBars;
		const { matrices } = layers[layer]!;
		const own = curves.tension[layer]!;
		const next = curves.tension[Math.min(layer + 1, layers.length - 1)]!;
		const tension = between(own, next, inLayer / layerBars);
		/** where attention weighs much in all of the model, the orchestra is moved more easily */
		const level = levelOf(0.75 * tension + 0.25 * (4 * character.attention - 1.5), 3);
		const loud = between(0.42, 0.96, tension);
		const chord = chordOn(scale, degrees[bar]!, 4);
		voiced = inFourParts(chord, voiced);
		const lower = [VIOLAS, CELLOS, BASSES];
		const strings = rowNorms(matrices.key, 3, inLayer);
		strings[2] = boldness[bar]!;
		if (level === 0) notes.push(...heldStrings(start + bar, [0, 48], voiced, loud, strings, lower));
		else {
			for (let step = 0; step < 48; step += level === 1 ? 12 : 6) {
				const accent = step === 0 ? 0.06 : -0.05;
				const length: [number, number] = [step, level === 1 ? 10 : 5];
				notes.push(...heldStrings(start + bar, length, voiced, loud + accent, strings, lower));
			}
		}
		const readings = rowNorms(matrices.value, 16, inLayer);
		const drawn = drawViolins(start + bar, MOTION[level]!, readings, {
			chord,
			scale,
			from: melody,
			low: between(62, 70, tension),
			high: between(76, 90, tension),
			loud
		});
		notes.push(...drawn);
		melody = drawn.at(-1)!.pitch;
		if (level > 0)
			notes.push(...hornsOf(start + bar, voiced, loud, rowNorms(matrices.query, 2, inLayer)));
		if (level === 2) {
			const source = wholeOf(matrices.down, 'Frobenius norm');
			notes.push(...timpaniOf(start + bar, chord, loud, source, own === 1));
			const peak = nearestChordTone(chord, melody, RANGES.oboe!);
			notes.push(noteAt(OBOE, start + bar, [0, 48], peak, loud - 0.1, readings[0]!));
		}
	}
	return { name: 'Climax', bars, scale, notes };
}

interface Drawing {
	readonly chord: Chord;
	readonly scale: Scale;
	readonly from: number;
	readonly low: number;
	readonly high: number;
	readonly loud: number;
}

/** A line of the violins: chord tones on the beats, steps of the scale between, towards where the rows point. */
function drawViolins(
	bar: number,
	motion: readonly number[],
	readings: readonly Source[],
	{ chord, scale, from, low, high, loud }: Drawing
): ScoreNote[] {
	const ranks = ranksOf(readings);
	const range = { low: Math.round(low), high: Math.round(high) };
	let pitch = from;
	return motion.map((step, i) => {
		const at = Math.floor(step / 3);
		const wanted = between(low, high, ranks[at]!);
		if (step % 12 === 0) {
			pitch = nearestChordTone(chord, Math.round((pitch + 2 * wanted) / 3), range);
		} else {
			const degree = nearestDegree(scale, pitch);
			pitch = pitchOfDegree(scale, degree + (wanted >= pitch ? 1 : -1));
		}
		const until = (motion[i + 1] ?? 48) - step;
		const velocity = loud + (step % 24 === 0 ? 0.04 : -0.04);
		return noteAt(VIOLINS, bar, [step, until], pitch, velocity, readings[at]!);
	});
}

/** Two horns, the call of a dotted rhythm on inner notes of the chord. */
function hornsOf(
	bar: number,
	{ upper }: FourParts,
	loud: number,
	sources: readonly Source[]
): ScoreNote[] {
	const [low = 55, middle = low] = upper;
	return [low, middle].flatMap((pitch, i) => {
		const within = pitch > RANGES.horns!.high ? pitch - 12 : pitch;
		return [
			noteAt(HORNS, bar, [0, 18], within, loud - 0.06, sources[i]!),
			noteAt(HORNS, bar, [18, 6], within, loud - 0.12, sources[i]!),
			noteAt(HORNS, bar, [24, 24], within, loud - 0.04, sources[i]!)
		];
	});
}

/** The root on the beats, and a roll in the bars of greatest tension. */
function timpaniOf(
	bar: number,
	{ classes }: Chord,
	loud: number,
	source: Source,
	rolling: boolean
): ScoreNote[] {
	const pitch = 38 + ((((classes[0]! - 38) % 12) + 12) % 12);
	const steps = rolling ? [0, 12, 24, 27, 30, 33, 36, 39, 42, 45] : [0, 24, 36];
	return steps.map((step) =>
		noteAt(TIMPANI, bar, [step, 3], pitch, loud - (step % 12 === 0 ? 0.05 : 0.2), source)
	);
}
