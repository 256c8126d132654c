/** One painting of the score, back to front: paper, playhead, halos, notes, arcs. */
import { faded } from './palette';
import type { Canvas, Picture } from './picture';
import { paintArcs } from './paintArcs';
import { paintGround } from './paintGround';
import { paintHalos, paintNotes } from './paintNotes';

const DAWN_PIXELS = 90;

export function paintScore(canvas: Canvas, picture: Picture): void {
	paintGround(canvas, picture);
	paintPlayhead(canvas, picture);
	paintHalos(canvas, picture);
	paintNotes(canvas, picture);
	paintArcs(canvas, picture);
}

/** The present: a line, and a glow that trails into what was just heard. */
function paintPlayhead(canvas: Canvas, { layout, palette, playing }: Picture): void {
	const x = Math.round(layout.playheadX);
	const colour = playing ? palette.liveText : palette.lineStrong;
	const dawn = canvas.createLinearGradient(x - DAWN_PIXELS, 0, x, 0);
	dawn.addColorStop(0, faded(colour, 0));
	dawn.addColorStop(1, faded(colour, playing ? 0.075 : 0.03));
	canvas.fillStyle = dawn;
	canvas.fillRect(x - DAWN_PIXELS, 0, DAWN_PIXELS, layout.height);
	canvas.fillStyle = faded(colour, 0.85);
	canvas.fillRect(x, 0, 1.5, layout.height);
	canvas.fillStyle = colour;
	canvas.beginPath();
	canvas.moveTo(x - 4.5, 0);
	canvas.lineTo(x + 6, 0);
	canvas.lineTo(x + 0.75, 6.5);
	canvas.fill();
}
