/**
 * Which engine a model runs on: WebGPU where the adapter is real, gives the right answers and is fast enough, otherwise
 * WebAssembly, otherwise TypeScript. Every step down has a reason in words, which the page shows.
 */
import { requestGpuDevice, type GpuDevice } from '../gpu/device';
import type { Decoder, DecoderModel, EngineName } from '../model/decoder';
import { parameterCount, type LoadedModel } from '../model/loadModel';
import type { SelfTestExpectation } from '../model/modelDescription';
import { computeExpectation, selfTest } from '../model/selfTest';
import type { EngineChoice } from './protocol';

/** The engines that there are, as a browser makes them, or a test. */
export interface EngineMakers {
	/** `navigator.gpu` where there is one */
	readonly gpu: GPU | undefined;
	webgpu(gpu: GpuDevice, model: LoadedModel): Promise<DecoderModel>;
	wasm(model: LoadedModel): Promise<DecoderModel>;
	cpu(model: LoadedModel): Promise<DecoderModel>;
}

/** What an engine's answers were compared with: a stored answer, TypeScript's, or none. */
export type Verification = 'stored' | 'computed' | 'none';

export interface Engine {
	readonly decoder: Decoder;
	/** why not a faster one; empty for the first choice */
	readonly reason: string;
	readonly verification: Verification;
	readonly tokensPerSecond: number;
	/** the device of a WebGPU engine */
	readonly device: GPUDevice | null;
	/** Frees decoder, weights and device. */
	dispose(): void;
}

/** Below this, in tokens per second, WebGPU has to be faster than WebAssembly to be taken. */
const FAST_ENOUGH = 150;

/** Models of more weights than this are not run in TypeScript only to have an answer to compare with. */
const LARGEST_COMPUTED = 64e6;

const ORDERS: Readonly<Record<EngineChoice, readonly EngineName[]>> = {
	auto: ['webgpu', 'wasm', 'cpu'],
	webgpu: ['webgpu', 'wasm', 'cpu'],
	wasm: ['wasm', 'cpu'],
	cpu: ['cpu']
};

type Candidate = Omit<Engine, 'reason'>;

/** An answer to compare with, and where it comes from. */
interface Expectation {
	readonly answer: SelfTestExpectation | null;
	readonly verification: Verification;
}

/**
 * Makes the engine that `choice` asks for, or the nearest that works. Throws what the TypeScript engine throws, which is
 * the last resort, or the signal's reason when it was aborted.
 */
export async function chooseEngine(
	model: LoadedModel,
	choice: EngineChoice,
	makers: EngineMakers,
	signal?: AbortSignal
): Promise<Engine> {
	const reasons: string[] = [];
	let expectation: Expectation | null = null;
	const attempt = async (name: EngineName): Promise<Candidate> => {
		signal?.throwIfAborted();
		if (name === 'cpu') return checked(await makers.cpu(model), null, storedIn(model));
		expectation ??= await expectationOf(model, makers);
		signal?.throwIfAborted();
		return name === 'wasm'
			? requirePassed(await checked(await makers.wasm(model), null, expectation))
			: webgpuCandidate(model, makers, expectation, choice === 'webgpu');
	};
	for (const name of ORDERS[choice]) {
		try {
			const candidate = await attempt(name);
			const slow = name === 'webgpu' && candidate.tokensPerSecond < FAST_ENOUGH;
			const chosen = slow && choice === 'auto' ? await faster(candidate) : candidate;
			return { ...chosen, reason: reasons.join(' ') };
		} catch (error) {
			signal?.throwIfAborted();
			if (name === 'cpu') throw error;
			reasons.push(error instanceof Error ? error.message : String(error));
		}
	}
	throw new Error('No engine was tried.');

	/** WebAssembly, where it beats a slow graphics card. */
	async function faster(webgpu: Candidate): Promise<Candidate> {
		try {
			const wasm = await attempt('wasm');
			const [slower, taken] =
				wasm.tokensPerSecond > webgpu.tokensPerSecond ? [webgpu, wasm] : [wasm, webgpu];
			slower.dispose();
			if (taken === wasm) {
				const [gpuSpeed, wasmSpeed] = [webgpu, wasm].map((each) =>
					Math.round(each.tokensPerSecond)
				);
				reasons.push(
					`WebGPU works here but is slow: ${gpuSpeed} tokens a second on ${webgpu.decoder.capabilities.device}, against ${wasmSpeed} with WebAssembly.`
				);
			}
			return taken;
		} catch {
			if (signal?.aborted) {
				webgpu.dispose();
				throw signal.reason;
			}
			/** a fallback that fails is no loss while WebGPU works */
			return webgpu;
		}
	}
}

async function webgpuCandidate(
	model: LoadedModel,
	makers: EngineMakers,
	expectation: Expectation,
	evenSoftware: boolean
): Promise<Candidate> {
	if (!makers.gpu) throw new Error('This browser has no WebGPU.');
	const gpu = await requestGpuDevice(makers.gpu);
	try {
		if (gpu.software && !evenSoftware) {
			throw new Error(
				'The graphics adapter is emulated in software, which is slower than the processor itself.'
			);
		}
		const made = await makers.webgpu(gpu, model);
		return requirePassed(await checked(made, gpu.device, expectation));
	} catch (error) {
		gpu.device.destroy();
		throw error;
	}
}

/** A decoder on the model, with what the self-test says of it. */
async function checked(
	made: DecoderModel,
	device: GPUDevice | null,
	{ answer, verification }: Expectation
): Promise<Candidate & { problem: string }> {
	try {
		const decoder = await made.createDecoder();
		const { message, tokensPerSecond } = await selfTest(decoder, answer);
		return {
			decoder,
			tokensPerSecond,
			device,
			problem: message,
			verification: message === '' ? verification : 'none',
			dispose() {
				decoder.dispose();
				made.dispose();
				device?.destroy();
			}
		};
	} catch (error) {
		made.dispose();
		throw error;
	}
}

function requirePassed({ problem, ...candidate }: Candidate & { problem: string }): Candidate {
	if (problem === '') return candidate;
	const { engine, device } = candidate.decoder.capabilities;
	candidate.dispose();
	throw new Error(
		engine === 'webgpu'
			? `The graphics adapter (${device}) computes wrong results: ${problem}`
			: `WebAssembly computes wrong results in this browser: ${problem}`
	);
}

/** The stored answer, else TypeScript's where the model is small enough to ask it. */
async function expectationOf(model: LoadedModel, makers: EngineMakers): Promise<Expectation> {
	if (model.description || parameterCount(model) > LARGEST_COMPUTED) return storedIn(model);
	const made = await makers.cpu(model);
	const decoder = await made.createDecoder({ recording: false });
	try {
		return { answer: await computeExpectation(decoder), verification: 'computed' };
	} finally {
		decoder.dispose();
		made.dispose();
	}
}

function storedIn({ description }: LoadedModel): Expectation {
	return description
		? { answer: description.selfTest, verification: 'stored' }
		: { answer: null, verification: 'none' };
}
