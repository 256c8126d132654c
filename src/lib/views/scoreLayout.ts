/**
 * Geometry of the score: where beats, lanes and notes lie, in CSS pixels. Pure. The playhead stands two thirds across;
 * what was heard flows to its left, what is written but not yet heard stands to its right.
 */
import { VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import type { NoteEvent } from '../music/notes';
import { BEATS_PER_BAR } from '../music/vocabulary';

/** Bars to the left of the playhead: in full, and where the window is narrower than NARROW_PIXELS. */
export const BARS_BEHIND = 8;
export const BARS_BEHIND_NARROW = 4;
export const NARROW_PIXELS = 560;
export const PLAYHEAD = 2 / 3;

/** Kit pieces or pitches of a lane, lowest first: drums have a row for each piece, the others one for each semitone. */
export type LaneScale =
	{ kind: 'pieces'; pieces: readonly number[] } | { kind: 'pitches'; low: number; high: number };

export type LaneScales = Readonly<Record<VoiceTrack, LaneScale>>;

export interface Lane {
	track: VoiceTrack;
	top: number;
	height: number;
	scale: LaneScale;
	/** height of a row, and where the lowest row ends */
	rowHeight: number;
	floor: number;
}

export interface ScoreLayout {
	width: number;
	height: number;
	/** height above the lanes: ruler, and room for the widest arcs */
	sky: number;
	playheadX: number;
	barsBehind: number;
	pixelsPerBeat: number;
	lanes: readonly Lane[];
}

export interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

export interface Point {
	x: number;
	y: number;
}

/** Notes nearer to each other than this, along the beat, are joined by a bow rather than by an arch. */
const STEEP_PIXELS = 48;
/** Space between the rows of a lane and its edges. */
const LANE_PADDING = 0.09;
const LOWEST_ROWS = 13;

export function skyOf(height: number): number {
	return Math.round(Math.max(40, Math.min(104, height * 0.15)));
}

/** What a score shows that is not the stage's own. */
export interface ScoreFrame {
	/** where the playhead stands, as a share of the width */
	readonly playhead: number;
	/** bars to its left */
	readonly barsBehind: number;
	readonly sky: number;
	/** tracks that have a lane, from the top */
	readonly tracks: readonly VoiceTrack[];
}

export function scoreLayout(
	width: number,
	height: number,
	scales: LaneScales,
	frame: Partial<ScoreFrame> = {}
): ScoreLayout {
	const {
		playhead = PLAYHEAD,
		barsBehind = width < NARROW_PIXELS ? BARS_BEHIND_NARROW : BARS_BEHIND,
		sky = skyOf(height),
		tracks = VOICE_TRACKS
	} = frame;
	const playheadX = width * playhead;
	const laneHeight = (height - sky) / tracks.length;
	return {
		width,
		height,
		sky,
		playheadX,
		barsBehind,
		pixelsPerBeat: playheadX / (barsBehind * BEATS_PER_BAR),
		lanes: tracks.map((track, i) => laneOf(track, sky + i * laneHeight, laneHeight, scales))
	};
}

function laneOf(track: VoiceTrack, top: number, height: number, scales: LaneScales): Lane {
	const scale = scales[track];
	const rows = scale.kind === 'pieces' ? scale.pieces.length : scale.high - scale.low + 1;
	const padding = height * LANE_PADDING;
	const rowHeight = (height - 2 * padding) / Math.max(1, rows);
	return { track, top, height, scale, rowHeight, floor: top + height - padding };
}

export function xOfBeat(layout: ScoreLayout, beat: number, now: number): number {
	return layout.playheadX + (beat - now) * layout.pixelsPerBeat;
}

export function beatOfX(layout: ScoreLayout, x: number, now: number): number {
	return now + (x - layout.playheadX) / layout.pixelsPerBeat;
}

/** The beats in sight, from left edge to right edge. */
export function beatsInSight(layout: ScoreLayout, now: number): { from: number; to: number } {
	return { from: beatOfX(layout, 0, now), to: beatOfX(layout, layout.width, now) };
}

/** Where a note is drawn, or null when its track has no lane. Pitches beyond the lane's scale are drawn at its edge. */
export function noteBox(layout: ScoreLayout, note: NoteEvent, now: number): Box | null {
	const lane = layout.lanes.find(({ track }) => track === note.track);
	if (!lane) return null;
	const row = rowOf(lane.scale, note.pitch);
	const x = xOfBeat(layout, note.beat, now);
	const y = lane.floor - (row + 1) * lane.rowHeight;
	if (lane.scale.kind === 'pieces') {
		const room = Math.max(3, Math.min(lane.rowHeight, layout.pixelsPerBeat * 0.6, 14));
		const size = room * (0.55 + 0.45 * note.velocity);
		return { x: x - size / 2, y: y + (lane.rowHeight - size) / 2, width: size, height: size };
	}
	const thickness = Math.max(4, Math.min(lane.rowHeight * 1.8, 11));
	const width = Math.max(6, note.duration * layout.pixelsPerBeat - 1.5);
	return { x, y: y + (lane.rowHeight - thickness) / 2, width, height: thickness };
}

function rowOf(scale: LaneScale, pitch: number): number {
	if (scale.kind === 'pitches') {
		return Math.max(scale.low, Math.min(scale.high, pitch)) - scale.low;
	}
	const exact = scale.pieces.indexOf(pitch);
	if (exact >= 0) return exact;
	const above = scale.pieces.findIndex((piece) => piece > pitch);
	return above < 0 ? scale.pieces.length - 1 : above;
}

/** The point of a note that arcs spring from and land on: its onset. */
export function anchorOf(layout: ScoreLayout, note: NoteEvent, now: number): Point | null {
	const box = noteBox(layout, note, now);
	if (!box) return null;
	const isHit = note.track === 'drums';
	return { x: isHit ? box.x + box.width / 2 : box.x + 1.5, y: box.y + box.height / 2 };
}

/**
 * How high an arc rises over its higher end: the further the notes are apart, the higher, and never out of the window.
 * `share` scales it, so that strands between the same two notes fan out.
 */
export function arcRise(layout: ScoreLayout, from: Point, to: Point, share = 1): number {
	const ceiling = Math.max(0, Math.min(from.y, to.y) - 8);
	const reach = Math.abs(from.x - to.x) / Math.max(1, layout.playheadX);
	const wanted = layout.height * 0.66 * Math.pow(reach, 0.72) + 2;
	// The last stretch below the ceiling is shared out, so that long arcs do not lie on one line.
	const wide = Math.min(1, Math.abs(from.x - to.x) / STEEP_PIXELS);
	const soft = ceiling * (1 - Math.exp(-wanted / Math.max(1, ceiling)));
	return Math.min(ceiling, soft * 1.15 * share) * wide;
}

/** How far an arc between notes that sound almost together bows to the left instead: it can't rise, having no breadth. */
export function arcBow(from: Point, to: Point, share = 1): number {
	const narrow = 1 - Math.min(1, Math.abs(from.x - to.x) / STEEP_PIXELS);
	return narrow * share * Math.min(46, 6 + 0.28 * Math.abs(from.y - to.y));
}

/** The note under a point, the nearest within a few pixels. */
export function noteUnder(
	layout: ScoreLayout,
	notes: readonly NoteEvent[],
	point: Point,
	now: number
): NoteEvent | null {
	let best: NoteEvent | null = null;
	let bestDistance = 7;
	for (const note of notes) {
		const box = noteBox(layout, note, now);
		if (!box) continue;
		const dx = Math.max(box.x - point.x, 0, point.x - (box.x + box.width));
		const dy = Math.max(box.y - point.y, 0, point.y - (box.y + box.height));
		const distance = Math.hypot(dx, dy);
		if (distance < bestDistance) {
			best = note;
			bestDistance = distance;
		}
	}
	return best;
}

/** The scales of an empty score: the pieces of a plain kit, and the register where each part usually plays. */
export const INITIAL_SCALES: LaneScales = {
	drums: { kind: 'pieces', pieces: [36, 38, 39, 42, 46] },
	bass: { kind: 'pitches', low: 33, high: 48 },
	chords: { kind: 'pitches', low: 55, high: 74 },
	lead: { kind: 'pitches', low: 62, high: 81 },
	arp: { kind: 'pitches', low: 60, high: 81 }
};

/** Scales that hold these notes too. They only ever widen, so that a lane does not jump under the eye. */
export function widened(scales: LaneScales, notes: readonly NoteEvent[]): LaneScales {
	const wider = { ...scales };
	for (const { track, pitch } of notes) {
		if (track === 'guest') continue;
		const scale = wider[track];
		if (scale.kind === 'pieces') {
			if (scale.pieces.includes(pitch)) continue;
			const pieces = [...scale.pieces, pitch].sort((a, b) => a - b);
			wider[track] = { kind: 'pieces', pieces };
		} else if (pitch < scale.low || pitch > scale.high) {
			const low = Math.min(scale.low, pitch - 1);
			const high = Math.max(scale.high, pitch + 1, low + LOWEST_ROWS - 1);
			wider[track] = { kind: 'pitches', low, high };
		}
	}
	return wider;
}
