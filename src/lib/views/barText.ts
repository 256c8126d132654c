/** The score in words, for people who do not see it: one sentence a bar. Pure. */
import { TRACK_LABELS, VOICE_TRACKS } from '../controls/parameters';
import type { NoteEvent } from '../music/notes';
import { DRUM_PIECES } from '../music/vocabulary';
import { pitchName } from './names';

/** Pitches named before the rest is only counted. */
const PITCHES_NAMED = 6;

/** "Bar 12: drums kick 4, clap 2; acid bass A1 A1 C2." Bars are counted from 1 here, as musicians do. */
export function barText(bar: number, notes: readonly NoteEvent[]): string {
	const parts = VOICE_TRACKS.flatMap((track) => {
		const own = notes.filter((note) => note.track === track).sort((a, b) => a.beat - b.beat);
		if (own.length === 0) return [];
		const what = track === 'drums' ? piecesText(own) : pitchesText(own);
		return [`${TRACK_LABELS[track].toLowerCase()} ${what}`];
	});
	return `Bar ${bar}: ${parts.length ? parts.join('; ') : 'silence'}.`;
}

function piecesText(hits: readonly NoteEvent[]): string {
	return DRUM_PIECES.flatMap(({ name, note }) => {
		const count = hits.filter(({ pitch }) => pitch === note).length;
		return count ? [`${name} ${count}`] : [];
	}).join(', ');
}

function pitchesText(notes: readonly NoteEvent[]): string {
	const named = notes.slice(0, PITCHES_NAMED).map(({ pitch }) => pitchName(pitch));
	const rest = notes.length - named.length;
	return named.join(' ') + (rest ? ` and ${rest} more` : '');
}
