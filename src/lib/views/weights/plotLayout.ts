/** Geometry of the plots of a tensor: scales, ticks, lines of any length in the pixels that there are. Pure. */

export interface PlotScale {
	readonly low: number;
	readonly high: number;
	readonly logarithmic: boolean;
}

/** Values below this share of the greatest are drawn at the foot of a logarithmic scale. */
const SMALLEST_SHARE = 1e-6;

/** A scale that holds all series; a linear one begins at 0 unless values are far from it. */
export function scaleOf(series: readonly ArrayLike<number>[], logarithmic: boolean): PlotScale {
	let low = Infinity;
	let high = -Infinity;
	for (const values of series) {
		for (let i = 0; i < values.length; i++) {
			low = Math.min(low, values[i]!);
			high = Math.max(high, values[i]!);
		}
	}
	if (logarithmic) {
		const top = high > 0 ? high : 1;
		return { low: Math.max(low, top * SMALLEST_SHARE), high: top, logarithmic };
	}
	const isFar = low > 0 && high - low < 0.5 * low;
	const from = isFar ? low - 0.1 * (high - low) : Math.min(0, low);
	return { low: from, high: high > from ? high : from + 1, logarithmic };
}

/** How high a value stands, in pixels from the top of `height`. */
export function yOf({ low, high, logarithmic }: PlotScale, value: number, height: number): number {
	if (!logarithmic) return height * (1 - (value - low) / (high - low));
	if (high <= low) return 0;
	const share = Math.log(Math.max(value, low) / low) / Math.log(high / low);
	return height * (1 - share);
}

/** The middle of place `index` of `count`. */
export function xOf(index: number, count: number, width: number): number {
	return ((index + 0.5) / count) * width;
}

/** The place of `count` at a point. */
export function indexAt(x: number, count: number, width: number): number {
	return Math.max(0, Math.min(count - 1, Math.floor((x / width) * count)));
}

/** A line through all values as an SVG path; where several share a pixel it goes from the least of them to the greatest. */
export function linePath(
	values: ArrayLike<number>,
	width: number,
	height: number,
	scale: PlotScale
): string {
	const count = values.length;
	const columns = Math.max(1, Math.floor(width));
	const points: string[] = [];
	const add = (index: number, value: number) =>
		points.push(`${xOf(index, count, width).toFixed(1)} ${yOf(scale, value, height).toFixed(1)}`);
	if (count <= 2 * columns) {
		for (let i = 0; i < count; i++) add(i, values[i]!);
	} else {
		for (let column = 0; column < columns; column++) {
			const first = Math.floor((column * count) / columns);
			const end = Math.floor(((column + 1) * count) / columns);
			let [low, high] = [values[first]!, values[first]!];
			for (let i = first; i < end; i++) {
				low = Math.min(low, values[i]!);
				high = Math.max(high, values[i]!);
			}
			add(first, low);
			add(first, high);
		}
	}
	return points.length > 0 ? `M${points.join('L')}` : '';
}

/** Two to five values to write beside a scale: on a logarithmic one 1, 2 and 5 of each decade, thinned. */
export function ticksOf({ low, high, logarithmic }: PlotScale): number[] {
	if (!logarithmic) return [low, (low + high) / 2, high];
	const ticks: number[] = [];
	for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++) {
		for (const digit of [1, 2, 5]) {
			const tick = digit * 10 ** decade;
			if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
		}
	}
	if (ticks.length < 3) return [low, Math.sqrt(low * high), high];
	const every = Math.ceil(ticks.length / 4);
	return ticks.filter((_, i) => i % every === 0);
}
