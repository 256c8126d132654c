/** The session in Node, on the shipped model and the TypeScript engine: what the worker does, message by message. */
import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineMakers } from '../../../src/lib/generate/engine';
import { GenerationSession } from '../../../src/lib/generate/generationSession';
import { openingOf } from '../../../src/lib/generate/openings';
import type {
	Answer,
	EngineChoice,
	FromWorker,
	ModelSource,
	Question,
	WrittenBar
} from '../../../src/lib/generate/protocol';
import { DeviceLostError, type DecoderModel } from '../../../src/lib/model/decoder';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { ModelCache } from '../../../src/lib/model/sources/modelCache';
import { parseBars } from '../../../src/lib/music/bars';
import { STYLES, type Style } from '../../../src/lib/music/vocabulary';
import { DiceDecoder } from '../../fixtures/diceDecoder';
import { freeControls } from '../../fixtures/music';
import { createPrivateFileSystem } from '../../fixtures/privateFileSystem';

const FOLDER = 'static/models/kqv-small';
const SITE = 'https://example.org/models/';
const SHIPPED: ModelSource = { from: 'site', address: `${SITE}kqv-small` };
const wholeOpening = openingOf('house').tokens;
/** the first two bars: the TypeScript engine reads a hundred tokens in a second */
const opening = wholeOpening.slice(0, parseBars(wholeOpening)[1]!.span.last + 1);
const openingBars = 2;
/** as its instrument.json has them, in the order of the vocabulary */
const shippedStyles = (
	JSON.parse(readFileSync(`${FOLDER}/instrument.json`, 'utf8')) as { styles: Style[] }
).styles
	.map((style) => STYLES.indexOf(style))
	.sort((a, b) => a - b);

const fetchFile: typeof fetch = async (input, init) => {
	init?.signal?.throwIfAborted();
	try {
		return new Response(await readFile(String(input).replace(SITE, 'static/models/')));
	} catch {
		return new Response('no such file', { status: 404 });
	}
};

/** The files of the shipped model as if dropped on the page; some of them changed. */
async function droppedModel(
	changed: Record<string, (text: string) => string> = {}
): Promise<ModelSource> {
	const names = await readdir(FOLDER);
	const files = await Promise.all(
		names.map(async (name) => {
			const bytes = await readFile(`${FOLDER}/${name}`);
			const change = changed[name];
			const content = change ? change(bytes.toString()) : new Uint8Array(bytes);
			return { path: `mine/${name}`, file: new File([content], name) };
		})
	);
	return { from: 'files', files };
}

describe('a generation session', () => {
	let session: GenerationSession;
	let heard: FromWorker[];
	let engines: EngineMakers;
	let fetchNow: typeof fetch;
	let asked: number;

	beforeEach(() => {
		heard = [];
		asked = 0;
		fetchNow = fetchFile;
		engines = {
			gpu: undefined,
			webgpu: () => Promise.reject(new Error('There is no WebGPU in Node.')),
			wasm: () => Promise.reject(new Error('There is no WebAssembly engine in Node.')),
			cpu: (model) => createReferenceModel(model, { precision: 'f32' })
		};
		const { storage } = createPrivateFileSystem();
		session = new GenerationSession({
			get engines() {
				return engines;
			},
			fetch: (input, init) => fetchNow(input, init),
			cache: async () => new ModelCache(storage),
			send: (message) => heard.push(message),
			breathe: () => new Promise((resolve) => setImmediate(resolve))
		});
	});

	function load(source: ModelSource = SHIPPED, engine: EngineChoice = 'auto'): void {
		session.receive({ type: 'load', source, engine });
	}

	function all<T extends FromWorker['type']>(type: T) {
		return heard.filter(
			(message): message is Extract<FromWorker, { type: T }> => message.type === type
		);
	}

	/** Asks, and waits for the answer. */
	async function ask(question: Question): Promise<Answer | null> {
		const id = asked++;
		session.receive({ type: 'inspect', id, question });
		await until(() => all('inspected').some((message) => message.id === id));
		return all('inspected').find((message) => message.id === id)!.answer;
	}

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
		load();
		await until(() => heard.some(({ type }) => type === 'ready'));
	}

	function begin(revision = 1): void {
		session.receive({ type: 'begin', revision, opening, controls: freeControls() });
	}

	it('loads, says which engine runs and why, and reads the opening', async () => {
		await ready();
		const message = heard.find(({ type }) => type === 'ready');
		expect(message).toMatchObject({
			model: {
				engine: 'cpu',
				reason: 'This browser has no WebGPU. There is no WebAssembly engine in Node.',
				verification: 'stored',
				from: 'site',
				layers: 6,
				heads: 8
			}
		});
		expect(all('progress').at(-1)).toMatchObject({
			file: 'model.safetensors',
			receivedBytes: 10_407_256,
			totalBytes: 10_407_256
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
		session.receive({ type: 'engine', engine: 'cpu' });
		await until(() => bars().length === 3);
		expect(bars().map(({ bar }) => bar.bar - openingBars)).toEqual([0, 1, 2]);
		expect(heard.filter(({ type }) => type === 'ready')).toHaveLength(2);
	});

	it('says in words that there is no model, and loads it when asked again', async () => {
		load({ from: 'address', address: `${SITE}nowhere` });
		await until(() => all('failed').length === 1);
		expect(all('failed')[0]!.message).toMatch(/could not be loaded/);
		await ready();
	});

	it('says what cancelling means while there is no model', async () => {
		load();
		session.receive({ type: 'cancelLoad' });
		await until(() => all('failed').length === 1);
		expect(all('failed')[0]!.message).toMatch(/cancelled, so there is no model yet/);
		await ready();
	});

	/** Loads, begins and writes a bar. */
	async function inUse(): Promise<void> {
		await ready();
		begin();
		session.receive({ type: 'write', untilBar: openingBars + 1 });
		await until(() => bars().length === 1);
		heard.length = 0;
	}

	describe('with an untrained twin', () => {
		it('writes on with other weights in the middle of the set, and with the trained ones again', async () => {
			await inUse();
			const requests = vi.fn(fetchFile);
			fetchNow = requests;
			session.receive({ type: 'twin', seed: 3 });
			await until(() => all('ready').length === 1);
			expect(all('ready')[0]!.model).toMatchObject({
				name: 'kqv-small, untrained (seed 3)',
				untrainedSeed: 3,
				parameters: 5_200_640,
				from: 'site',
				styles: shippedStyles
			});
			session.receive({ type: 'write', untilBar: openingBars + 3 });
			await until(() => bars().length === 2);
			session.receive({ type: 'trained' });
			await until(() => all('ready').length === 2);
			expect(all('ready')[1]!.model).toMatchObject({ name: 'kqv-small', untrainedSeed: null });
			session.receive({ type: 'write', untilBar: openingBars + 4 });
			await until(() => bars().length === 3);
			expect(bars().map(({ bar }) => bar.bar - openingBars)).toEqual([1, 2, 3]);
			expect([...all('failed'), ...all('kept'), ...requests.mock.calls]).toEqual([]);
		});

		it('draws another twin of the trained model, not a twin of the twin', async () => {
			await ready();
			for (const seed of [1, 2]) session.receive({ type: 'twin', seed });
			await until(() => all('ready').length === 2);
			session.receive({ type: 'twin', seed: 4 });
			await until(() => all('ready').length === 3);
			expect(all('ready').at(-1)!.model.name).toBe('kqv-small, untrained (seed 4)');
		});

		it('says that there is nothing yet to make one of', async () => {
			session.receive({ type: 'twin', seed: 1 });
			await until(() => all('failed').length === 1);
			expect(all('failed')[0]!.message).toMatch(/^There is no model yet/);
		});
	});

	describe('with a model in use', () => {
		beforeEach(async () => {
			engines = { ...engines, cpu: async () => diceModel() };
			await inUse();
		});

		async function expectToWriteOn(): Promise<void> {
			session.receive({ type: 'write', untilBar: openingBars + 2 });
			await until(() => bars().length > 0);
			expect(bars()[0]!.bar.bar).toBe(openingBars + 1);
			expect(all('failed')).toEqual([]);
		}

		it('takes a dropped folder in its place, in the middle of the set', async () => {
			load(await droppedModel({ 'instrument.json': (text) => text.replace('kqv-small', 'mine') }));
			await until(() => all('ready').length === 1);
			expect(all('ready')[0]!.model).toMatchObject({ name: 'mine', from: 'files', place: 'mine' });
			await expectToWriteOn();
		});

		it('keeps it when another can not be loaded, and says why', async () => {
			load({ from: 'address', address: `${SITE}nowhere` });
			await until(() => all('kept').length === 1);
			expect(all('kept')[0]!.message).toMatch(/no config\.json in https:\/\/example\.org/);
			await expectToWriteOn();
		});

		it('keeps it when another is cancelled', async () => {
			fetchNow = (_, init) =>
				new Promise((__, reject) => {
					init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
				});
			load({ from: 'address', address: `${SITE}kqv-small` });
			await new Promise((resolve) => setTimeout(resolve, 20));
			session.receive({ type: 'cancelLoad' });
			await until(() => all('kept').length === 1);
			expect(all('kept')[0]!.message).toBeNull();
			expect(all('ready')).toEqual([]);
			await expectToWriteOn();
		});

		it('refuses a model that writes another language, before its weights are fetched', async () => {
			const config = (text: string) => text.replace(/"vocab_size": \d+/, '"vocab_size": 50257');
			const source = await droppedModel({
				'config.json': config,
				'instrument.json': (text) => text
			});
			const files = source.from === 'files' ? source.files : [];
			const foreign = files.filter(({ path }) => path === 'mine/config.json');
			load({ from: 'files', files: foreign });
			await until(() => all('kept').length === 1);
			expect(all('kept')[0]!.message).toMatch(/vocabulary of 50257 tokens.*can't compose here/);
			await expectToWriteOn();
		});

		it('keeps its engine when none can be made of another model', async () => {
			const { cpu } = engines;
			engines = { ...engines, cpu: () => Promise.reject(new Error('No memory.')) };
			load(await droppedModel());
			await until(() => all('kept').length === 1);
			expect(all('kept')[0]!.message).toBe('No memory.');
			engines = { ...engines, cpu };
			await expectToWriteOn();
		});

		it('takes the last of several that are asked for one after the other', async () => {
			const dropped = await droppedModel();
			load({ from: 'address', address: `${SITE}nowhere` });
			load(dropped);
			load();
			await until(() => all('ready').length === 1);
			expect(all('ready')[0]!.model.from).toBe('site');
			expect(all('kept')).toEqual([]);
			await expectToWriteOn();
		});
	});

	describe('with a model that can be looked into', () => {
		beforeEach(inUse);

		it('answers while it writes, at positions of the set', async () => {
			session.receive({ type: 'write', untilBar: openingBars + 3 });
			const answers: Answer[] = [];
			while (bars().length < 2) {
				const answer = await ask({ about: 'attention', layer: 2, head: 1 });
				if (answer) answers.push(answer);
			}
			expect(answers.length).toBeGreaterThan(1);
			const answer = answers.at(-1)!;
			if (answer.about !== 'attention') throw new Error('another answer than was asked for');
			const { first, count, weights } = answer.matrix;
			expect(first).toBe(0);
			expect(count).toBeGreaterThan(opening.length);
			for (let query = 0; query < count; query += 50) {
				const row = weights.subarray(query * count, (query + 1) * count);
				expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
				expect(row.subarray(query + 1).every((weight) => weight === 0)).toBe(true);
			}
		});

		it('answers with positions of the set after another engine has read its end again', async () => {
			session.receive({ type: 'write', untilBar: openingBars + 6 });
			await until(() => bars().length === 5);
			session.receive({ type: 'engine', engine: 'cpu' });
			await until(() => all('ready').length === 1);
			const { firstFrame, frames } = bars().at(-1)!.bar;
			const last = firstFrame + frames.count - 1;
			const answer = await ask({ about: 'attention', layer: 0, head: 0 });
			if (answer?.about !== 'attention') throw new Error('no answer');
			expect(answer.matrix.first).toBeGreaterThan(0);
			expect(answer.matrix.first + answer.matrix.count).toBeGreaterThanOrEqual(last);
			const position = answer.matrix.first + answer.matrix.count - 1;
			const met = await ask({ about: 'products', layer: 0, head: 0, position });
			if (met?.about !== 'products') throw new Error('no answer');
			expect(met.products.first).toBe(answer.matrix.first);
			const residual = await ask({ about: 'residual', layer: 0, position });
			expect(residual?.about === 'residual' && residual.residual.length).toBe(256);
		});

		it('answers null to what is not there', async () => {
			expect(await ask({ about: 'attention', layer: 99, head: 0 })).toBeNull();
			expect(await ask({ about: 'residual', layer: 0, position: 1e6 })).toBeNull();
		});
	});

	it('goes on after a lost device on a new one, and after a second on the processor', async () => {
		const lostDevices = new WeakSet<object>();
		const gpu = {
			requestAdapter: async () => ({
				info: { description: 'Card' },
				features: new Set(),
				requestDevice: async () => {
					const device = { destroy: () => void lostDevices.add(device) };
					return device;
				}
			})
		} as unknown as GPU;
		engines = {
			...engines,
			gpu,
			webgpu: async ({ device }, model) =>
				losable(await engines.cpu(model), () => lostDevices.has(device))
		};
		load(SHIPPED, 'webgpu');
		await until(() => all('ready').length === 1);
		expect(all('ready')[0]!.model.engine).toBe('webgpu');
		begin();
		session.receive({ type: 'write', untilBar: openingBars + 1 });
		await until(() => bars().length === 1);
		session.receive({ type: 'loseDevice' });
		session.receive({ type: 'write', untilBar: openingBars + 2 });
		await until(() => bars().length === 2);
		expect(all('notice')[0]).toMatchObject({ model: { engine: 'webgpu' } });
		session.receive({ type: 'loseDevice' });
		session.receive({ type: 'write', untilBar: openingBars + 3 });
		await until(() => bars().length === 3);
		expect(all('notice')[1]).toMatchObject({
			message: expect.stringMatching(/now runs on the processor \(TypeScript\)/) as string,
			model: {
				engine: 'cpu',
				reason: expect.stringMatching(/^The graphics device was lost twice/) as string
			}
		});
		expect(bars().map(({ bar }) => bar.bar - openingBars)).toEqual([0, 1, 2]);
	});
});

/** An engine that throws dice: quick, and what it writes does not matter. */
function diceModel(): DecoderModel {
	const { config, capabilities } = new DiceDecoder();
	return {
		config,
		capabilities,
		createDecoder: async () => new DiceDecoder(),
		dispose: () => undefined
	};
}

/** A WebGPU engine whose device can be lost. */
function losable(model: DecoderModel, isLost: () => boolean): DecoderModel {
	const requireDevice = () => {
		if (isLost()) throw new DeviceLostError('The device is gone.');
	};
	const capabilities = { ...model.capabilities, engine: 'webgpu' as const, device: 'Card' };
	return {
		...model,
		capabilities,
		async createDecoder(options) {
			const decoder = await model.createDecoder(options);
			return new Proxy(decoder, {
				get(target, key) {
					if (key === 'capabilities') return capabilities;
					const value = Reflect.get(target, key) as unknown;
					if (typeof value !== 'function') return value;
					return (...given: unknown[]) => {
						if (key === 'generate' || key === 'prefill') requireDevice();
						return (value as (...given: unknown[]) => unknown).apply(target, given);
					};
				}
			});
		}
	};
}
