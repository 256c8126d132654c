/** The whole piece in one strip: every note a fleck at its beat and pitch, in the hue of its track. */
import type { NoteEvent } from '../../music/notes';
import { faded, type Palette } from '../palette';
import type { Canvas } from '../picture';

export interface Overview {
	readonly notes: readonly NoteEvent[];
	/** length of the piece */
	readonly beats: number;
	readonly width: number;
	readonly height: number;
	readonly palette: Palette;
}

const PADDING = 3;

export function paintOverview(canvas: Canvas, overview: Overview): void {
	const { notes, beats, width, height, palette } = overview;
	canvas.fillStyle = palette.sunken;
	canvas.fillRect(0, 0, width, height);
	const pitches = notes.map(({ pitch }) => pitch);
	const low = pitches.reduce((least, pitch) => Math.min(least, pitch), 127);
	const high = pitches.reduce((most, pitch) => Math.max(most, pitch), low + 1);
	for (const { track, beat, duration, pitch, velocity } of notes) {
		if (track === 'guest') continue;
		canvas.fillStyle = faded(palette.tracks[track], 0.25 + 0.5 * velocity);
		const y = PADDING + (1 - (pitch - low) / (high - low)) * (height - 2 * PADDING);
		const length = Math.max(1, (duration / beats) * width - 0.5);
		canvas.fillRect((beat / beats) * width, y - 0.75, length, 1.5);
	}
}
