/** Which engine is taken, and what is said about it: on engines that are right, wrong, slow, missing. */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine, type EngineMakers } from '../../../src/lib/generate/engine';
import type { Decoder, DecoderModel, EngineName } from '../../../src/lib/model/decoder';
import type { LoadedModel } from '../../../src/lib/model/loadModel';
import { createReferenceModel } from '../../../src/lib/model/reference/referenceModel';
import { computeExpectation } from '../../../src/lib/model/selfTest';
import { TINY, randomModel } from '../model/randomModel';

const foreign: LoadedModel = { name: 'tiny', description: null, bytes: 1, ...randomModel(TINY) };
let composer: LoadedModel;

beforeAll(async () => {
	const made = await createReferenceModel(foreign, { precision: 'f32' });
	const { tokens, top5, logits } = await computeExpectation(await made.createDecoder());
	const description = {
		name: 'tiny',
		parameters: 1,
		styles: [],
		window: TINY.window,
		selfTest: { tokens, top5: top5.slice(0, 5), logits: logits.slice(0, 5) }
	};
	composer = { ...foreign, description };
});

/** What an engine does in a test. */
interface Behaviour {
	/** milliseconds that eight tokens take */
	slowness?: number;
	/** runs a model with other weights */
	wrong?: boolean;
	fails?: string;
}

let behaviour: Record<EngineName, Behaviour>;
/** engines that were made, and those that were freed again */
let made: EngineName[];
let freed: EngineName[];
let softwareAdapter: boolean;

beforeEach(() => {
	behaviour = { webgpu: {}, wasm: {}, cpu: {} };
	made = [];
	freed = [];
	softwareAdapter = false;
});

const destroy = vi.fn();

const makers: EngineMakers = {
	get gpu() {
		const info = {
			description: softwareAdapter ? 'SwiftShader' : 'Card',
			isFallbackAdapter: false
		};
		const device = { destroy } as unknown as GPUDevice;
		return {
			requestAdapter: async () => ({ info, features: new Set(), requestDevice: async () => device })
		} as unknown as GPU;
	},
	webgpu: (_, model) => make('webgpu', model),
	wasm: (model) => make('wasm', model),
	cpu: (model) => make('cpu', model)
};

async function make(engine: EngineName, model: LoadedModel): Promise<DecoderModel> {
	const { slowness = 0, wrong = false, fails } = behaviour[engine];
	if (fails) throw new Error(fails);
	const weights = wrong ? randomModel(TINY, 99).weights : model.weights;
	const inner = await createReferenceModel({ ...model, weights }, { precision: 'f32' });
	const capabilities = { ...inner.capabilities, engine, device: `the ${engine} device` };
	made.push(engine);
	return {
		...inner,
		capabilities,
		createDecoder: async (options) =>
			slowed(await inner.createDecoder(options), capabilities, slowness),
		dispose: () => void freed.push(engine)
	};
}

function slowed(
	decoder: Decoder,
	capabilities: Decoder['capabilities'],
	milliseconds: number
): Decoder {
	return new Proxy(decoder, {
		get(target, key) {
			if (key === 'capabilities') return capabilities;
			if (key === 'generate') {
				return async (...given: Parameters<Decoder['generate']>) => {
					if (milliseconds) await new Promise((resolve) => setTimeout(resolve, milliseconds));
					return target.generate(...given);
				};
			}
			const value = Reflect.get(target, key) as unknown;
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		}
	});
}

describe('the engine of choice', () => {
	it('is WebGPU where it is right and fast, for no reason', async () => {
		const engine = await chooseEngine(composer, 'auto', makers);
		expect(engine.decoder.capabilities.engine).toBe('webgpu');
		expect(engine).toMatchObject({ reason: '', verification: 'stored' });
		expect(made).toEqual(['webgpu']);
		expect(engine.decoder.length).toBe(0);
		engine.dispose();
		expect(freed).toEqual(['webgpu']);
		expect(destroy).toHaveBeenCalled();
	});

	it.each<[string, Partial<Record<EngineName, Behaviour>>, EngineName, RegExp]>([
		[
			'computes nonsense',
			{ webgpu: { wrong: true } },
			'wasm',
			/the webgpu device\) computes wrong/
		],
		['can not be made', { webgpu: { fails: 'No memory.' } }, 'wasm', /^No memory\.$/],
		[
			'and WebAssembly both fail',
			{ webgpu: { wrong: true }, wasm: { fails: 'No threads.' } },
			'cpu',
			/wrong results.* No threads\./
		],
		[
			'fails and WebAssembly computes nonsense',
			{ webgpu: { fails: 'No memory.' }, wasm: { wrong: true } },
			'cpu',
			/No memory\. WebAssembly computes wrong results/
		]
	])('is another where WebGPU %s, and says why', async (_, behaves, engine, reason) => {
		Object.assign(behaviour, behaves);
		const chosen = await chooseEngine(composer, 'auto', makers);
		expect(chosen.decoder.capabilities.engine).toBe(engine);
		expect(chosen.reason).toMatch(reason);
		expect(freed).toEqual(made.filter((name) => name !== engine));
	});

	it('is WebAssembly without WebGPU, and on an emulated adapter', async () => {
		const without = await chooseEngine(composer, 'auto', { ...makers, gpu: undefined });
		expect(without.reason).toBe('This browser has no WebGPU.');
		expect(without.decoder.capabilities.engine).toBe('wasm');
		softwareAdapter = true;
		const emulated = await chooseEngine(composer, 'auto', makers);
		expect(emulated.reason).toMatch(/emulated in software/);
		expect(made).toEqual(['wasm', 'wasm']);
	});

	it('is the faster of the two where WebGPU is slow', async () => {
		behaviour.webgpu = { slowness: 120 };
		const fast = await chooseEngine(composer, 'auto', makers);
		expect(fast.decoder.capabilities.engine).toBe('wasm');
		expect(fast.reason).toMatch(/slow: \d+ tokens a second on the webgpu device, against \d+ with/);
		expect(freed).toEqual(['webgpu']);

		behaviour.wasm = { slowness: 300 };
		const slow = await chooseEngine(composer, 'auto', makers);
		expect(slow.decoder.capabilities.engine).toBe('webgpu');
		expect(slow.reason).toBe('');
		expect(freed).toEqual(['webgpu', 'wasm']);

		behaviour.wasm = { fails: 'No threads.' };
		const only = await chooseEngine(composer, 'auto', makers);
		expect(only.decoder.capabilities.engine).toBe('webgpu');
	});

	it('is the one that a person asked for, even emulated, even slow', async () => {
		softwareAdapter = true;
		behaviour.webgpu = { slowness: 120 };
		for (const choice of ['webgpu', 'wasm', 'cpu'] as const) {
			const engine = await chooseEngine(composer, choice, makers);
			expect(engine.decoder.capabilities.engine).toBe(choice);
			expect(engine.reason).toBe('');
		}
	});

	it('is nothing when choosing is cancelled, and what was made is freed', async () => {
		const controller = new AbortController();
		const cancelled: EngineMakers = {
			...makers,
			wasm: async (model) => {
				controller.abort(new Error('enough'));
				return makers.wasm(model);
			}
		};
		const { signal } = controller;
		behaviour.wasm = { wrong: true };
		await expect(chooseEngine(composer, 'wasm', cancelled, signal)).rejects.toThrow('enough');
		expect(freed).toEqual(made);
	});
});

describe('a model without a stored answer', () => {
	it('is compared with what TypeScript says', async () => {
		const engine = await chooseEngine(foreign, 'auto', makers);
		expect(engine.verification).toBe('computed');
		expect(made).toEqual(['cpu', 'webgpu']);
		behaviour.webgpu = { wrong: true };
		const next = await chooseEngine(foreign, 'auto', makers);
		expect(next.decoder.capabilities.engine).toBe('wasm');
	});

	it('is only seen to make sense when it is too large for TypeScript', async () => {
		const { weights } = foreign;
		const rows = 64e6 / 64 + 1;
		const head = { ...weights.head, rows };
		const large: LoadedModel = { ...foreign, weights: { ...weights, head } };
		makersForLarge.cpu.mockClear();
		const engine = await chooseEngine(large, 'wasm', makersForLarge);
		expect(engine.verification).toBe('none');
		expect(makersForLarge.cpu).not.toHaveBeenCalled();
	});
});

/** The sizes say that it is large; what runs is the small one. */
const makersForLarge = {
	gpu: undefined,
	webgpu: () => make('webgpu', foreign),
	wasm: () => make('wasm', foreign),
	cpu: vi.fn(() => make('cpu', foreign))
} satisfies EngineMakers;
