/** Which model writes: what is asked of the author, and what pages see of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelDescription, ModelSource } from '../../../src/lib/generate/protocol';
import type { Author } from '../../../src/lib/instrument/author';
import { Models } from '../../../src/lib/instrument/models';
import { StateStore } from '../../../src/lib/instrument/stateStore';

const SHIPPED: ModelSource = { from: 'site', address: 'http://here/models/own' };
const OTHER: ModelSource = { from: 'address', address: 'http://there' };
const READY = { tokensPerSecond: 100, styles: [0, 1] } as unknown as ModelDescription;
const LOADING = { file: 'model.safetensors', receivedBytes: 1, totalBytes: 2, preparing: false };

let asked: unknown[][];
let store: StateStore;
let models: Models;
const notice = () => store.current.notices.find(({ id }) => id === 'model');

beforeEach(() => {
	asked = [];
	const author = new Proxy({} as Author, {
		get:
			(_, name) =>
			(...values: unknown[]) =>
				asked.push([name, ...values])
	});
	store = new StateStore(() => undefined);
	models = new Models({ store, author: () => author, shipped: SHIPPED });
});

describe('asking for a model', () => {
	it('asks the author for it on the engine that was chosen', () => {
		models.setEngine('cpu');
		models.load(OTHER);
		models.load('shipped');
		expect(asked).toEqual([
			['setEngine', 'cpu'],
			['load', OTHER, 'cpu'],
			['load', SHIPPED, 'cpu']
		]);
	});

	it('asks again for what was asked for last: the shipped one to begin with', () => {
		models.retry();
		models.loadTwin(-1);
		models.retry();
		models.loadTwin(null);
		models.retry();
		expect(asked).toEqual([
			['load', SHIPPED, 'auto'],
			['loadTwin', 0xffff_ffff],
			['loadTwin', 0xffff_ffff],
			['loadTrained'],
			['loadTrained']
		]);
	});

	it('asks again when another engine is chosen after a failure', () => {
		models.load(OTHER);
		models.events.onFailure('It broke.');
		models.setEngine('wasm');
		expect(asked.at(-1)).toEqual(['load', OTHER, 'wasm']);
		expect(notice()).toBeUndefined();
	});
});

describe('what pages see', () => {
	it('is the loading in place of the model until there is one, and beside it afterwards', () => {
		models.events.onLoading(LOADING);
		expect(store.current.model).toEqual({ phase: 'loading', ...LOADING });
		models.events.onModel(READY);
		models.events.onLoading(LOADING);
		expect(store.current.model).toMatchObject({ phase: 'ready', tokensPerSecond: 100 });
		expect(store.current.nextModel).toEqual(LOADING);
		models.events.onPace(50);
		expect(store.current.model).toMatchObject({ phase: 'ready', tokensPerSecond: 50 });
	});

	it('is a notice when a model did not come, unless it was cancelled', () => {
		models.events.onModel(READY);
		models.events.onKept(null);
		expect(notice()).toBeUndefined();
		models.events.onKept('It is of another language.');
		expect(notice()).toMatchObject({ level: 'error', action: 'retry model' });
		expect(store.current.model.phase).toBe('ready');
		models.events.onModel(READY);
		expect(notice()).toBeUndefined();
	});
});
