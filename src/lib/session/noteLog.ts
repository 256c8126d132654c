/**
 * The notes of a recording as lines of JSON, written while it runs: what a crash cuts off is the last line alone. The first
 * line tells where in the set the recording begins. Pure.
 */
import type { NoteEvent } from '../music/notes';
import { TRACKS } from '../music/vocabulary';
import type { Song } from './midiFile';

export type LogLine =
	| { kind: 'begin'; bpm: number; beat: number }
	| { kind: 'tempo'; bpm: number; beat: number }
	| { kind: 'section'; text: string; beat: number }
	| ({ kind: 'note' } & Omit<NoteEvent, 'frames'>);

export function writeLine(line: LogLine): string {
	return `${JSON.stringify(line)}\n`;
}

/** A note as a line; the frames that wrote it mean nothing outside the set. */
export function noteLine(note: NoteEvent): LogLine {
	const { track, beat, duration, pitch, velocity, accent, slide } = note;
	return { kind: 'note', track, beat, duration, pitch, velocity, accent, slide };
}

/** The music of a log. Lines that are cut off or unknown are passed over, and counted. */
export function readLog(name: string, text: string): { song: Song; broken: number } {
	const lines: LogLine[] = [];
	let broken = 0;
	for (const line of text.split('\n')) {
		if (line.trim() === '') continue;
		const read = readLine(line);
		if (read) lines.push(read);
		else broken++;
	}
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
