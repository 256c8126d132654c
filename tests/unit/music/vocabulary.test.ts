import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DENSITY_BOUNDS, densityLevel } from '../../../src/lib/music/density';
import {
	DENSITY_LEVELS,
	DRUM_PIECES,
	FAMILIES,
	FAMILY_RANGES,
	HIT_LEVELS,
	PITCH_MAX,
	PITCH_MIN,
	TEMPO_BINS,
	TOKEN_NAMES,
	TRACKS,
	VOCABULARY_SIZE,
	familyOf,
	hitToken,
	pieceOfNote,
	pitchToken,
	tempoBin,
	tokenOf
} from '../../../src/lib/music/vocabulary';
import { vocabularyFile } from '../../../src/lib/music/vocabularyFile';

describe('the vocabulary', () => {
	it('names every token once', () => {
		expect(new Set(TOKEN_NAMES).size).toBe(VOCABULARY_SIZE);
	});

	it('gives every token to one member of one family, and back', () => {
		for (let token = 0; token < VOCABULARY_SIZE; token++) {
			const { family, value } = familyOf(token);
			expect(tokenOf(family, value)).toBe(token);
		}
		const sizes = FAMILIES.map((family) => FAMILY_RANGES[family].size);
		expect(sizes.reduce((sum, size) => sum + size)).toBe(VOCABULARY_SIZE);
	});

	it('refuses members that a family does not have', () => {
		expect(() => tokenOf('POS', 48)).toThrow(/POS has the values 0 to 47/);
		expect(() => tokenOf('POS', -1)).toThrow(RangeError);
		expect(() => tokenOf('POS', 0.5)).toThrow(RangeError);
		expect(() => familyOf(VOCABULARY_SIZE)).toThrow(/outside the vocabulary/);
	});

	it('has a token for each pitch and each hit, and for nothing else', () => {
		expect(TOKEN_NAMES[pitchToken(60)]).toBe('PITCH_60');
		expect(() => pitchToken(PITCH_MIN - 1)).toThrow(RangeError);
		expect(() => pitchToken(PITCH_MAX + 1)).toThrow(RangeError);
		expect(TOKEN_NAMES[hitToken(2, 1)]).toBe('HIT_snare:1');
		expect(() => hitToken(0, HIT_LEVELS.length)).toThrow(RangeError);
		expect(() => hitToken(1, -1)).toThrow(RangeError);
		expect(() => hitToken(DRUM_PIECES.length, 0)).toThrow(RangeError);
	});

	it('finds the kit piece of a General MIDI note', () => {
		DRUM_PIECES.forEach(({ note }, piece) => expect(pieceOfNote(note)).toBe(piece));
		expect(pieceOfNote(35)).toBe(-1);
	});

	it('finds the nearest tempo bin, the outermost beyond the ends', () => {
		TEMPO_BINS.forEach((bpm, bin) => expect(tempoBin(bpm)).toBe(bin));
		expect(TEMPO_BINS[tempoBin(124)]).toBe(126);
		expect(tempoBin(20)).toBe(0);
		expect(tempoBin(400)).toBe(TEMPO_BINS.length - 1);
	});
});

describe('training/vocabulary.json', () => {
	const path = new URL('../../../training/vocabulary.json', import.meta.url);
	const text = readFileSync(path, 'utf8');
	const file = JSON.parse(text) as { tokens: string[]; densityBounds: unknown };

	it('has every token of the application at its place, and the application every token of it', () => {
		TOKEN_NAMES.forEach((name, token) => expect(file.tokens[token]).toBe(name));
		file.tokens.forEach((name, token) => expect(TOKEN_NAMES[token]).toBe(name));
		expect(file.tokens).toHaveLength(VOCABULARY_SIZE);
	});

	it('is what `npm run vocabulary` writes', () => {
		expect(JSON.parse(text)).toEqual(JSON.parse(vocabularyFile()));
		expect(text).toBe(vocabularyFile());
	});
});

describe('density', () => {
	it('is 0 for silence and only for silence', () => {
		for (const track of TRACKS) {
			expect(densityLevel(track, 0)).toBe(0);
			expect(densityLevel(track, 1)).toBe(1);
		}
	});

	it('never falls when notes are added, takes every level, and ends at 7', () => {
		for (const track of TRACKS) {
			const levels = Array.from({ length: 200 }, (_, count) => densityLevel(track, count));
			for (let i = 1; i < levels.length; i++) {
				expect(levels[i]! - levels[i - 1]!).toBeGreaterThanOrEqual(0);
				expect(levels[i]! - levels[i - 1]!).toBeLessThanOrEqual(1);
			}
			expect(levels.at(-1)).toBe(DENSITY_LEVELS - 1);
		}
	});

	it('changes right after each bound', () => {
		for (const track of TRACKS) {
			DENSITY_BOUNDS[track].forEach((bound, i) => {
				expect(densityLevel(track, bound)).toBe(i + 1);
				expect(densityLevel(track, bound + 1)).toBe(i + 2);
			});
		}
	});
});
