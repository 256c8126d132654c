/**
 * The roll of a score as the painters of the stage take it: lanes for the tracks that play, all notes known, the playhead
 * near the left because what comes is as certain as what was. Pure.
 */
import { VOICE_TRACKS, type VoiceTrack } from '../../controls/parameters';
import type { NoteEvent } from '../../music/notes';
import { BEATS_PER_BAR } from '../../music/vocabulary';
import { noteEvent } from '../../sonify/noteEvent';
import type { Score } from '../../sonify/score';
import type { BarFacts } from '../barBook';
import { beatsInSight, scoreLayout, type LaneScales, type ScoreLayout } from '../scoreLayout';

const NARROW_PIXELS = 560;
const SKY = 36;

/** Semitones between the outermost notes of a lane and its edges. */
const MARGIN = 1;
const FEWEST_ROWS = 13;

export interface Roll {
	readonly notes: readonly NoteEvent[];
	readonly scales: LaneScales;
	readonly tracks: readonly VoiceTrack[];
	/** the names of sections by their first bar */
	readonly sections: ReadonlyMap<number, string>;
}

export function rollOf(score: Score): Roll {
	const notes = score.notes.map((_, index) => noteEvent(score, index));
	const tracks = VOICE_TRACKS.filter((track) => notes.some((note) => note.track === track));
	return {
		notes,
		tracks,
		scales: scalesOf(notes),
		sections: new Map(score.sections.map(({ beat, name }) => [beat / BEATS_PER_BAR, name]))
	};
}

export function rollLayout({ scales, tracks }: Roll, width: number, height: number): ScoreLayout {
	const narrow = width < NARROW_PIXELS;
	return scoreLayout(width, height, scales, {
		playhead: narrow ? 0.25 : 0.2,
		barsBehind: narrow ? 0.75 : 1.5,
		sky: SKY,
		tracks
	});
}

/** Notes that are seen while `now` is at the playhead. */
export function notesInSight({ notes }: Roll, layout: ScoreLayout, now: number): NoteEvent[] {
	const { from, to } = beatsInSight(layout, now);
	return notes.filter(({ beat, duration }) => beat < to + 1 && beat + duration > from - 1);
}

/** What the ruler writes over a bar. */
export function barFacts({ sections }: Roll, bar: number): BarFacts {
	let section = '';
	for (const [first, name] of sections) if (first <= bar) section = name;
	return { generated: false, repeated: false, section };
}

function scalesOf(notes: readonly NoteEvent[]): LaneScales {
	const pitchesOf = (track: VoiceTrack) =>
		notes.filter((note) => note.track === track).map(({ pitch }) => pitch);
	const range = (track: VoiceTrack) => {
		const pitches = pitchesOf(track);
		const low = pitches.reduce((least, pitch) => Math.min(least, pitch), 127) - MARGIN;
		const high = pitches.reduce((most, pitch) => Math.max(most, pitch), 0) + MARGIN;
		return { kind: 'pitches', low, high: Math.max(high, low + FEWEST_ROWS - 1) } as const;
	};
	return {
		drums: { kind: 'pieces', pieces: [...new Set(pitchesOf('drums'))].sort((a, b) => a - b) },
		bass: range('bass'),
		chords: range('chords'),
		lead: range('lead'),
		arp: range('arp')
	};
}
