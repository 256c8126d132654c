/**
 * A prompt: the last bars of a stretch of a score, in the music language, as the opening that a composing model reads and goes
 * on from; with the style, key, mode and tempo that it should go on in.
 */
import { encodeBar } from '../music/bars';
import { STYLES, type Style } from '../music/vocabulary';
import { promptBars, tempoOfBar, type BarRange } from './promptBars';
import type { PieceName, Score } from './score';
import { SonifyError } from './sonifyError';

export interface Prompt {
	readonly piece: PieceName;
	/** whose weights the piece is made of */
	readonly model: string;
	/** the bars of the piece that it holds */
	readonly bars: BarRange;
	/** whole bars of the music language */
	readonly tokens: readonly number[];
	/** of its last bar: BPM, and indices of STYLES, KEYS and MODES */
	readonly tempo: number;
	readonly style: number;
	readonly key: number;
	readonly mode: number;
}

/** As many bars as the openings of the styles have, and as a decoder that is exchanged in a set reads again. */
export const PROMPT_BARS = 4;

/** Half of what the shipped model looks back on, so that a bar after the prompt it still sees all of it. */
export const MOST_PROMPT_TOKENS = 512;

/** Styles that suit a piece, the nearest first. The language has words for acid and house; opera and DNA are strangers to it. */
const NEAREST: Readonly<Record<PieceName, readonly Style[]>> = {
	acid: ['acid', 'techno', 'electro', 'house'],
	house: ['house', 'groove', 'techno', 'breaks'],
	opera: ['orchestral', 'ambient', 'game', 'pop'],
	dna: ['ambient', 'orchestral', 'game', 'groove']
};

/**
 * The last bars of `range` as a prompt: PROMPT_BARS, or fewer where these hold more than MOST_PROMPT_TOKENS. `styles` are those
 * that the model plays, as indices of STYLES. Throws a SonifyError, in words for people, when the range is empty or not in
 * the score, when nothing sounds in it, or when its last bar alone holds too much.
 */
export function promptOf(score: Score, range: BarRange, styles: readonly number[]): Prompt {
	const from = Math.max(0, Math.floor(range.from));
	const to = Math.min(score.bars, Math.floor(range.to));
	if (!(from < to)) {
		throw new SonifyError(
			'No bars are chosen, so there is nothing to hand over. Choose a section, or go to a bar of the piece.'
		);
	}
	const style = styleOf(score.piece, styles);
	for (let count = Math.min(PROMPT_BARS, to - from); count > 0; count--) {
		const bars = { from: to - count, to };
		const written = promptBars(score, bars, style);
		if (written.every(({ parts }) => parts.every(({ density }) => density === 0))) {
			throw new SonifyError(
				'Nothing sounds in these bars, so the model would have nothing to go on from. Choose others.'
			);
		}
		const tokens = written.flatMap(encodeBar);
		if (tokens.length > MOST_PROMPT_TOKENS) continue;
		const { key, mode } = written.at(-1)!.controls;
		const tempo = tempoOfBar(score, to - 1);
		return { piece: score.piece, model: score.model, bars, tokens, tempo, style, key, mode };
	}
	throw new SonifyError(
		`Bar ${to} holds more notes than the model reads at once. Choose bars with fewer.`
	);
}

/** Whether the style is the piece's own, and not merely the nearest that the model plays. */
export function hasOwnStyle({ piece, style }: Prompt): boolean {
	return STYLES[style] === piece;
}

function styleOf(piece: PieceName, styles: readonly number[]): number {
	const near = NEAREST[piece].map((style) => STYLES.indexOf(style));
	return near.find((style) => styles.includes(style)) ?? styles[0] ?? near[0]!;
}
