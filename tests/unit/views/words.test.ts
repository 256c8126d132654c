/** What the page says in words: bars, tokens, the model. */
import { describe, expect, it } from 'vitest';
import {
	TOKEN_NAMES,
	VOCABULARY_SIZE,
	hitToken,
	pitchToken,
	tokenOf
} from '../../../src/lib/music/vocabulary';
import { barText } from '../../../src/lib/views/barText';
import { capabilities } from '../../../src/lib/views/capabilities';
import { engineWords } from '../../../src/lib/views/engineWords';
import { noteName, pitchName, tokenWords } from '../../../src/lib/views/names';
import { note } from './notes';

describe('a bar in words', () => {
	it('counts the hits of each kit piece and names the pitches in order', () => {
		const kicks = [0, 1, 2, 3].map((beat) => note({ track: 'drums', pitch: 36, beat }));
		const claps = [1, 3].map((beat) => note({ track: 'drums', pitch: 39, beat }));
		const bass = [note({ pitch: 36, beat: 1 }), note({ pitch: 33, beat: 0 })];
		expect(barText(12, [...kicks, ...claps, ...bass])).toBe(
			'Bar 12: drums kick 4, clap 2; acid bass A1 C2.'
		);
	});

	it('names six pitches and counts the rest', () => {
		const lead = Array.from({ length: 9 }, (_, i) =>
			note({ track: 'lead', pitch: 60 + i, beat: i })
		);
		expect(barText(1, lead)).toBe('Bar 1: lead C4 Db4 D4 Eb4 E4 F4 and 3 more.');
	});

	it('says that an empty bar is silent', () => {
		expect(barText(3, [])).toBe('Bar 3: silence.');
	});
});

describe('names', () => {
	it('call MIDI note 60 C4 and a drum by its piece', () => {
		expect(pitchName(60)).toBe('C4');
		expect(pitchName(21)).toBe('A0');
		expect(noteName('drums', 42)).toBe('closed hat');
	});

	it('have words for every token of the vocabulary', () => {
		for (let token = 0; token < VOCABULARY_SIZE; token++) {
			const { family, value } = tokenWords(token);
			expect(family, TOKEN_NAMES[token]).not.toBe('');
			expect(value, TOKEN_NAMES[token]).not.toBe('');
		}
	});

	it('say tokens as musicians do', () => {
		expect(tokenWords(hitToken(0, 3)).value).toBe('kick, accent');
		expect(tokenWords(pitchToken(45)).value).toBe('A2');
		expect(tokenWords(tokenOf('POS', 0)).value).toBe('beat 1');
		expect(tokenWords(tokenOf('POS', 15)).value).toBe('beat 2+1/4');
	});
});

describe('the model in a line', () => {
	it('counts megabytes while it loads', () => {
		const words = engineWords({
			phase: 'loading',
			receivedBytes: 2_140_000,
			totalBytes: 5_447_624
		});
		expect(words.line).toBe('Model 2.1 of 5.4 MB');
	});

	it('tells why it failed', () => {
		expect(engineWords({ phase: 'failed', message: 'No network.' }).details[0]!.value).toBe(
			'No network.'
		);
	});
});

describe('the facts of a browser', () => {
	it('say what is missing and what that means', () => {
		const facts = capabilities({ audioWorklet: true, webgpu: false, midi: true });
		expect(facts.filter(({ there }) => !there).map(({ words }) => words)).toEqual([
			'No WebGPU: the model runs on the CPU'
		]);
	});
});
