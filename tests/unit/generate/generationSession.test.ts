/** The session in Node, on the shipped model and the TypeScript decoder: what the worker does, message by message. */
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GenerationSession } from '../../../src/lib/generate/generationSession';
import { openingOf } from '../../../src/lib/generate/openings';
import type { FromWorker, WrittenBar } from '../../../src/lib/generate/protocol';
import { parseBars } from '../../../src/lib/music/bars';
import { freeControls } from '../../fixtures/music';

const MODEL = 'static/models/kqv-small';
const opening = openingOf('house').tokens;
const openingBars = parseBars(opening).length;

const fetchFile: typeof fetch = async (input) => {
	try {
		return new Response(await readFile(String(input)));
	} catch {
		return new Response('no such file', { status: 404 });
	}
};

describe('a generation session', () => {
	let session: GenerationSession;
	let heard: FromWorker[];

	beforeEach(() => {
		heard = [];
		session = new GenerationSession({
			gpu: undefined,
			fetch: fetchFile,
			send: (message) => heard.push(message),
			breathe: () => new Promise((resolve) => setImmediate(resolve))
		});
	});

	function bars(): { bar: WrittenBar; revision: number }[] {
		return heard.flatMap((message) =>
			message.type === 'bars' && !message.opening
				? message.bars.map((bar) => ({ bar, revision: message.revision }))
				: []
		);
	}

	async function until(condition: () => boolean): Promise<void> {
		await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 50_000, interval: 10 });
	}

	async function ready(): Promise<void> {
		session.receive({ type: 'load', modelUrl: MODEL, engine: 'auto' });
		await until(() => heard.some(({ type }) => type === 'ready'));
	}

	function begin(revision = 1): void {
		session.receive({ type: 'begin', revision, opening, controls: freeControls() });
	}

	it('loads, says which engine runs and why, and reads the opening', async () => {
		await ready();
		const message = heard.find(({ type }) => type === 'ready');
		expect(message).toMatchObject({
			model: { engine: 'cpu', reason: 'This browser has no WebGPU.', layers: 6, heads: 6 }
		});
		begin();
		await until(() => heard.some(({ type }) => type === 'bars'));
		expect(heard.find(({ type }) => type === 'bars')).toMatchObject({
			opening: true,
			bars: Array.from({ length: openingBars }, (_, bar) => ({ bar }))
		});
	});

	it('takes a set that began before the model was there', async () => {
		begin();
		session.receive({ type: 'write', untilBar: openingBars + 1 });
		await ready();
		await until(() => bars().length === 1);
		expect(bars()[0]!.bar.bar).toBe(openingBars);
	});

	it('obeys controls that change while the opening is being read', async () => {
		await ready();
		begin();
		session.receive({
			type: 'control',
			revision: 2,
			controls: freeControls({ style: 1 }),
			fromBar: 1
		});
		session.receive({ type: 'write', untilBar: 3 });
		await until(() => bars().length === 2);
		expect(heard.filter(({ type }) => type === 'failed')).toEqual([]);
		expect(bars().map(({ bar, revision }) => [bar.bar, revision])).toEqual([
			[1, 2],
			[2, 2]
		]);
		expect(parseBars(bars()[0]!.bar.tokens)[0]!.bar.controls.style).toBe(1);
	});

	it('writes a bar again when its controls change, and nothing beyond what was asked', async () => {
		await ready();
		begin();
		session.receive({ type: 'write', untilBar: openingBars + 2 });
		await until(() => bars().length === 2);
		session.receive({
			type: 'control',
			revision: 2,
			controls: freeControls({ seed: 8 }),
			fromBar: openingBars + 1
		});
		await until(() => bars().length === 3);
		expect(bars().map(({ bar }) => bar.bar - openingBars)).toEqual([0, 1, 1]);
		expect(bars()[2]!.bar.tokens).not.toEqual(bars()[1]!.bar.tokens);
		expect(bars()[2]!.bar.firstFrame).toBe(bars()[1]!.bar.firstFrame);
	});

	it('goes on with the same set when another engine takes over', async () => {
		await ready();
		begin();
		session.receive({ type: 'write', untilBar: openingBars + 3 });
		await until(() => bars().length >= 1);
		session.receive({ type: 'load', modelUrl: MODEL, engine: 'cpu' });
		await until(() => bars().length === 3);
		expect(bars().map(({ bar }) => bar.bar - openingBars)).toEqual([0, 1, 2]);
		expect(heard.filter(({ type }) => type === 'ready')).toHaveLength(2);
	});

	it('says in words that there is no model, and loads it when asked again', async () => {
		session.receive({ type: 'load', modelUrl: 'static/models/nowhere', engine: 'auto' });
		await until(() => heard.some(({ type }) => type === 'failed'));
		const failure = heard.find((message) => message.type === 'failed');
		expect(failure?.message).toMatch(/could not be loaded/);
		await ready();
	});
});
