/** How long a layer lasts, so that models with few layers and with many make pieces of much the same length. */

/** The one of `choices`, in bars a layer, with which all layers together come nearest to `wanted` bars. */
export function barsPerLayer(layers: number, wanted: number, choices: readonly number[]): number {
	const distance = (bars: number): number => Math.abs(Math.log((bars * layers) / wanted));
	return choices.reduce((best, bars) => (distance(bars) < distance(best) ? bars : best));
}

/** `count` members of a list, evenly spread, or all where there are fewer. */
export function evenlyPicked<T>(list: readonly T[], count: number): T[] {
	const picked = Math.min(count, list.length);
	return Array.from({ length: picked }, (_, i) => list[Math.floor((i * list.length) / picked)]!);
}
