/** Bars of a piece as the opening of a jam: every note of them, on its track, and nothing that the grammar does not admit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBar, parseBars } from '../../../src/lib/music/bars';
import { notesOfBar } from '../../../src/lib/music/notes';
import { DURATIONS, KEYS, MODES, STYLES, tempoBin } from '../../../src/lib/music/vocabulary';
import { COMPOSE } from '../../../src/lib/sonify/pieces';
import {
	MOST_PROMPT_TOKENS,
	PROMPT_BARS,
	hasOwnStyle,
	promptOf,
	type Prompt
} from '../../../src/lib/sonify/prompt';
import type { BarRange } from '../../../src/lib/sonify/promptBars';
import { PIECES, type Score, type ScoreNote } from '../../../src/lib/sonify/score';
import { SonifyError } from '../../../src/lib/sonify/sonifyError';
import { scoreOf } from '../instrument/scores';
import { TINY } from '../model/randomModel';
import { FAMILIES, statisticsOf, withLayers } from './models';

/** house, acid, techno, electro, breaks, ambient: those of the shipped model */
const SHIPPED_STYLES = [0, 1, 2, 3, 4, 5];

const models = [
	await statisticsOf(FAMILIES['GPT-2'], 31),
	await statisticsOf(FAMILIES.Llama, 32),
	await statisticsOf(FAMILIES.Gemma, 33),
	await statisticsOf(withLayers(TINY, 1), 34),
	await statisticsOf(withLayers(TINY, 11), 35)
];
const scores = PIECES.flatMap((piece) => models.map((model) => COMPOSE[piece](model)));

/** Which score, how far into it, and how many bars. */
const anyStretch = fc.tuple(
	fc.nat(scores.length - 1),
	fc.double({ min: 0, max: 1, noNaN: true }),
	fc.integer({ min: 1, max: 40 })
);

/** Checks something of many stretches of all pieces of all models. */
function everyPrompt(
	check: (score: Score, prompt: Prompt, range: BarRange) => void,
	numRuns: number
): void {
	fc.assert(
		fc.property(anyStretch, ([which, place, length]) => {
			const score = scores[which]!;
			const to = 1 + Math.floor(place * (score.bars - 1));
			const range = { from: Math.max(0, to - length), to };
			check(score, promptOf(score, range, SHIPPED_STYLES), range);
		}),
		{ numRuns, seed: 5 }
	);
}

/** What a prompt sounds like, in beats of its piece. */
function heardIn({ tokens, bars }: Prompt) {
	return parseBars(tokens).flatMap((bar, i) => notesOfBar(bar, 4 * (bars.from + i), 0));
}

/** A note of the score as it sounds within bars that begin at a beat. */
function from(note: ScoreNote, first: number): { beat: number; duration: number } {
	const beat = Math.max(note.beat, first);
	return { beat, duration: note.beat + note.duration - beat };
}

/** Notes of the score that sound in the bars of a prompt; hits that began before them are over. */
function soundingIn({ notes }: Score, { bars }: Prompt): ScoreNote[] {
	const [first, end] = [4 * bars.from, 4 * bars.to];
	return notes.filter(
		({ track, beat, duration }) =>
			beat < end - 1e-6 &&
			(track === 'drums' ? beat > first - 1e-6 : beat + duration > first + 1e-6)
	);
}

const placeOf = (track: string, beat: number, pitch: number): string =>
	[track, Math.round(12 * beat), pitch].join();

describe('the bars of any piece as a prompt', () => {
	it('are the last ones, in the language, and no more than the model looks back on', () => {
		everyPrompt((_score, { tokens, bars }, range) => {
			expect(bars.to).toBe(range.to);
			expect(bars.from).toBeGreaterThanOrEqual(Math.max(range.from, range.to - PROMPT_BARS));
			expect(tokens.length).toBeLessThanOrEqual(MOST_PROMPT_TOKENS);
			const parsed = parseBars(tokens);
			expect(parsed).toHaveLength(bars.to - bars.from);
			expect(parsed.flatMap(({ bar }) => encodeBar(bar))).toEqual(tokens);
		}, 150);
	});

	it('keep every note on its track, step and pitch, and add none', () => {
		everyPrompt((score, prompt) => {
			const first = 4 * prompt.bars.from;
			const written = heardIn(prompt).map(({ track, beat, pitch }) => placeOf(track, beat, pitch));
			const played = soundingIn(score, prompt).map((note) =>
				placeOf(note.track, from(note, first).beat, note.pitch)
			);
			expect(written.sort()).toEqual([...new Set(played)].sort());
		}, 150);
	});

	it('keep length, loudness, accents and slides as nearly as the language has them', () => {
		everyPrompt((score, prompt) => {
			const first = 4 * prompt.bars.from;
			const sounding = soundingIn(score, prompt);
			for (const { track, beat, pitch, velocity, duration, accent, slide } of heardIn(prompt)) {
				const place = placeOf(track, beat, pitch);
				const own = sounding.filter(
					(note) => placeOf(note.track, from(note, first).beat, note.pitch) === place
				);
				const levels = track === 'drums' ? 4 : 8;
				const loudest = Math.max(...own.map((note) => note.velocity));
				const struck = own.some((note) => note.accent && note.beat >= first);
				expect(accent).toBe(struck);
				if (!struck) expect(Math.abs(velocity - loudest)).toBeLessThanOrEqual(1 / levels);
				if (track === 'drums') continue;
				expect(slide).toBe(track === 'bass' && own.some((note) => note.slide));
				const longest = Math.max(...own.map((note) => from(note, first).duration));
				const nearest = Math.min(...DURATIONS.map((steps) => Math.abs(steps - 12 * longest)));
				expect(Math.abs(12 * duration - 12 * longest)).toBeCloseTo(nearest, 6);
			}
		}, 60);
	});

	it('say their key, mode, tempo and style in every bar, and those of the last are the jam’s', () => {
		everyPrompt((score, prompt) => {
			const bars = parseBars(prompt.tokens).map(({ bar }) => bar.controls);
			bars.forEach(({ key, mode, style }, i) => {
				const beat = 4 * (prompt.bars.from + i);
				const section = score.sections.findLast((one) => one.beat <= beat)!;
				expect(key).toBe(section.tonic);
				expect(MODES[mode]).toBe(section.scale.replace(/ pentatonic$/, ''));
				expect(style).toBe(prompt.style);
			});
			const last = bars.at(-1)!;
			expect([last.key, last.mode]).toEqual([prompt.key, prompt.mode]);
			expect(last.tempo).toBe(tempoBin(prompt.tempo));
			expect(KEYS[prompt.key]).toBeDefined();
		}, 60);
	});
});

describe('the style of a prompt', () => {
	const styleFor = (piece: Score['piece'], styles: readonly number[]) => {
		const prompt = promptOf(scoreOf(4, { piece }), { from: 0, to: 4 }, styles);
		return [STYLES[prompt.style], hasOwnStyle(prompt)];
	};

	it('is the piece’s own where the model plays it, else the nearest that it plays', () => {
		expect(styleFor('acid', SHIPPED_STYLES)).toEqual(['acid', true]);
		expect(styleFor('house', SHIPPED_STYLES)).toEqual(['house', true]);
		expect(styleFor('opera', SHIPPED_STYLES)).toEqual(['ambient', false]);
		expect(styleFor('dna', SHIPPED_STYLES)).toEqual(['ambient', false]);
		expect(styleFor('opera', [...SHIPPED_STYLES, 7])).toEqual(['orchestral', false]);
		expect(styleFor('acid', [2, 5])).toEqual(['techno', false]);
		expect(styleFor('house', [6])).toEqual(['pop', false]);
	});
});

describe('notes that a piece by hand might have', () => {
	const [plain] = scoreOf(1).notes as [ScoreNote];
	const heard = (notes: readonly Partial<ScoreNote>[], bars = 4) => {
		const score = scoreOf(bars, { notes: notes.map((note) => ({ ...plain, ...note })) });
		return heardIn(promptOf(score, { from: 0, to: bars }, SHIPPED_STYLES));
	};

	it('off the grid go to the nearest twelfth of a beat', () => {
		const [note] = heard([{ beat: 1.03, duration: 0.6 }]);
		expect(note).toMatchObject({ beat: 1, duration: 0.5 });
		expect(heard([{ beat: 1.07 }])[0]!.beat).toBeCloseTo(13 / 12, 9);
	});

	it('beyond the language are brought in by octaves, and what is no drum is left out', () => {
		expect(heard([{ pitch: 14 }])[0]!.pitch).toBe(26);
		expect(heard([{ pitch: 120 }])[0]!.pitch).toBe(108);
		expect(heard([{}, { track: 'drums', pitch: 36 }, { track: 'drums', pitch: 99 }])).toHaveLength(
			2
		);
	});

	it('that are the same twice become one: the longer and the louder', () => {
		expect(
			heard([
				{ velocity: 0.3, duration: 2 },
				{ velocity: 0.6, duration: 0.25 }
			])
		).toMatchObject([{ velocity: 0.625, duration: 2 }]);
	});

	it('that sound on into the first bar begin with it, without their accent', () => {
		const notes = [{ beat: 1, duration: 18, accent: true }];
		expect(heard(notes, 5)).toMatchObject([{ beat: 4, duration: 16, accent: false }]);
	});
});

describe('bars that can’t be handed over', () => {
	it('are refused in words: none, none that sound, too much in one', () => {
		const score = scoreOf(8, { notes: scoreOf(2).notes });
		const hand = (range: { from: number; to: number }) => promptOf(score, range, SHIPPED_STYLES);
		expect(() => hand({ from: 3, to: 3 })).toThrow(SonifyError);
		expect(() => hand({ from: 9, to: 12 })).toThrow('No bars are chosen');
		expect(() => hand({ from: 0, to: 8 })).toThrow('Nothing sounds');
		const crowd = Array.from({ length: 600 }, (_, i): ScoreNote => ({
			...score.notes[0]!,
			beat: (i % 48) / 12,
			pitch: 30 + Math.floor(i / 48)
		}));
		expect(() => promptOf(scoreOf(1, { notes: crowd }), { from: 0, to: 1 }, [0])).toThrow(
			'more notes than the model reads at once'
		);
	});

	it('give way to fewer where four are too much', () => {
		const dense = Array.from({ length: 4 * 110 }, (_, i): ScoreNote => ({
			...scoreOf(1).notes[0]!,
			beat: 4 * Math.floor(i / 110) + (i % 48) / 12,
			pitch: 30 + Math.floor((i % 110) / 48)
		}));
		const { bars } = promptOf(scoreOf(4, { notes: dense }), { from: 0, to: 4 }, [0]);
		expect(bars.to).toBe(4);
		expect(bars.from).toBeGreaterThan(0);
	});
});
