/** The shape of an arc: a curve over two points, and the ribbon that narrows along it. Pure. */
import type { Point } from './scoreLayout';

/** Enough for an arc in the score; a larger one takes more. */
const SEGMENTS = 22;

/** How an arc stands between two points, in pixels: height above its higher end, and how far it bows to the left. */
export interface Bend {
	rise: number;
	bow: number;
}

/** Points of an arc from share `tail` to share `tip` of its length. */
export function arcSpine(
	from: Point,
	to: Point,
	{ rise, bow }: Bend,
	tail = 0,
	tip = 1,
	segments = SEGMENTS
): Point[] {
	const level = Math.min(1, rise / 12);
	const top = Math.min(from.y, to.y) - (rise * 4) / 3;
	const handles = [from, to].map(({ y }) => top * level + y * (1 - level));
	const left = (bow * 4) / 3;
	const lean = (to.x - from.x) * 0.16;
	const points: Point[] = [];
	for (let i = 0; i <= segments; i++) {
		const t = tail + ((tip - tail) * i) / segments;
		points.push({
			x: cubic(t, from.x, from.x + lean - left, to.x - lean - left, to.x),
			y: cubic(t, from.y, handles[0]!, handles[1]!, to.y)
		});
	}
	return points;
}

/** The outline of a ribbon along a spine, `wide` at its first point and `narrow` at its last. */
export function ribbonOutline(spine: readonly Point[], wide: number, narrow: number): Point[] {
	const last = spine.length - 1;
	const edge = (i: number, side: 1 | -1): Point => {
		const before = spine[Math.max(0, i - 1)]!;
		const after = spine[Math.min(last, i + 1)]!;
		const dx = after.x - before.x;
		const dy = after.y - before.y;
		const length = Math.hypot(dx, dy) || 1;
		const half = (wide + (narrow - wide) * Math.pow(i / last, 0.7)) / 2;
		const { x, y } = spine[i]!;
		return { x: x - (side * dy * half) / length, y: y + (side * dx * half) / length };
	};
	const there = spine.map((_, i) => edge(i, 1));
	const back = spine.map((_, i) => edge(i, -1)).reverse();
	return [...there, ...back];
}

function cubic(t: number, a: number, b: number, c: number, d: number): number {
	const s = 1 - t;
	return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
}
