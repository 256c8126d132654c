/** Renders a take three times and measures what is heard: the mix as the page plays it, and its voices dry, in two pairs. */
import { ParameterValues } from '../../src/lib/controls/parameterValues';
import { VOICE_TRACKS, type VoiceTrack } from '../../src/lib/controls/parameters';
import type { NoteEvent } from '../../src/lib/music/notes';
import { renderRack } from '../../tests/audio/render';
import { perform, secondsAtBar, type Performance } from '../perform';
import { detached } from '../take';
import { hearLevels, type LevelFigures } from './level';
import {
	compareOnsets,
	hearOnsets,
	onTimeWithin,
	type OnsetFigures,
	type WrittenOnset
} from './onsets';
import { centsHigh, tuningOf, type SoundingChord, type TuningFigures } from './tuning';

/** Voices that are heard by themselves; lead and arp sound alike enough to be heard together. */
const STEMS = {
	drums: ['drums'],
	bass: ['bass'],
	chords: ['chords'],
	melody: ['lead', 'arp']
} as const satisfies Record<string, readonly VoiceTrack[]>;
export type Stem = keyof typeof STEMS;

/** Stems that are rendered together, one on the left and one on the right. */
const PAIRS: readonly (readonly [Stem, Stem])[] = [
	['bass', 'chords'],
	['drums', 'melody']
];

export interface HeardTake extends LevelFigures {
	readonly onsets: Readonly<Record<Stem, OnsetFigures>>;
	readonly tuning: Readonly<Record<'bass' | 'chords', TuningFigures>>;
	/** seconds of sound in one second of work */
	readonly speed: number;
}

const MIX_RATE = 48_000;
/** Half as many samples are enough for times and pitches. */
const VOICE_RATE = 24_000;

/** The mix sounds on for so long after the last bar. */
const TAIL_SECONDS = 0.5;

export async function listen(take: Performance): Promise<HeardTake> {
	const { tempo, bars } = take;
	const end = secondsAtBar(bars, tempo) + TAIL_SECONDS;
	const began = performance.now();
	const mix = await renderRack(end, MIX_RATE, (rack, context) =>
		perform(take, new ParameterValues(), VOICE_TRACKS, rack, context)
	);
	const starts = Array.from(
		{ length: bars + 1 },
		(_, bar) => secondsAtBar(bar, tempo) + mix.latencySeconds
	);
	const levels = hearLevels(mix.sound, starts);
	const notes = detached(take.notes, tempo);
	const onsets = {} as Record<Stem, OnsetFigures>;
	const tuning = {} as Record<'bass' | 'chords', TuningFigures>;
	for (const pair of PAIRS) {
		const tracks = pair.flatMap((stem): readonly VoiceTrack[] => STEMS[stem]);
		const { sound, latencySeconds } = await renderRack(end, VOICE_RATE, (rack, context) =>
			perform({ ...take, notes }, dryValues(pair), tracks, rack, context)
		);
		pair.forEach((stem, side) => {
			const samples = side === 0 ? sound.left : sound.right;
			const timed = timedNotes(
				notes.filter(({ track }) => (STEMS[stem] as readonly string[]).includes(track)),
				tempo,
				latencySeconds
			);
			onsets[stem] = compareOnsets(hearOnsets(samples, VOICE_RATE), writtenOnsets(stem, timed));
			if (stem !== 'bass' && stem !== 'chords') return;
			const chords = soundingChords(timed);
			tuning[stem] = tuningOf(chords.map((chord) => centsHigh(samples, VOICE_RATE, chord)));
		});
	}
	const rendered = (1 + PAIRS.length) * end;
	return { ...levels, onsets, tuning, speed: rendered / ((performance.now() - began) / 1000) };
}

/** Where a stem's notes begin, once each; of those at one time the highest is heard first. */
function writtenOnsets(stem: Stem, notes: readonly TimedNote[]): WrittenOnset[] {
	const within = new Map<number, number>();
	for (const { from, pitch, starts } of notes) {
		if (!starts) continue;
		const nearness = onTimeWithin(stem === 'drums' ? Infinity : 440 * 2 ** ((pitch - 69) / 12));
		within.set(from, Math.min(nearness, within.get(from) ?? Infinity));
	}
	return [...within].map(([at, nearness]) => ({ at, within: nearness }));
}

/** The panel with a stem on each side, without echo and room, sounds that begin and end soon, knobs at rest. */
function dryValues([left, right]: readonly [Stem, Stem]): ParameterValues {
	const values = new ParameterValues();
	for (const track of VOICE_TRACKS) {
		values.set(`${track}.delay`, -60);
		values.set(`${track}.reverb`, -60);
	}
	for (const track of STEMS[left]) values.set(`${track}.pan`, -100);
	for (const track of STEMS[right]) values.set(`${track}.pan`, 100);
	values.set('chords.attack', 5);
	values.set('chords.release', 50);
	values.set('chords.ensemble', 0);
	values.set('lead.release', 20);
	values.set('arp.decay', 80);
	values.set('drums.decay', 80);
	values.set('drums.hatDecay', 30);
	values.set('patch.amount', 0);
	return values;
}

export interface TimedNote {
	/** seconds */
	readonly from: number;
	readonly to: number;
	readonly pitch: number;
	/** false for the second note of a slide, which has no attack */
	readonly starts: boolean;
}

/** Notes of one track as times in a rendering. */
export function timedNotes(
	notes: readonly NoteEvent[],
	tempo: number,
	latencySeconds: number
): TimedNote[] {
	const sorted = [...notes].sort((a, b) => a.beat - b.beat);
	const secondsPerBeat = 60 / tempo;
	const start = secondsAtBar(0, tempo) + latencySeconds;
	return sorted.map((note, index) => {
		const before = sorted[index - 1];
		const glided =
			before !== undefined && before.slide && before.beat + before.duration >= note.beat - 1e-6;
		return {
			from: start + note.beat * secondsPerBeat,
			to: start + (note.beat + note.duration) * secondsPerBeat,
			pitch: note.pitch,
			starts: !glided
		};
	});
}

/** From this on a note is past its attack. */
const ATTACK_SECONDS = 0.02;
const SHORTEST_SECONDS = 0.05;

/** Groups that begin together and sound for a while before anything else begins: what has a pitch to be heard. */
export function soundingChords(notes: readonly TimedNote[]): SoundingChord[] {
	const chords: SoundingChord[] = [];
	for (let first = 0; first < notes.length;) {
		let next = first + 1;
		while (next < notes.length && notes[next]!.from - notes[first]!.from < 1e-6) next++;
		const group = notes.slice(first, next);
		const from = group[0]!.from + ATTACK_SECONDS;
		const to = Math.min(
			...group.map((note) => note.to),
			(notes[next]?.from ?? Infinity) - 1e-3 // the next begins within rounding of its time
		);
		const alone = notes.slice(0, first).every((note) => note.to <= group[0]!.from + 1e-6);
		if (alone && group.every(({ starts }) => starts) && to - from >= SHORTEST_SECONDS) {
			chords.push({ from, to, pitches: group.map(({ pitch }) => pitch) });
		}
		first = next;
	}
	return chords;
}
