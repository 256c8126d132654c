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
import type { EngineChoice, ModelDescription } from '../../../src/lib/generate/protocol';
import { engineWords, spokenProgress } from '../../../src/lib/views/engineWords';
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

const half = {
	file: 'model.safetensors',
	receivedBytes: 2_140_000,
	totalBytes: 5_447_624,
	preparing: false
};

const READY: ModelDescription = {
	name: 'tiny',
	parameters: 2_720_832,
	bytes: 5_447_624,
	from: 'files',
	place: 'tiny',
	untrainedSeed: null,
	styles: [0],
	layers: 6,
	heads: 6,
	window: 768,
	engine: 'wasm',
	device: 'WebAssembly, 2 threads',
	verification: 'computed',
	reason: 'This browser has no WebGPU.',
	tokensPerSecond: 212
};

describe('the model in a line', () => {
	it('counts megabytes while it loads', () => {
		const words = engineWords({
			phase: 'loading',
			...half
		});
		expect(words.line).toBe('Model 2.1 of 5.4 MB');
	});

	it('says that another model is coming while one plays', () => {
		const model = { phase: 'ready', tokensPerSecond: 212, model: READY } as const;
		expect(engineWords(model).line).toBe('WebAssembly  212 tokens/s');
		expect(engineWords(model, half).line).toBe('New model 2.1 of 5.4 MB');
		expect(engineWords(model, { ...half, preparing: true }).line).toBe('New model is being tried');
		expect(engineWords(model, { ...half, totalBytes: 0 }).line).toBe('New model 2.1 MB');
	});

	it('tells what it runs on, where it came from, how it was checked and why', () => {
		const { details } = engineWords({ phase: 'ready', tokensPerSecond: 212, model: READY });
		expect(Object.fromEntries(details.map(({ name, value }) => [name, value]))).toMatchObject({
			Weights: '2.7 million, 5.4 MB',
			From: 'the folder tiny',
			'Runs on': 'WebAssembly, 2 threads',
			Checked: 'answers as the TypeScript engine does',
			Why: 'This browser has no WebGPU.'
		});
	});

	it('says of an untrained twin that its weights are random, wherever the line is read', () => {
		const twin = { ...READY, name: 'tiny, untrained (seed 1)', bytes: 0, untrainedSeed: 1 };
		const { line, details } = engineWords({ phase: 'ready', tokensPerSecond: 212, model: twin });
		expect(line).toBe('Untrained twin  212 tokens/s');
		expect(Object.fromEntries(details.map(({ name, value }) => [name, value]))).toMatchObject({
			Model: 'tiny, untrained (seed 1)',
			Weights: '2.7 million, random',
			From: 'this page, in the shape of the model from the folder tiny'
		});
	});

	it('says that a person chose the engine, where nothing else is to be said', () => {
		const model = { ...READY, reason: '' };
		const why = (choice: EngineChoice) =>
			engineWords({ phase: 'ready', tokensPerSecond: 1, model }, null, choice).details.at(-1)!
				.value;
		expect(why('wasm')).toBe('chosen by you');
		expect(why('auto')).toBe('the fastest that works here');
	});

	it('speaks progress in quarters', () => {
		expect(spokenProgress(half)).toBe('The model is loading: 25 percent of 5.4 megabytes.');
		expect(spokenProgress({ ...half, receivedBytes: 2_700_000 })).toBe(spokenProgress(half));
		expect(spokenProgress({ ...half, totalBytes: 0 })).toBe('The model is loading.');
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
