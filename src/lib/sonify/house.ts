/**
 * House: 128 bars at 128 BPM. The layers pass from the first bar to the last. Each section has a mode of its own on one
 * tonic, the one that holds most of its layers' spectra, and four chords in turn: how bold the step from one to the next
 * is, the gaps in the spectra of query, key, value and output say.
 */
import { characterOf, layerCurves } from './character';
import { chordOn, progression, voice, type Chord } from './chords';
import { drumsOf } from './grooves';
import { HOUSE_BARS, HOUSE_SECTIONS, houseDrumsAt, partsAt, type HouseSection } from './houseForm';
import {
	arpOf,
	bassOf,
	bassRhythm,
	hookOf,
	hookOfLayer,
	padOf,
	stabsOf,
	type Moment
} from './houseParts';
import { chromaOf, fittingScale, keyOf, minorTonic } from './key';
import { between, ranksOf } from './ranks';
import { gaps, wholeOf, type Source } from './readings';
import { pitchOfDegree, scaleOn, type Scale } from './scale';
import { inOrder, noteAt, type Automation, type Part, type Score, type ScoreNote } from './score';
import { gateOf, type LayerStatistics, type ModelStatistics } from './statistics';

const BPM = 128;

const DRUMS: Part = { id: 'drums', name: 'Drums', track: 'drums', program: 0, channel: 9 };
const BASS: Part = { id: 'bass', name: 'Bass', track: 'bass', program: 38, channel: 0 };
const CHORDS: Part = { id: 'chords', name: 'Chords', track: 'chords', program: 50, channel: 1 };
const HOOK: Part = { id: 'hook', name: 'Hook', track: 'lead', program: 81, channel: 2 };
const ARP: Part = { id: 'arp', name: 'Arpeggio', track: 'arp', program: 45, channel: 3 };
const PARTS = [DRUMS, BASS, CHORDS, HOOK, ARP];

/** Where chords are voiced. */
const CHORD_RANGE = { low: 52, high: 73 };

/** A section with what the weights made of it. */
interface Harmony {
	readonly section: HouseSection;
	readonly scale: Scale;
	readonly chords: readonly Chord[];
	readonly firstLayer: LayerStatistics;
}

export function house(model: ModelStatistics): Score {
	const key = keyOf(model);
	const character = characterOf(model);
	const tonic = minorTonic(key);
	const { layers } = model;
	const layerAt = (bar: number): number => Math.floor((bar * layers.length) / HOUSE_BARS);
	const harmonies = harmoniesOf(model, tonic, layerAt);
	const harmonyAt = (bar: number): Harmony =>
		harmonies.find(({ section }) => bar < section.bar + section.bars) ?? harmonies.at(-1)!;
	const chordAt = (bar: number): Chord => {
		const { section, chords } = harmonyAt(bar);
		return chords[Math.floor((bar - section.bar) / section.chordBars) % chords.length]!;
	};

	/** of the middle of the piece, so that it is the same wherever it returns */
	const hook = hookOfLayer(layers[layerAt(HOUSE_BARS / 2)]!, character);
	const notes: ScoreNote[] = [];
	let voiced: readonly number[] | null = null;
	for (let bar = 0; bar < HOUSE_BARS; bar++) {
		const { section, scale, firstLayer } = harmonyAt(bar);
		const following = Math.min(bar + 1, HOUSE_BARS - 1);
		const moment: Moment = {
			bar,
			layer: layers[layerAt(bar)]!,
			scale,
			chord: chordAt(bar),
			next: chordAt(following),
			nextScale: harmonyAt(following).scale,
			energy: section.energy,
			character
		};
		const inSection = bar - section.bar;
		const { bass, hook: hasHook, arp } = partsAt(section, inSection);
		notes.push(...drumsOf(DRUMS, bar, houseDrumsAt(section, inSection), moment.layer));
		if (inSection % section.chordBars === 0) {
			voiced = voice(colours(scale, moment.chord), CHORD_RANGE, voiced);
			if (section.chords === 'pad') notes.push(...padOf(CHORDS, voiced, section.chordBars, moment));
		}
		if (section.chords === 'stabs') notes.push(...stabsOf(CHORDS, voiced!, moment, firstLayer));
		if (bass) notes.push(...bassOf(BASS, bassRhythm(firstLayer), moment));
		else if (section.name === 'break') notes.push(...dronesOf(moment, inSection, section));
		if (hasHook) notes.push(...hookOf(HOOK, hook, inSection % 4, moment));
		if (arp !== 'none') notes.push(...arpOf(ARP, arp, moment));
	}
	return {
		piece: 'house',
		model: model.name,
		key,
		character,
		bars: HOUSE_BARS,
		tempos: [{ beat: 0, bpm: BPM }],
		parts: PARTS,
		sections: harmonies.map(({ section: { name, bar, bars }, scale }) => ({
			name,
			beat: 4 * bar,
			bars,
			scale: scale.name,
			tonic
		})),
		notes: inOrder(PARTS, notes),
		automation: knobs(model, layerAt)
	};
}

function harmoniesOf(
	model: ModelStatistics,
	tonic: number,
	layerAt: (bar: number) => number
): Harmony[] {
	const harmonies: Harmony[] = [];
	HOUSE_SECTIONS.forEach((section, index) => {
		const first = layerAt(section.bar);
		const last = layerAt(section.bar + section.bars - 1);
		const layers = model.layers.slice(first, last + 1);
		/** the second drop is the first one come back */
		const again = harmonies.find((old) => old.section.name === 'drop' && section.name === 'drop');
		const before = harmonies.at(-1)?.scale.name;
		const open = section.scales.filter((name) => name !== before);
		const scale = again?.scale ?? scaleOn(tonic, fittingScale(chromaOf(layers), tonic, open));
		const chords = again?.chords ?? chordsOf(scale, layers[0]!, index);
		harmonies.push({ section, scale, chords, firstLayer: layers[0]! });
	});
	return harmonies;
}

/** Four chords: the gap at `index` of each of the four attention matrices says how bold a step is. */
function chordsOf(scale: Scale, { matrices }: LayerStatistics, index: number): Chord[] {
	const { query, key, value, output } = matrices;
	const steps = [query, key, value, output].map((matrix) => gaps(matrix, index + 1)[index]!);
	return progression(scale, ranksOf(steps)).map((degree) => chordOn(scale, degree, 6));
}

/** Third, fifth, seventh and ninth; the eleventh instead where the ninth would rub against the root. */
function colours(scale: Scale, { degree, classes }: Chord): number[] {
	const ninthAbove = pitchOfDegree(scale, degree + 8) - pitchOfDegree(scale, degree);
	const top = ninthAbove === 14 ? 4 : 5;
	return [classes[1]!, classes[2]!, classes[3]!, classes[top]!];
}

/** In a break the root lies under the pad. */
function dronesOf(
	{ bar, layer, scale, chord }: Moment,
	inSection: number,
	{ chordBars }: HouseSection
): ScoreNote[] {
	if (inSection % chordBars !== 0) return [];
	const root = 36 + ((pitchOfDegree(scale, chord.degree) - 36 + 120) % 12);
	const source = wholeOf(layer.matrices.down, 'Frobenius norm');
	return [noteAt(BASS, bar, [0, 48 * chordBars], root, 0.5, source)];
}

/** The chords' filter over the sections, bent by the gates; the bass's by the values' kurtosis. */
function knobs(model: ModelStatistics, layerAt: (bar: number) => number): Automation[] {
	const { brightness, resonance } = layerCurves(model);
	const everyBar = Array.from({ length: HOUSE_BARS }, (_, bar) => bar);
	const point = (bar: number, value: number, source: Source) => ({
		beat: 4 * bar,
		value: Math.round(1000 * Math.min(1, value)) / 1000,
		source
	});
	return [
		{
			parameter: 'chords.brightness',
			points: everyBar.map((bar) => {
				const section = HOUSE_SECTIONS.find(({ bar: start, bars }) => bar < start + bars)!;
				const open = between(...section.brightness, (bar - section.bar) / section.bars);
				const layer = layerAt(bar);
				const source = wholeOf(gateOf(model.layers[layer]!), 'deviation');
				return point(bar, open * (0.75 + 0.25 * brightness[layer]!), source);
			})
		},
		{
			parameter: 'bass.resonance',
			points: everyBar
				.filter((bar) => bar === 0 || layerAt(bar) !== layerAt(bar - 1))
				.map((bar) => {
					const layer = layerAt(bar);
					const source = wholeOf(model.layers[layer]!.matrices.value, 'kurtosis');
					return point(bar, 0.2 + 0.5 * resonance[layer]!, source);
				})
		}
	];
}
