import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSvd } from '../../../src/lib/linalg/svd';
import { memoryFile } from '../../../src/lib/model/files';
import { fingerprintOf } from '../../../src/lib/model/fingerprint';
import type { DroppedFile } from '../../../src/lib/model/sources/droppedFolder';
import { COMPOSE } from '../../../src/lib/sonify/pieces';
import type { SingularValues } from '../../../src/lib/sonify/measure';
import { PIECES } from '../../../src/lib/sonify/score';
import type { FromWeights } from '../../../src/lib/weights/protocol';
import { WeightsSession } from '../../../src/lib/weights/weightsSession';
import { FIXTURE_FOLDER } from '../model/fixtures';

const WEIGHTS = readFileSync(`${FIXTURE_FOLDER}/llama/model.safetensors`);

function dropped(...names: string[]): DroppedFile[] {
	return names.map((name) => ({
		path: `model/${name}`,
		file: new File([readFileSync(`${FIXTURE_FOLDER}/llama/${name}`)], name)
	}));
}

let news: FromWeights[];
let kept: Map<string, unknown>;
let decomposed: number;
let singularValues: SingularValues;
let session: WeightsSession;
let heard: (message: FromWeights) => void;

beforeEach(() => {
	news = [];
	kept = new Map();
	decomposed = 0;
	heard = () => undefined;
	singularValues = async (...matrix) => {
		decomposed++;
		await new Promise((resolve) => setTimeout(resolve));
		return createSvd(null).singularValues(...matrix);
	};
	session = new WeightsSession({
		fetch: () => Promise.reject(new TypeError('no network in this test')),
		cache: async () => null,
		results: {
			get: async (key) => kept.get(key) ?? null,
			keep: async (key, result) => void kept.set(key, structuredClone(result))
		},
		svd: async () => ({
			singularValues: (...matrix) => singularValues(...matrix),
			engine: 'the test',
			dispose: () => undefined
		}),
		send(message) {
			news.push(structuredClone(message));
			heard(message);
		}
	});
});

/** The next message of a type. */
function next<T extends FromWeights['type']>(type: T): Promise<Extract<FromWeights, { type: T }>> {
	return new Promise((resolve) => {
		heard = (message) => {
			if (message.type === type) resolve(message as Extract<FromWeights, { type: T }>);
		};
	});
}

function measure(...names: string[]): void {
	session.receive({ type: 'measure', source: { from: 'files', files: dropped(...names) } });
}

describe('a session that measures weights', () => {
	it('measures a dropped folder tensor by tensor, and every piece can be made of what it finds', async () => {
		measure('config.json', 'model.safetensors');
		const { model } = await next('measured');
		const steps = news.flatMap((message) => (message.type === 'measuring' ? [message] : []));
		expect(steps.map(({ done }) => done)).toEqual(steps.map((_, i) => i + 1));
		expect(steps.at(-1)!.done).toBe(steps.at(-1)!.total);
		expect(model).toMatchObject({ kept: false, engine: 'the test', family: 'llama' });
		expect(model.bytes).toBe(WEIGHTS.byteLength);
		for (const piece of PIECES) {
			expect(COMPOSE[piece](model.statistics).notes.length).toBeGreaterThan(50);
		}
	});

	it('measures a file alone, named as it is', async () => {
		measure('model.safetensors');
		const { model } = await next('measured');
		expect(model.statistics.name).toBe('model');
		expect(model.statistics.layers.length).toBeGreaterThan(0);
	});

	it('takes what was measured before from where it is kept, bit for bit', async () => {
		measure('config.json', 'model.safetensors');
		const first = await next('measured');
		const before = decomposed;
		measure('config.json', 'model.safetensors');
		const second = await next('measured');
		expect(decomposed).toBe(before);
		expect(second.model.kept).toBe(true);
		expect(second.model.statistics).toEqual(first.model.statistics);
	});

	it('says nothing more once it is cancelled, keeps nothing, and can begin again', async () => {
		measure('config.json', 'model.safetensors');
		await next('measuring');
		session.receive({ type: 'cancel' });
		const before = news.length;
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(news).toHaveLength(before);
		expect(kept.size).toBe(0);
		measure('config.json', 'model.safetensors');
		expect((await next('measured')).model.kept).toBe(false);
	});

	it('says in words what is wrong with what was dropped', async () => {
		session.receive({
			type: 'measure',
			source: {
				from: 'files',
				files: [{ path: 'song.safetensors', file: new File([new Uint8Array(64)], 'song') }]
			}
		});
		const { message } = await next('failed');
		expect(message).toMatch(/model\.safetensors/);
		expect(message).toMatch(/again|Choose|Download|copy/i);
	});
});

describe('the fingerprint of a model', () => {
	const large = (change: number): Promise<string> => {
		const size = 80 << 20;
		const file = {
			name: 'model.safetensors',
			size,
			read: async (begin: number, end: number) => {
				const bytes = new Uint8Array(end - begin);
				if (change >= begin && change < end) bytes[change - begin] = 1;
				return bytes;
			}
		};
		return fingerprintOf([file]);
	};

	it('changes with any byte of a small file, with its name, and not with the order of files', async () => {
		const bytes = new Uint8Array(3 << 20);
		const a = memoryFile('a', bytes);
		const b = memoryFile('b', new Uint8Array([1]));
		const changed = bytes.slice();
		changed[2_500_001] = 7;
		const print = await fingerprintOf([a, b]);
		expect(await fingerprintOf([b, a])).toBe(print);
		expect(await fingerprintOf([memoryFile('a', changed), b])).not.toBe(print);
		expect(await fingerprintOf([memoryFile('c', bytes), b])).not.toBe(print);
	});

	it('sees the header and the last bytes of a large file', async () => {
		const print = await large(-1);
		expect(await large(1000)).not.toBe(print);
		expect(await large((80 << 20) - 1)).not.toBe(print);
	});
});
