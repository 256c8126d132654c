/** Notes, each track with its own shape: diamonds, bars, hollow bars, arrows, dots with tails. */
import type { VoiceTrack } from '../controls/parameters';
import type { NoteEvent } from '../music/notes';
import { faded } from './palette';
import type { Canvas, Picture } from './picture';
import { landingOn } from './scene';
import { noteBox, type Box } from './scoreLayout';

/** Beats after its onset during which a note flares. */
const FLARE_BEATS = 0.6;

/** Notes that are written but not yet heard stand back. */
const AHEAD = 0.46;

export function paintNotes(canvas: Canvas, picture: Picture): void {
	const { layout, palette, now, silent, landed, inspected } = picture;
	for (const note of picture.notes) {
		if (note.track === 'guest') continue;
		const box = noteBox(layout, note, now);
		if (!box || box.x > layout.width || box.x + box.width < 0) continue;
		const hue = palette.tracks[note.track];
		const muted = silent.has(note.track);
		const landing = muted ? undefined : landingOn(landed, note);
		const light = landing?.light ?? 0;
		const sounding = !muted && note.beat <= now && now < note.beat + note.duration;
		const opacity = muted ? 0.16 : noteOpacity(picture, note, box, light);
		canvas.globalAlpha = opacity;
		canvas.fillStyle = hue;
		canvas.strokeStyle = hue;
		fillShape(canvas, note.track, box, note.slide);
		if (sounding) {
			canvas.globalAlpha = 0.92;
			canvas.fillStyle = palette.ink;
			canvas.strokeStyle = palette.ink;
			fillShape(canvas, note.track, box, note.slide);
		} else if (landing && light > 0.04) {
			canvas.globalAlpha = Math.min(0.95, light * 1.5);
			canvas.fillStyle = palette.depths[landing.depth];
			canvas.strokeStyle = palette.depths[landing.depth];
			fillShape(canvas, note.track, box, note.slide);
		}
		if (note === inspected) outline(canvas, box, palette.ink);
	}
	canvas.globalAlpha = 1;
}

/** Soft halos: notes that begin now, and notes that arcs have reached. Painted under the notes. */
export function paintHalos(canvas: Canvas, picture: Picture): void {
	const { layout, palette, now, silent, landed } = picture;
	canvas.globalCompositeOperation = palette.blend;
	for (const note of picture.notes) {
		if (note.track === 'guest' || silent.has(note.track)) continue;
		const age = now - note.beat;
		if (age < 0 || age > FLARE_BEATS || !picture.playing) continue;
		const box = noteBox(layout, note, now);
		if (!box) continue;
		const strength = (1 - age / FLARE_BEATS) ** 2 * (0.35 + 0.65 * note.velocity);
		const radius = 12 + 14 * note.velocity;
		halo(
			canvas,
			centre(note, box),
			radius,
			palette.tracks[note.track],
			0.5 * strength * palette.gain
		);
	}
	for (const { note, light, depth } of landed.values()) {
		const box = noteBox(layout, note, now);
		if (!box) continue;
		const radius = 6 + 13 * light;
		halo(canvas, centre(note, box), radius, palette.depths[depth], 0.5 * light * palette.gain);
	}
	canvas.globalCompositeOperation = 'source-over';
}

function noteOpacity(
	{ layout, now, ahead = AHEAD }: Picture,
	note: NoteEvent,
	box: Box,
	light: number
): number {
	const touch = 0.62 + 0.38 * note.velocity;
	if (note.beat > now) return ahead * touch;
	const age = (layout.playheadX - box.x) / layout.playheadX;
	return Math.min(1, (0.9 - 0.38 * age) * touch + 0.2 * light);
}

function centre(note: NoteEvent, box: Box): { x: number; y: number } {
	const x = note.track === 'drums' ? box.x + box.width / 2 : box.x + Math.min(4, box.width / 2);
	return { x, y: box.y + box.height / 2 };
}

function halo(
	canvas: Canvas,
	at: { x: number; y: number },
	radius: number,
	colour: string,
	opacity: number
): void {
	if (opacity < 0.01) return;
	const light = canvas.createRadialGradient(at.x, at.y, 0, at.x, at.y, radius);
	light.addColorStop(0, faded(colour, opacity));
	light.addColorStop(0.4, faded(colour, opacity * 0.35));
	light.addColorStop(1, faded(colour, 0));
	canvas.fillStyle = light;
	canvas.fillRect(at.x - radius, at.y - radius, radius * 2, radius * 2);
}

function fillShape(canvas: Canvas, track: VoiceTrack, box: Box, slide: boolean): void {
	const { x, y, width, height } = box;
	const middle = y + height / 2;
	canvas.beginPath();
	switch (track) {
		case 'drums':
			canvas.moveTo(x + width / 2, y);
			canvas.lineTo(x + width, middle);
			canvas.lineTo(x + width / 2, y + height);
			canvas.lineTo(x, middle);
			break;
		case 'bass':
			canvas.rect(x, y, width, height);
			if (slide) {
				canvas.moveTo(x + width, y);
				canvas.lineTo(x + width + height, middle);
				canvas.lineTo(x + width, y + height);
			}
			break;
		case 'chords':
			canvas.lineWidth = 1.25;
			canvas.roundRect(x + 0.6, y + 0.6, Math.max(1, width - 1.2), height - 1.2, height / 2);
			canvas.stroke();
			canvas.beginPath();
			canvas.roundRect(x, y, Math.min(width, height), height, height / 2);
			break;
		case 'lead': {
			const point = Math.min(height * 0.9, width);
			canvas.moveTo(x, y);
			canvas.lineTo(x + width - point, y);
			canvas.lineTo(x + width, middle);
			canvas.lineTo(x + width - point, y + height);
			canvas.lineTo(x, y + height);
			break;
		}
		case 'arp':
			canvas.arc(x + height / 2, middle, height / 2, 0, 2 * Math.PI);
			canvas.rect(x + height / 2, middle - 0.75, Math.max(0, width - height / 2), 1.5);
			break;
	}
	canvas.closePath();
	canvas.fill();
}

function outline(canvas: Canvas, box: Box, colour: string): void {
	canvas.globalAlpha = 1;
	canvas.strokeStyle = colour;
	canvas.lineWidth = 1;
	canvas.strokeRect(box.x - 3.5, box.y - 3.5, box.width + 7, box.height + 7);
}
