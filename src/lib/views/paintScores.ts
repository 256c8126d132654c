/** Paints how one query met its keys: scores before softmax as a line, the weights that became of them as bars. */
import { scoreRange, type QueryScores } from './headPicture';
import type { Palette } from './palette';

export interface ScoresPicture {
	scores: QueryScores;
	/** keys that the matrix above begins and ends with, so that the two stand one under the other */
	first: number;
	count: number;
	palette: Palette;
	colour: string;
}

export function paintScores(
	canvas: CanvasRenderingContext2D,
	{ scores, first, count, palette, colour }: ScoresPicture,
	width: number,
	height: number,
	scale: number
): void {
	canvas.setTransform(scale, 0, 0, scale, 0, 0);
	canvas.fillStyle = palette.sunken;
	canvas.fillRect(0, 0, width, height);
	const step = width / Math.max(1, count);
	const xOf = (key: number) => (scores.first + key - first) * step;
	const greatestWeight = scores.weights.reduce((a, b) => Math.max(a, b), 1e-9);
	canvas.fillStyle = colour;
	scores.weights.forEach((weight, key) => {
		const tall = (weight / greatestWeight) * (height - 2);
		canvas.fillRect(xOf(key), height - tall, Math.max(1, step - 0.25), tall);
	});
	const { least, greatest } = scoreRange(scores.products);
	canvas.strokeStyle = palette.ink;
	canvas.lineWidth = 1;
	canvas.beginPath();
	scores.products.forEach((score, key) => {
		const y = 2 + (1 - (score - least) / (greatest - least)) * (height - 4);
		canvas.lineTo(xOf(key) + step / 2, y);
	});
	canvas.stroke();
}
