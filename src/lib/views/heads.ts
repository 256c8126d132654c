/** How hard each attention head worked on a note, read off its frames. Pure. */
import type { TokenFrame } from '../model/tokenFrame';

/**
 * Activity of every head, [layers][heads], 0..1, the most active at 1: the mass that a head does not park on the oldest
 * key, times how narrowly it spends it (1 - entropy / greatest entropy), averaged over the frames.
 */
export function headActivity(frames: readonly TokenFrame[], window: number): number[][] {
	const first = frames[0];
	if (!first) return [];
	const activity = Array.from({ length: first.layers }, (_, layer) =>
		Array.from({ length: first.heads }, (_, head) => {
			const sum = frames.reduce((total, frame) => total + focus(frame, layer, head, window), 0);
			return sum / frames.length;
		})
	);
	const greatest = Math.max(...activity.flat());
	return greatest > 0 ? activity.map((row) => row.map((value) => value / greatest)) : activity;
}

function focus(frame: TokenFrame, layer: number, head: number, window: number): number {
	const { entropy, sink } = frame.head(layer, head);
	const keys = Math.min(frame.index, window) - 1;
	const narrowness = keys > 1 ? 1 - Math.min(1, entropy / Math.log(keys)) : 0;
	return Math.max(0, (1 - sink) * narrowness);
}
