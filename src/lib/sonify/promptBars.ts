/**
 * Bars of a score in the music language, as notes on its grid. Pieces are in four-four throughout, as the language is, and lie
 * on its twelfths of a beat; a note that does not goes to the nearest. Every part keeps the track that it sounds on, and its
 * pitches; of two notes of one track that would be the same token the longer and the louder stays.
 */
import type { Bar, BarControls, GridHit, GridNote, Part } from '../music/bars';
import { durationIndex } from '../music/bars';
import { densityLevel } from '../music/density';
import {
	BEATS_PER_BAR,
	HIT_LEVELS,
	MODES,
	PITCH_MAX,
	PITCH_MIN,
	SECTIONS,
	STEPS_PER_BAR,
	STEPS_PER_BEAT,
	VELOCITY_LEVELS,
	pieceOfNote,
	tempoBin,
	type Mode,
	type Section as SectionLabel
} from '../music/vocabulary';
import type { ScaleName } from './scale';
import type { PartTrack, Score, ScoreNote, Section } from './score';

/** Bars of a score: `from` is the first, counted from 0, `to` the one behind the last. */
export interface BarRange {
	readonly from: number;
	readonly to: number;
}

/** The tracks that a score can play on, in the order of the language. */
const PART_TRACKS = ['drums', 'bass', 'chords', 'lead', 'arp'] as const satisfies PartTrack[];

/** What the model was taught to call a section, and how much energy such a section has, 0-7, by the pieces' own names. */
const LABELS: Readonly<Record<string, readonly [section: SectionLabel, energy: number]>> = {
	intro: ['intro', 2],
	build: ['build', 4],
	drop: ['drop', 6],
	break: ['break', 2],
	outro: ['outro', 2],
	Overture: ['intro', 2],
	Canon: ['build', 4],
	Climax: ['drop', 6],
	Dénouement: ['outro', 1],
	'I Prologue': ['intro', 2],
	'II Anatomy': ['loop', 3],
	'III Memory': ['loop', 5],
	'IV Balance': ['loop', 3],
	'V Epilogue': ['outro', 1]
};
const UNNAMED: readonly [SectionLabel, number] = ['loop', 4];

/**
 * The bars of a range, each with all five tracks. What began before the range and still sounds begins with it, drums aside;
 * what sounds beyond it keeps its length, as far as the language has lengths. `style` is an index of STYLES.
 */
export function promptBars(score: Score, { from, to }: BarRange, style: number): Bar[] {
	const bars = Array.from({ length: to - from }, (_, i): Bar => ({
		controls: controlsAt(score, from + i, style),
		parts: PART_TRACKS.map((track) => ({ track, density: 0, hits: [], notes: [] }))
	}));
	const first = from * STEPS_PER_BAR;
	for (const note of score.notes) {
		const begin = Math.round(note.beat * STEPS_PER_BEAT);
		const length = Math.max(1, Math.round(note.duration * STEPS_PER_BEAT));
		const isTied = begin < first;
		if (begin >= to * STEPS_PER_BAR || (isTied && note.track === 'drums')) continue;
		if (begin + length <= first) continue;
		const step = Math.max(0, begin - first);
		const { parts } = bars[Math.floor(step / STEPS_PER_BAR)]!;
		const part = parts[PART_TRACKS.indexOf(note.track)]!;
		const position = step % STEPS_PER_BAR;
		if (note.track === 'drums') addHit(part, note, position);
		else addNote(part, note, position, isTied ? begin + length - first : length, isTied);
	}
	for (const part of bars.flatMap(({ parts }) => parts)) {
		part.hits.sort((a, b) => a.position - b.position || a.piece - b.piece);
		part.notes.sort((a, b) => a.position - b.position || a.pitch - b.pitch);
		part.density = densityLevel(part.track, part.hits.length + part.notes.length);
	}
	return bars;
}

/** The tempo that a score asks for in a bar, BPM. */
export function tempoOfBar({ tempos }: Score, bar: number): number {
	return tempos.findLast(({ beat }) => beat <= bar * BEATS_PER_BAR)?.bpm ?? tempos[0]!.bpm;
}

function controlsAt(score: Score, bar: number, style: number): BarControls {
	const { name, scale, tonic } = sectionOfBar(score, bar);
	const [section, energy] = LABELS[name] ?? UNNAMED;
	return {
		style,
		section: SECTIONS.indexOf(section),
		energy,
		tempo: tempoBin(tempoOfBar(score, bar)),
		key: tonic,
		mode: MODES.indexOf(modeOf(scale))
	};
}

function sectionOfBar({ sections }: Score, bar: number): Section {
	return sections.findLast(({ beat }) => beat <= bar * BEATS_PER_BAR) ?? sections[0]!;
}

/** A scale of five notes is part of one that the language names. */
function modeOf(scale: ScaleName): Mode {
	if (scale === 'major pentatonic') return 'major';
	return scale === 'minor pentatonic' ? 'minor' : scale;
}

/** A key that is no piece of the kit is left out. */
function addHit({ hits }: Part, { pitch, velocity, accent }: ScoreNote, position: number): void {
	const piece = pieceOfNote(pitch);
	if (piece < 0) return;
	const hit: GridHit = { position, piece, level: levelOf(velocity, HIT_LEVELS, accent) };
	const same = hits.find((other) => other.position === position && other.piece === piece);
	if (same) same.level = Math.max(same.level, hit.level);
	else hits.push(hit);
}

function addNote(
	{ track, notes }: Part,
	{ pitch, velocity, accent, slide }: ScoreNote,
	position: number,
	steps: number,
	isTied: boolean
): void {
	const note: GridNote = {
		position,
		pitch: inRange(pitch),
		velocity: levelOf(velocity, VELOCITY_LEVELS, accent && !isTied),
		duration: durationIndex(steps),
		slide: slide && track === 'bass'
	};
	const same = notes.find((other) => other.position === position && other.pitch === note.pitch);
	if (!same) {
		notes.push(note);
		return;
	}
	same.velocity = Math.max(same.velocity, note.velocity);
	same.duration = Math.max(same.duration, note.duration);
	same.slide ||= note.slide;
}

/** The nearest level; the top one is the accent's alone. */
function levelOf(loudness: number, levels: readonly number[], accent: boolean): number {
	if (accent) return levels.length - 1;
	const nearest = Math.round(loudness * levels.length) - 1;
	return Math.max(0, Math.min(levels.length - 2, nearest));
}

/** Octaves bring a pitch into what the language can say. */
function inRange(pitch: number): number {
	let inside = pitch;
	while (inside < PITCH_MIN) inside += 12;
	while (inside > PITCH_MAX) inside -= 12;
	return inside;
}
