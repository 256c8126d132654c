/**
 * Arcs as light: each a ribbon that is wide and bright at the note that sounds and runs out towards the note it looks at,
 * over a soft glow of the same shape.
 */
import { faded } from './palette';
import type { Canvas, Picture } from './picture';
import { arcSpine, ribbonOutline } from './ribbon';
import { anchorOf, arcBow, arcRise, type Point, type ScoreLayout } from './scoreLayout';
import type { ArcPhase, LitArc } from './scene';

/** Arcs shorter than this, in pixels, are thinner and fainter: many of them meet at the playhead. */
const FULL_LENGTH = 120;
const FAN = [0.9, 1, 1.1] as const;

export function paintArcs(canvas: Canvas, picture: Picture): void {
	const { layout, palette, now, alight } = picture;
	canvas.globalCompositeOperation = palette.blend;
	for (const { arc, phase } of alight) {
		const from = anchorOf(layout, arc.source, now);
		const to = anchorOf(layout, arc.target, now);
		if (!from || !to || to.x < -40) continue;
		const points = seenSpine(layout, from, to, arc, phase);
		const nearness = Math.min(1, Math.hypot(from.x - to.x, from.y - to.y) / FULL_LENGTH);
		const opacity = brightness(arc, phase) * palette.gain * (0.45 + 0.55 * nearness);
		const colour = palette.depths[arc.depth];
		const width = 0.7 + 4.6 * Math.sqrt(arc.weight) * nearness;
		canvas.fillStyle = lengthwise(canvas, points, colour, opacity * 0.13, opacity * 0.05);
		fillRibbon(canvas, points, width * 4.5 + 3, width * 2 + 3);
		canvas.fillStyle = lengthwise(canvas, points, colour, opacity, opacity * 0.5);
		fillRibbon(canvas, points, width, 0.55);
		if (phase.tip < 1) paintTip(canvas, points[points.length - 1]!, colour, width, palette.gain);
	}
	canvas.globalCompositeOperation = 'source-over';
}

function brightness(arc: LitArc, phase: ArcPhase): number {
	return Math.min(0.95, 0.16 + 1.35 * Math.sqrt(arc.weight)) * phase.brightness;
}

/** The seen stretch of an arc. Strands of one edge fan out by depth, so that they can be told apart without colour. */
function seenSpine(
	layout: ScoreLayout,
	from: Point,
	to: Point,
	arc: LitArc,
	phase: ArcPhase
): Point[] {
	const fan = FAN[arc.depth];
	const bend = { rise: arcRise(layout, from, to, fan), bow: arcBow(from, to, fan) };
	return arcSpine(from, to, bend, phase.tail, phase.tip);
}

function fillRibbon(canvas: Canvas, spine: readonly Point[], wide: number, narrow: number): void {
	canvas.beginPath();
	for (const { x, y } of ribbonOutline(spine, wide, narrow)) canvas.lineTo(x, y);
	canvas.closePath();
	canvas.fill();
}

function lengthwise(
	canvas: Canvas,
	points: readonly Point[],
	colour: string,
	near: number,
	far: number
): CanvasGradient {
	const from = points[0]!;
	const to = points[points.length - 1]!;
	const gradient = canvas.createLinearGradient(from.x, from.y, to.x, to.y);
	gradient.addColorStop(0, faded(colour, near));
	gradient.addColorStop(1, faded(colour, far));
	return gradient;
}

function paintTip(canvas: Canvas, at: Point, colour: string, width: number, gain: number): void {
	canvas.fillStyle = faded(colour, 0.9 * gain);
	canvas.beginPath();
	canvas.arc(at.x, at.y, 1 + width * 0.4, 0, 2 * Math.PI);
	canvas.fill();
}
