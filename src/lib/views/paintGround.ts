/** The paper of the score: lanes, bar lines, the ruler above them, and the flags of changes to come. */
import { BEATS_PER_BAR } from '../music/vocabulary';
import { faded } from './palette';
import type { Canvas, Picture } from './picture';
import { beatsInSight, xOfBeat, type Lane } from './scoreLayout';

const RULER_Y = 15;
const LABEL_MIN_BAR_PIXELS = 44;

export function paintGround(canvas: Canvas, picture: Picture): void {
	const { layout, palette } = picture;
	canvas.fillStyle = palette.sunken;
	canvas.fillRect(0, 0, layout.width, layout.height);
	canvas.fillStyle = faded(palette.ground, 0.75);
	canvas.fillRect(layout.playheadX, 0, layout.width - layout.playheadX, layout.height);
	for (const lane of layout.lanes) paintLane(canvas, picture, lane);
	paintBars(canvas, picture);
	paintPending(canvas, picture);
}

function paintLane(canvas: Canvas, { layout, palette, silent }: Picture, lane: Lane): void {
	canvas.fillStyle = palette.line;
	canvas.fillRect(0, Math.round(lane.top), layout.width, 1);
	if (lane.scale.kind === 'pitches') {
		canvas.fillStyle = faded(palette.line, 0.55);
		for (let pitch = lane.scale.low; pitch <= lane.scale.high; pitch++) {
			if (pitch % 12 !== 0) continue;
			const y = lane.floor - (pitch - lane.scale.low + 0.5) * lane.rowHeight;
			canvas.fillRect(0, Math.round(y), layout.width, 1);
		}
	}
	if (silent.has(lane.track)) {
		canvas.fillStyle = faded(palette.ground, 0.6);
		canvas.fillRect(0, lane.top + 1, layout.width, lane.height - 1);
	}
}

function paintBars(canvas: Canvas, picture: Picture): void {
	const { layout, palette, now } = picture;
	const { from, to } = beatsInSight(layout, now);
	const barPixels = layout.pixelsPerBeat * BEATS_PER_BAR;
	const every = barPixels >= LABEL_MIN_BAR_PIXELS ? 1 : 2;
	canvas.textBaseline = 'alphabetic';
	canvas.textAlign = 'left';
	canvas.font = `400 10.5px ${palette.numbers}`;
	for (let bar = Math.max(0, Math.floor(from / BEATS_PER_BAR)); bar * BEATS_PER_BAR <= to; bar++) {
		const x = Math.round(xOfBeat(layout, bar * BEATS_PER_BAR, now));
		canvas.fillStyle = palette.line;
		canvas.fillRect(x, 6, 1, layout.height - 6);
		if (layout.pixelsPerBeat > 11) {
			canvas.fillStyle = faded(palette.line, 0.45);
			for (let beat = 1; beat < BEATS_PER_BAR; beat++) {
				const beatX = Math.round(x + beat * layout.pixelsPerBeat);
				canvas.fillRect(beatX, layout.sky, 1, layout.height - layout.sky);
			}
		}
		if (bar % every === 0) paintBarWords(canvas, picture, bar, x + 5);
	}
}

function paintBarWords(canvas: Canvas, picture: Picture, bar: number, x: number): void {
	const { palette, barAt } = picture;
	const facts = barAt(bar);
	canvas.fillStyle = palette.inkMuted;
	canvas.fillText(String(bar + 1), x, RULER_Y);
	if (!facts) return;
	const change = facts.section !== (barAt(bar - 1)?.section ?? '');
	const words = facts.repeated ? 'repeat' : change ? facts.section : '';
	canvas.fillStyle = facts.repeated ? palette.ink : palette.inkFaint;
	canvas.fillText(words, x, RULER_Y + 14);
}

function paintPending(canvas: Canvas, { layout, palette, now, pending }: Picture): void {
	const byBeat = new Map<number, string[]>();
	for (const { beat, label } of pending) {
		byBeat.set(beat, [...(byBeat.get(beat) ?? []), label]);
	}
	for (const [beat, labels] of byBeat) {
		const x = Math.round(xOfBeat(layout, beat, now));
		if (x < layout.playheadX - 2) continue;
		canvas.strokeStyle = palette.liveText;
		canvas.lineWidth = 1;
		canvas.setLineDash([2, 4]);
		canvas.beginPath();
		canvas.moveTo(x + 0.5, 34);
		canvas.lineTo(x + 0.5, layout.height);
		canvas.stroke();
		canvas.setLineDash([]);
		canvas.fillStyle = palette.liveText;
		const words = labels.length > 2 ? `${labels.length} changes` : labels.join(', ');
		const width = canvas.measureText(words).width;
		const textX = Math.min(x + 5, layout.width - width - 6);
		canvas.fillText(words, textX, RULER_Y + 28);
	}
}
