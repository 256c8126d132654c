/** Where a hint stands beside what it points at. Pure; boxes in CSS pixels of the viewport. */

export const BUBBLE_WIDTH = 256;

const BUBBLE_HEIGHT = 130;
const GAP = 12;
/** A wide target is pointed at near its beginning, where its first control is. */
const REACH = 220;

export interface BubblePlace {
	x: number;
	/** from the top of the viewport, or from its bottom when the bubble stands above its target */
	y: number;
	above: boolean;
	/** where the tip of the bubble is, from its left edge */
	tip: number;
}

export function bubblePlace(
	target: { left: number; top: number; bottom: number; width: number },
	viewport: { width: number; height: number }
): BubblePlace {
	const middle = target.left + Math.min(target.width, REACH) / 2;
	const above = target.bottom + BUBBLE_HEIGHT > viewport.height;
	const rightmost = Math.max(GAP, viewport.width - BUBBLE_WIDTH - GAP);
	const x = Math.max(GAP, Math.min(rightmost, middle - BUBBLE_WIDTH / 2));
	const y = above ? Math.max(GAP, viewport.height - target.top + GAP) : target.bottom + GAP;
	return { x, y: Math.min(y, viewport.height - BUBBLE_HEIGHT), above, tip: middle - x };
}
