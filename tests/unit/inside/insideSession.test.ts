import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { InsideSession } from '../../../src/lib/inside/insideSession';
import type { FromInside, Writing } from '../../../src/lib/inside/protocol';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import type { DroppedFile } from '../../../src/lib/model/sources/droppedFolder';
import { TokenFrame } from '../../../src/lib/model/tokenFrame';
import { TOKEN_NAMES } from '../../../src/lib/music/vocabulary';
import { FIXTURE_FOLDER, SHIPPED_FOLDER } from '../model/fixtures';

const WRITING: Writing = {
	text: '1 2 3',
	count: 20,
	temperature: 1,
	topK: 0,
	topP: 1,
	repetitionPenalty: 1,
	seed: 1
};

/** A tokenizer of whole words: "w0 w1 …". */
const WORDS = JSON.stringify({
	version: '1.0',
	added_tokens: [],
	normalizer: null,
	pre_tokenizer: { type: 'Whitespace' },
	post_processor: null,
	decoder: null,
	model: {
		type: 'WordLevel',
		unk_token: 'w0',
		vocab: Object.fromEntries(Array.from({ length: 97 }, (_, i) => [`w${i}`, i]))
	}
});

function filesIn(folder: string, names: readonly string[]): DroppedFile[] {
	return names.map((name) => ({
		path: `model/${name}`,
		file: new File([readFileSync(`${folder}/${name}`)], name)
	}));
}

const LLAMA = filesIn(`${FIXTURE_FOLDER}/llama`, ['config.json', 'model.safetensors']);

let news: FromInside[] = [];
let session: InsideSession;
let heard: (message: FromInside) => void = () => undefined;

beforeEach(() => {
	news = [];
	session = new InsideSession({
		engines: {
			gpu: undefined,
			webgpu: () => Promise.reject(new Error('no graphics card in this test')),
			wasm: () => Promise.reject(new Error('no WebAssembly in this test')),
			cpu: (model) => createReferenceModel(model, { precision: 'f32' })
		},
		fetch: () => Promise.reject(new TypeError('no network in this test')),
		cache: async () => null,
		send: (message) => {
			news.push(structuredClone(message));
			heard(message);
		},
		breathe: () => new Promise((resolve) => setTimeout(resolve))
	});
});

/** The next message of one of these types. */
function next<T extends FromInside['type']>(
	...types: T[]
): Promise<Extract<FromInside, { type: T }>> {
	return new Promise((resolve) => {
		heard = (message) => {
			if ((types as string[]).includes(message.type)) {
				resolve(message as Extract<FromInside, { type: T }>);
			}
		};
	});
}

async function open(files: DroppedFile[]) {
	const opened = next('opened', 'failed');
	session.receive({ type: 'open', source: { from: 'files', files }, engine: 'cpu' });
	const message = await opened;
	if (message.type === 'failed') throw new Error(message.message);
	return message.model;
}

async function write(writing: Partial<Writing> = {}) {
	const rest = next('rest', 'failed');
	session.receive({ type: 'write', writing: { ...WRITING, ...writing } });
	return rest;
}

function tokensHeard() {
	return news.filter((message) => message.type === 'tokens');
}

describe('looking inside a model', () => {
	it('opens a model of any family, says what it is, and writes token numbers with it', async () => {
		const model = await open(LLAMA);
		expect(model).toMatchObject({ family: 'llama', language: 'numbers', engine: 'cpu' });
		expect(model.parameters).toBeGreaterThan(1000);
		await write();
		const messages = tokensHeard();
		expect(messages[0]).toMatchObject({ first: 0, given: true, texts: ['1 ', '2 ', '3 '] });
		const written = messages.slice(1).flatMap(({ texts }) => texts);
		expect(written).toHaveLength(20);
		const last = messages.at(-1)!;
		const frame = new TokenFrame(last.frames, last.frames.count - 1);
		expect(last.texts.at(-1)).toBe(`${frame.token} `);
		expect(last.alternatives.at(-1)![0]).toBe(`${frame.alternatives[0]!.token} `);
	});

	it('reads and writes words where a tokenizer lies beside the weights', async () => {
		const words = new File([WORDS], 'tokenizer.json');
		const model = await open([...LLAMA, { path: 'model/tokenizer.json', file: words }]);
		expect(model.language).toBe('text');
		await write({ text: 'w5 w7 w9', count: 4 });
		const texts = tokensHeard().flatMap((message) => message.texts);
		expect(texts.slice(0, 3).map((text) => text.trim())).toStrictEqual(['w5', 'w7', 'w9']);
		expect(texts.slice(3).every((text) => /^ ?w\d+$/.test(text))).toBe(true);
	});

	it('writes with an untrained twin in the same words, and with the trained weights again', async () => {
		const words = new File([WORDS], 'tokenizer.json');
		await open([...LLAMA, { path: 'model/tokenizer.json', file: words }]);
		const textOf = async () => {
			news = [];
			await write({ text: 'w5 w7 w9' });
			return tokensHeard().flatMap((message) => message.texts);
		};
		const exchange = async (seed: number | null) => {
			const opened = next('opened', 'failed');
			session.receive({ type: 'twin', seed, engine: 'cpu' });
			return opened;
		};
		const trained = await textOf();
		expect(await exchange(6)).toMatchObject({
			model: { name: 'model, untrained (seed 6)', untrainedSeed: 6, language: 'text' }
		});
		const untrained = await textOf();
		expect(untrained).not.toEqual(trained);
		expect(untrained.every((text) => /^ ?w\d+$/.test(text))).toBe(true);
		expect(await exchange(null)).toMatchObject({ model: { name: 'model', untrainedSeed: null } });
		expect(await textOf()).toEqual(trained);
	});

	it('speaks the language of music with the composer, and never leaves its grammar', async () => {
		const names = ['config.json', 'instrument.json', 'model.safetensors'];
		const model = await open(filesIn(SHIPPED_FOLDER, names));
		expect(model.language).toBe('music');
		await write({ text: model.example, count: 40 });
		const texts = tokensHeard().flatMap((message) => message.texts.map((text) => text.trim()));
		expect(texts.slice(0, 2)).toStrictEqual(['BAR', 'STYLE_house']);
		expect(texts).toHaveLength(model.example.split(' ').length + 40);
		expect(texts.every((text) => TOKEN_NAMES.includes(text))).toBe(true);
	});

	it.each([
		['seven', /token numbers from 0/],
		['', /token numbers from 0/],
		['9999', /token numbers from 0/]
	])('says what it can not read in "%s", and goes on', async (text, reason) => {
		await open(LLAMA);
		const answer = await write({ text });
		expect(answer).toMatchObject({ type: 'failed' });
		expect(answer.type === 'failed' && answer.message).toMatch(reason);
		expect(await write()).toMatchObject({ type: 'rest' });
	});

	it('answers questions, and says why one has no answer', async () => {
		await open(LLAMA);
		await write();
		let answer = next('answer', 'unanswered');
		session.receive({ type: 'ask', id: 7, question: { about: 'attention', layer: 0, head: 1 } });
		const found = await answer;
		expect(found).toMatchObject({ type: 'answer', id: 7 });
		if (found.type === 'answer' && found.answer.about === 'attention') {
			const { first, count } = found.answer.matrix;
			expect(first + count, 'all but the last token have been run').toBe(3 + 20 - 1);
		}
		answer = next('answer', 'unanswered');
		session.receive({
			type: 'ask',
			id: 8,
			question: { about: 'residual', layer: 99, position: 0 }
		});
		expect(await answer).toMatchObject({ type: 'unanswered', id: 8 });
	});

	it('stops when it is told to, and begins anew with another text', async () => {
		await open(LLAMA);
		const rest = next('rest');
		session.receive({ type: 'write', writing: { ...WRITING, count: 5000 } });
		await new Promise((resolve) => setTimeout(resolve, 30));
		session.receive({ type: 'stop' });
		await rest;
		const count = tokensHeard().flatMap(({ texts }) => texts).length;
		expect(count).toBeLessThan(5000);
		news = [];
		await write({ text: '4 5', count: 2 });
		expect(tokensHeard()[0]).toMatchObject({ first: 0, texts: ['4 ', '5 '] });
	});

	it('keeps the model in use when another can not be opened', async () => {
		await open(LLAMA);
		const [config] = LLAMA;
		await expect(open([config!])).rejects.toThrow(/model\.safetensors/);
		expect(await write()).toMatchObject({ type: 'rest' });
	});
});
