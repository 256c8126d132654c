/**
 * The notes and turned knobs of a recording as lines of JSON, written while it runs: what a crash cuts off is the last line
 * alone. The first line tells where in the set the recording begins, and how all knobs stand. Beats count from the start
 * of the set, times are audio-context seconds; the first recordings had neither times nor knobs, and are read still. Pure.
 */
import type { PlayedNote } from '../clock/voice';
import type { NoteEvent } from '../music/notes';
import { TRACKS } from '../music/vocabulary';
import type { Song } from './midiFile';

/** The value of every parameter by its id. */
export type Knobs = Readonly<Record<string, number>>;

export type LogLine =
	/** `time` is that of the first sample of the sound file */
	| { kind: 'begin'; bpm: number; beat: number; time?: number; knobs?: Knobs }
	| { kind: 'tempo'; bpm: number; beat: number; time?: number }
	| { kind: 'section'; text: string; beat: number }
	/** Stop: what sounds ends, and what was to come does not */
	| { kind: 'silence'; beat: number; time: number }
	/** a knob was turned, by a hand or by the patch bay */
	| { kind: 'turn'; id: string; value: number; beat: number; time: number }
	| ({ kind: 'note'; time?: number; durationSeconds?: number } & Omit<NoteEvent, 'frames'>);

/** A recording as it can be played again. Seconds count from the first sample of its sound file. */
export interface Performance {
	readonly seconds: number;
	readonly bpm: number;
	readonly knobs: Knobs;
	/** in order of time; a silence before all else, knobs before the notes that they were turned for */
	readonly events: readonly PerformedEvent[];
}

export type PerformedEvent =
	| { readonly kind: 'tempo'; readonly time: number; readonly bpm: number }
	| { readonly kind: 'silence'; readonly time: number }
	| { readonly kind: 'turn'; readonly time: number; readonly id: string; readonly value: number }
	| { readonly kind: 'note'; readonly time: number; readonly note: PlayedNote };

export function writeLine(line: LogLine): string {
	return `${JSON.stringify(line)}\n`;
}

/** A note as a line; the frames that wrote it mean nothing outside the set. */
export function noteLine(note: NoteEvent, time: number, durationSeconds: number): LogLine {
	const { track, beat, duration, pitch, velocity, accent, slide } = note;
	const described = { track, beat, duration, durationSeconds, pitch, velocity, accent, slide };
	return { kind: 'note', time, ...described };
}

/** The lines of a log. Those that are cut off or unknown are passed over, and counted. */
function readLines(text: string): { lines: LogLine[]; broken: number } {
	const lines: LogLine[] = [];
	let broken = 0;
	for (const line of text.split('\n')) {
		if (line.trim() === '') continue;
		const read = readLine(line);
		if (read) lines.push(read);
		else broken++;
	}
	return { lines: withoutCutOff(lines), broken };
}

/** The lines without notes that never sounded: they are announced a little ahead, and Stop came before their time. */
function withoutCutOff(lines: readonly LogLine[]): LogLine[] {
	const kept: LogLine[] = [];
	let silentFrom = Infinity;
	for (const line of lines.toReversed()) {
		if (line.kind === 'silence') silentFrom = line.time;
		if (line.kind !== 'note' || line.time === undefined || line.time < silentFrom) kept.push(line);
	}
	return kept.reverse();
}

/** What a log tells of how the set sounded. Null when its beginning is missing, or tells no time. */
export function readPerformance(text: string): Performance | null {
	const { lines } = readLines(text);
	const begin = lines.find((line) => line.kind === 'begin');
	if (begin?.time === undefined || begin.knobs === undefined) return null;
	const from = begin.time;
	const events = lines.flatMap((line): PerformedEvent[] => {
		if (line.kind === 'section' || line.kind === 'begin' || line.time === undefined) return [];
		const time = Math.max(0, line.time - from);
		switch (line.kind) {
			case 'tempo':
				return [{ kind: 'tempo', time, bpm: line.bpm }];
			case 'silence':
				return [{ kind: 'silence', time }];
			case 'turn':
				return [{ kind: 'turn', time, id: line.id, value: line.value }];
			case 'note': {
				const { durationSeconds } = line;
				if (durationSeconds === undefined || line.time < from) return [];
				const note = { ...line, durationSeconds, frames: { first: 0, last: 0 } };
				return [{ kind: 'note', time, note }];
			}
		}
	});
	const rank = { silence: 0, tempo: 1, turn: 2, note: 3 };
	events.sort((a, b) => a.time - b.time || rank[a.kind] - rank[b.kind]);
	const ends = events.map((event) =>
		event.kind === 'note' ? event.time + event.note.durationSeconds : event.time
	);
	const seconds = ends.reduce((latest, end) => Math.max(latest, end), 0);
	return { seconds, bpm: begin.bpm, knobs: begin.knobs, events };
}

/** The music of a log. Lines that are cut off or unknown are passed over, and counted. */
export function readLog(name: string, text: string): { song: Song; broken: number } {
	const { lines, broken } = readLines(text);
	const begin = lines.find((line) => line.kind === 'begin');
	const from = begin?.beat ?? 0;
	const tempos = lines.flatMap((line) =>
		line.kind === 'tempo' || line.kind === 'begin'
			? [{ beat: Math.max(0, line.beat - from), bpm: line.bpm }]
			: []
	);
	const notes = lines.flatMap((line): NoteEvent[] =>
		line.kind === 'note' && line.beat >= from
			? [{ ...line, beat: line.beat - from, frames: { first: 0, last: 0 } }]
			: []
	);
	return { song: { name, notes, tempos, markers: sectionMarkers(lines, from) }, broken };
}

/**
 * Where a section begins. Every bar tells its own when it is written, and a bar that was taken back tells it again: the
 * last word holds.
 */
function sectionMarkers(lines: readonly LogLine[], from: number): Song['markers'] {
	const byBeat = new Map<number, string>();
	for (const line of lines) if (line.kind === 'section') byBeat.set(line.beat - from, line.text);
	const bars = [...byBeat].sort(([a], [b]) => a - b).filter(([beat]) => beat >= 0);
	return bars
		.filter(([, text], i) => text !== bars[i - 1]?.[1])
		.map(([beat, text]) => ({ beat, text }));
}

function readLine(text: string): LogLine | null {
	try {
		const line = JSON.parse(text) as Partial<LogLine> | null;
		if (!line || !Number.isFinite(line.beat)) return null;
		switch (line.kind) {
			case 'begin':
			case 'tempo':
				return Number.isFinite(line.bpm) ? (line as LogLine) : null;
			case 'turn': {
				const whole = [line.value, line.time].every(Number.isFinite);
				return whole && typeof line.id === 'string' ? (line as LogLine) : null;
			}
			case 'silence':
				return Number.isFinite(line.time) ? (line as LogLine) : null;
			case 'section':
				return typeof line.text === 'string' ? (line as LogLine) : null;
			case 'note': {
				const known = line.track !== undefined && TRACKS.includes(line.track);
				const numbers = [line.pitch, line.velocity, line.duration].every(Number.isFinite);
				return known && numbers ? (line as LogLine) : null;
			}
			default:
				return null;
		}
	} catch {
		return null; // the line was being written when the page died
	}
}
