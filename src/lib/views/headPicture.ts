/**
 * What the view of an attention head shows beside its matrix: where bars begin, what stands at a position, how a chosen
 * query met its keys. Pure: paintScores.ts draws it.
 */
import type { Answer } from '../generate/protocol';
import type { TokenFrame } from '../model/tokenFrame';
import type { NoteEvent } from '../music/notes';
import { tokenOf } from '../music/vocabulary';
import { noteName, tokenWords } from './names';

/** A head by its place in the model, both from 0. */
export interface HeadPlace {
	readonly layer: number;
	readonly head: number;
}

/** The head over the positions first .. first + count - 1. */
export type AttentionWindow = Extract<Answer, { about: 'attention' }>['matrix'];

/** How a query met the keys from `first` on. */
export type QueryScores = Pick<
	Extract<Answer, { about: 'products' }>['products'],
	'first' | 'products' | 'weights'
>;

const BAR = tokenOf('BAR');
const BEATS_PER_BAR = 4;

/** Positions at which bars begin inside the window, as far as their tokens have arrived. */
export function barStarts(
	{ first, count }: Pick<AttentionWindow, 'first' | 'count'>,
	frame: (position: number) => TokenFrame | undefined
): number[] {
	return Array.from({ length: count }, (_, offset) => first + offset).filter(
		(position) => frame(position)?.token === BAR
	);
}

/** A position in words: "pitch A1", or where it has not arrived on this page yet, that it is being written. */
export function positionWords(
	position: number,
	frame: (position: number) => TokenFrame | undefined,
	noteAt: (position: number) => NoteEvent | undefined
): string {
	const found = frame(position);
	if (!found) return 'a token of the bar that is being written';
	if (found.token === BAR) return 'the start of a bar';
	const { family, value } = tokenWords(found.token);
	const note = noteAt(position);
	const words = note && family === 'hit' ? noteName(note.track, note.pitch) : value;
	const bar = note ? `, bar ${Math.floor(note.beat / BEATS_PER_BAR) + 1}` : '';
	return `${family} ${words}${bar}`;
}

/** The keys that a query looks at most, heaviest first. */
export function heaviestKeys(
	{ first, weights }: Pick<QueryScores, 'first' | 'weights'>,
	count: number
): { position: number; weight: number }[] {
	return [...weights.entries()]
		.map(([offset, weight]) => ({ position: first + offset, weight }))
		.sort((a, b) => b.weight - a.weight || a.position - b.position)
		.slice(0, count);
}

/** The range of scores, never empty, for an axis. */
export function scoreRange(products: Float32Array): { least: number; greatest: number } {
	let least = Infinity;
	let greatest = -Infinity;
	for (const score of products) {
		least = Math.min(least, score);
		greatest = Math.max(greatest, score);
	}
	if (least < greatest) return { least, greatest };
	const only = Number.isFinite(least) ? least : 0;
	return { least: only - 1, greatest: only + 1 };
}

/** Length of a vector. */
export function norm(values: Float32Array): number {
	return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
