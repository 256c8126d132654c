import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Openings } from '../../../src/lib/instrument/openings';
import { keepPrompt, keptPrompt } from '../../../src/lib/instrument/promptStore';
import { StateStore } from '../../../src/lib/instrument/stateStore';
import { promptOf } from '../../../src/lib/sonify/prompt';
import { scoreOf } from './scores';

const PROMPT = promptOf(scoreOf(6), { from: 0, to: 6 }, [0, 1]);

let values: Record<string, number>;
let tempo: number | null;
let followed: number;
let store: StateStore;
let openings: Openings;
let storage: Map<string, string>;

beforeEach(() => {
	storage = new Map();
	vi.stubGlobal('sessionStorage', {
		getItem: (key: string) => storage.get(key) ?? null,
		setItem: (key: string, text: string) => void storage.set(key, text),
		removeItem: (key: string) => void storage.delete(key)
	});
	values = { 'model.style': 0, 'model.key': 0, 'model.mode': 0 };
	tempo = null;
	followed = 0;
	store = new StateStore(() => undefined);
	openings = new Openings({
		store,
		get: (id) => values[id]!,
		set: (id, value) => void (values[id] = value),
		setTempo: (bpm) => (tempo = bpm),
		followStyleTempo: () => followed++
	});
});

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('what a set begins with', () => {
	it('is the opening of its style until bars are handed over', () => {
		openings.restore();
		expect(openings.handed).toBeNull();
		expect(values['model.style']).toBe(0);
	});

	it('is the prompt of the page before, with its style, key, mode and tempo', () => {
		keepPrompt(PROMPT);
		openings.restore();
		expect(openings.handed).toEqual(PROMPT);
		/** acid, A minor */
		expect(values).toEqual({ 'model.style': 1, 'model.key': 10, 'model.mode': 2 });
		expect(tempo).toBe(120);
	});

	it('outlives the page, until somebody goes back to the usual opening', () => {
		openings.take(PROMPT);
		expect(keptPrompt()).toEqual(PROMPT);
		openings.take(null);
		expect(keptPrompt()).toBeNull();
		expect(store.current.opening).toBeNull();
		expect(values).toEqual({ 'model.style': 1, 'model.key': 0, 'model.mode': 0 });
		expect(followed).toBe(1);
	});

	it('leaves a key alone that a hand has chosen since', () => {
		openings.take(PROMPT);
		values['model.key'] = 4;
		openings.take(null);
		expect(values).toMatchObject({ 'model.key': 4, 'model.mode': 0 });
	});

	it.each([
		'no JSON',
		'null',
		'[]',
		JSON.stringify({ ...PROMPT, tokens: [1, 2, 3] }),
		JSON.stringify({ ...PROMPT, tokens: [] }),
		JSON.stringify({ ...PROMPT, tokens: undefined }),
		JSON.stringify({ ...PROMPT, style: 99 }),
		JSON.stringify({ ...PROMPT, key: 'A' }),
		JSON.stringify({ ...PROMPT, piece: 'waltz' }),
		JSON.stringify({ ...PROMPT, bars: null }),
		JSON.stringify({ ...PROMPT, tempo: null })
	])('is the usual opening where what was kept is none: %s', (text) => {
		storage.set('kqv.prompt', text);
		openings.restore();
		expect(openings.handed).toBeNull();
	});

	it('says in words when the browser keeps nothing', () => {
		vi.stubGlobal('sessionStorage', {
			setItem() {
				throw new DOMException('denied', 'SecurityError');
			}
		});
		expect(() => keepPrompt(PROMPT)).toThrow('keeps nothing for this page');
		expect(keptPrompt()).toBeNull();
	});
});
