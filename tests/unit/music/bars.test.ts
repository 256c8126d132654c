import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	MusicLanguageError,
	durationIndex,
	encodeBar,
	encodePart,
	musicText,
	parseBars,
	type Bar
} from '../../../src/lib/music/bars';
import {
	DURATIONS,
	PITCH_MIN,
	TOKEN_NAMES,
	familyOf,
	tokenOf
} from '../../../src/lib/music/vocabulary';
import { plainBar } from '../../fixtures/music';
import { anyBar, anySequence } from './anyMusic';

const named = (tokens: readonly number[]) => tokens.map((token) => TOKEN_NAMES[token]);

describe('a bar as tokens', () => {
	it('reads like the grammar: controls, then part by part, position by position', () => {
		expect(named(encodeBar(plainBar())).join(' ')).toBe(
			'BAR STYLE_house SECTION_drop ENERGY_6 TEMPO_126 KEY_A MODE_minor ' +
				'TRACK_drums DENSITY_1 POS_0 HIT_kick:3 POS_12 HIT_kick:3 POS_24 HIT_kick:3 POS_36 HIT_kick:3 ' +
				'TRACK_bass DENSITY_1 POS_6 PITCH_33'
		);
	});

	it('says velocity and length only when they change inside a part', () => {
		const note = { position: 0, pitch: 40, velocity: 7, duration: 3, slide: false };
		const part = {
			track: 'lead' as const,
			density: 1,
			hits: [],
			notes: [note, { ...note, position: 12 }, { ...note, position: 24, velocity: 2 }]
		};
		expect(named(encodePart(part)).join(' ')).toBe(
			'TRACK_lead DENSITY_1 POS_0 VEL_7 DUR_4 PITCH_40 POS_12 PITCH_40 POS_24 VEL_2 PITCH_40'
		);
	});

	it('has a text of what sounds, whatever its controls, densities and silent parts say', () => {
		const bar = plainBar();
		const told = encodeBar({
			controls: { ...bar.controls, section: 1, energy: 0, key: 3 },
			parts: [
				{ ...bar.parts[0]!, density: 7 },
				bar.parts[1]!,
				{ track: 'lead', density: 0, hits: [], notes: [] }
			]
		});
		expect(musicText(told)).toBe(musicText(encodeBar(bar)));
		const [drums, bass] = bar.parts;
		for (const parts of [
			[drums!],
			[drums!, { ...bass!, track: 'chords' as const }],
			[drums!, { ...bass!, notes: [{ ...bass!.notes[0]!, velocity: 4 }] }],
			[{ ...drums!, hits: drums!.hits.slice(1) }, bass!]
		]) {
			expect(musicText(encodeBar({ ...bar, parts }))).not.toBe(musicText(encodeBar(bar)));
		}
	});

	it('comes back without loss, whatever is on the grid', () => {
		fc.assert(
			fc.property(fc.array(anyBar, { maxLength: 3 }), (bars) => {
				const parsed = parseBars(bars.flatMap(encodeBar));
				expect(parsed.map(({ bar }) => bar)).toEqual(bars);
			})
		);
	});

	it('any admitted sequence has a canonical spelling of the same music, which is its own and no longer', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				const bars = parseBars(tokens).map(({ bar }) => bar);
				const canonical = bars.flatMap(encodeBar);
				expect(parseBars(canonical).map(({ bar }) => bar)).toEqual(bars);
				expect(canonical.length).toBeLessThanOrEqual(tokens.length);
				expect(parseBars(canonical).flatMap(({ bar }) => encodeBar(bar))).toEqual(canonical);
			})
		);
	});

	it('that is cut short is read as far as it goes', () => {
		fc.assert(
			fc.property(anySequence, fc.nat(), (tokens, cut) => {
				const whole = parseBars(tokens);
				const some = parseBars(tokens.slice(0, cut % tokens.length));
				expect(some.length).toBeLessThanOrEqual(whole.length);
				expect(some.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, some.length - 1)));
			})
		);
	});
});

describe('the spans of a parsed bar', () => {
	const EVENT_FAMILIES = new Set(['POS', 'HIT', 'VEL', 'DUR', 'PITCH', 'SLIDE']);

	it('lie inside the bar, and bars follow one another without a gap', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				let next = 0;
				for (const { span, spans } of parseBars(tokens)) {
					expect(span.first).toBe(next);
					for (const { first, last } of spans.flat()) {
						expect(first).toBeGreaterThan(span.first);
						expect(first).toBeLessThanOrEqual(last);
						expect(last).toBeLessThanOrEqual(span.last);
					}
					next = span.last + 1;
				}
				expect(next).toBe(tokens.length);
			})
		);
	});

	it('hold each token that tells of a note exactly once, and no other token', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				const covered = parseBars(tokens)
					.flatMap(({ spans }) => spans.flat())
					.flatMap(({ first, last }) =>
						Array.from({ length: last - first + 1 }, (_, i) => first + i)
					);
				const telling = tokens.flatMap((token, offset) =>
					EVENT_FAMILIES.has(familyOf(token).family) ? [offset] : []
				);
				expect(covered).toEqual(telling);
			})
		);
	});

	it('hold the very pitch, piece, level and slide of their note', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				for (const { bar, spans } of parseBars(tokens)) {
					bar.parts.forEach((part, p) => {
						const own = (event: number) => {
							const { first, last } = spans[p]![event]!;
							return tokens.slice(first, last + 1);
						};
						part.notes.forEach((note, i) => {
							expect(own(i)).toContain(tokenOf('PITCH', note.pitch - PITCH_MIN));
							expect(own(i).includes(tokenOf('SLIDE'))).toBe(note.slide);
						});
						part.hits.forEach((hit, i) => {
							expect(own(i).at(-1)).toBe(tokenOf('HIT', hit.piece * 4 + hit.level));
						});
						expect(spans[p]).toHaveLength(part.notes.length + part.hits.length);
					});
				}
			})
		);
	});
});

describe('what is not music', () => {
	it('is refused with a MusicLanguageError that says where, and never crashes', () => {
		const soup = fc.array(
			fc.oneof(
				{ weight: 8, arbitrary: fc.nat({ max: TOKEN_NAMES.length - 1 }) },
				{ weight: 1, arbitrary: fc.double() },
				{ weight: 1, arbitrary: fc.integer() }
			)
		);
		fc.assert(
			fc.property(anySequence, soup, fc.nat(), (tokens, ingredients, cut) => {
				const mixed = [...tokens.slice(0, cut % tokens.length), ...ingredients];
				try {
					parseBars(mixed);
				} catch (error) {
					expect(error).toBeInstanceOf(MusicLanguageError);
					const { offset, message } = error as MusicLanguageError;
					expect(offset).toBeLessThan(mixed.length);
					expect(message).toMatch(/ at token \d+ cannot follow .* in the music language\.$/);
					expect(() => parseBars(mixed.slice(0, offset))).not.toThrow();
				}
			})
		);
	});

	it('a token outside the vocabulary is refused', () => {
		for (const token of [-1, TOKEN_NAMES.length, 0.5, NaN, Infinity]) {
			expect(() => parseBars([token])).toThrow(MusicLanguageError);
		}
	});

	const broken: [string, (bar: Bar) => void][] = [
		['tracks out of order', (bar) => bar.parts.reverse()],
		['positions out of order', (bar) => bar.parts[0]!.hits.reverse()],
		['a hit twice', (bar) => bar.parts[0]!.hits.push(bar.parts[0]!.hits.at(-1)!)],
		['a silent part with notes', (bar) => (bar.parts[1]!.density = 0)],
		['a sounding part without notes', (bar) => bar.parts[1]!.notes.pop()],
		[
			'a slide outside the bass',
			(bar) => {
				bar.parts[1]!.track = 'lead';
				bar.parts[1]!.notes[0]!.slide = true;
			}
		]
	];
	it.each(broken)('a bar with %s is refused', (_, spoil) => {
		const bar = plainBar();
		spoil(bar);
		expect(() => encodeBar(bar)).toThrow(MusicLanguageError);
	});

	const offGrid: [string, (bar: Bar) => void][] = [
		['a position past the bar', (bar) => (bar.parts[1]!.notes[0]!.position = 48)],
		['a position between steps', (bar) => (bar.parts[1]!.notes[0]!.position = 1.5)],
		['a pitch below the piano', (bar) => (bar.parts[1]!.notes[0]!.pitch = 20)],
		['a velocity level that is none', (bar) => (bar.parts[1]!.notes[0]!.velocity = 8)],
		['a length that is none', (bar) => (bar.parts[1]!.notes[0]!.duration = 18)],
		['a hit level that is none', (bar) => (bar.parts[0]!.hits[0]!.level = 4)],
		['a kit piece that is none', (bar) => (bar.parts[0]!.hits[0]!.piece = 22)],
		['a style that is none', (bar) => (bar.controls.style = 10)]
	];
	it.each(offGrid)('a bar with %s is refused', (_, spoil) => {
		const bar = plainBar();
		spoil(bar);
		expect(() => encodeBar(bar)).toThrow(RangeError);
	});
});

describe('the nearest length', () => {
	it('is the length itself where there is one', () => {
		expect(DURATIONS.map(durationIndex)).toEqual(DURATIONS.map((_, index) => index));
	});

	it('is the shorter of two that are equally near, and the ends beyond them', () => {
		expect(DURATIONS[durationIndex(5)]).toBe(4);
		expect(DURATIONS[durationIndex(0)]).toBe(1);
		expect(DURATIONS[durationIndex(1000)]).toBe(192);
		expect(DURATIONS[durationIndex(20.9)]).toBe(18);
	});
});
