import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LATENCY_HINTS, SoundOutput } from '../../../src/lib/instrument/soundOutput';
import { StateStore } from '../../../src/lib/instrument/stateStore';

let storage: Map<string, string>;
let store: StateStore;
let output: SoundOutput;

const notices = () => store.current.notices.map(({ message }) => message);

beforeEach(() => {
	storage = new Map();
	vi.stubGlobal('localStorage', {
		getItem: (key: string) => storage.get(key) ?? null,
		setItem: (key: string, text: string) => void storage.set(key, text)
	});
	store = new StateStore(() => undefined);
	output = new SoundOutput(store);
});

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('the sound output', () => {
	it('keeps the usual amount ready, or what was chosen in an earlier visit', () => {
		expect(output.buffer).toBe('usual');
		output.choose('long');
		expect(store.current.soundBuffer).toBe('long');
		expect(new SoundOutput(new StateStore(() => undefined)).buffer).toBe('long');
		storage.set('kqv.soundBuffer', 'endless');
		expect(new SoundOutput(new StateStore(() => undefined)).buffer).toBe('usual');
	});

	it('asks the browser for more the longer the buffer is', () => {
		expect(LATENCY_HINTS.short).toBe('interactive');
		expect(LATENCY_HINTS.long).toBeGreaterThan(LATENCY_HINTS.usual as number);
	});

	it('says nothing of single gaps, of gaps far apart, and of those while the first notes sound', () => {
		output.begin(10, 0.5);
		output.watch(12, 1.5); // the voices were being built
		for (let second = 0; second < 600; second += 10) output.watch(16 + second, 1.5 + second / 1000);
		expect(notices()).toEqual([]);
	});

	it('says once that the sound broke up, and what to do about it', () => {
		output.begin(0, 0);
		output.watch(6, 0);
		for (let i = 1; i <= 40; i++) output.watch(6 + i / 10, i / 100);
		expect(notices()).toHaveLength(1);
		expect(notices()[0]).toMatch(/broke up.*long sound buffer/);
		store.dismiss('gaps');
		output.watch(20, 3);
		expect(notices()).toEqual([]);
	});

	it('begins to count anew with another buffer, and has other advice when that is the longest', () => {
		output.begin(0, 0);
		output.watch(10, 1);
		expect(notices()).toHaveLength(1);
		output.choose('long');
		expect(notices()).toEqual([]);
		output.begin(20, 1);
		output.watch(30, 2);
		expect(notices()[0]).toMatch(/Close other programs/);
	});
});
