/** The engines that are compared, ours and peers, and how each is made where the cell runs. */
import type { OrtFiles } from '../../src/lib/model/onnx/runtime';
import type { SizedModel, SizeName } from './sizes';
import type { BenchEngine } from './engine';
import type { OnnxFiles, Ort } from './ortEngine';
import type { Transformers } from './transformersEngine';

/** Where a cell runs: a page, or a Node process. */
export type Place = 'browser' | 'node';

/** What the place offers to engines. */
export interface EngineRoom {
	readonly size: SizeName;
	readonly model: SizedModel;
	readonly gpu: GPU | undefined;
	/** where our engine finds the runtime; undefined: where the app keeps it */
	readonly ortFiles: OrtFiles | undefined;
	/** the ordinary export */
	onnx(): Promise<OnnxFiles>;
	/** the package in the build that has the provider */
	ort(provider: 'wasm' | 'webgpu'): Promise<Ort>;
	/** a package that only the benchmark installs */
	peer<T>(name: 'transformers' | 'jax'): Promise<T>;
}

export interface EngineSpec {
	readonly id: string;
	/** as in the table */
	readonly label: string;
	readonly places: readonly Place[];
	/** computes on the GPU, so that the bandwidth of the adapter is its limit */
	readonly onGpu: boolean;
	/** models that it can't run, and why */
	readonly refuses?: Partial<Record<SizeName, string>>;
	create(room: EngineRoom): Promise<BenchEngine>;
}

const BOTH: readonly Place[] = ['browser', 'node'];
const BROWSER: readonly Place[] = ['browser'];

function wgsl(
	weights: 'f16' | 'int8',
	stepsPerSubmit: number,
	frames: boolean,
	recording = frames
): EngineSpec {
	const form = weights === 'f16' ? '' : '-int8';
	const looking = frames ? '' : '-bare';
	return {
		id: `wgsl${form}-k${stepsPerSubmit}${looking}`,
		label: `ours, WGSL ${weights} K=${stepsPerSubmit}${frames ? '' : ', no frames'}`,
		places: BOTH,
		onGpu: true,
		async create({ gpu, model }) {
			const { createWgslEngine } = await import('./wgslEngine');
			return createWgslEngine(gpu, model, { weights, stepsPerSubmit, frames, recording });
		}
	};
}

function wasm(threads: number, frames: boolean): EngineSpec {
	return {
		id: `wasm-${threads}${frames ? '' : '-bare'}`,
		label: `ours, wasm ${threads} thread${threads > 1 ? 's' : ''}${frames ? '' : ', no frames'}`,
		places: BOTH,
		onGpu: false,
		async create({ model, ortFiles }) {
			const { createWasmEngine } = await import('./wasmEngine');
			return createWasmEngine(model, ortFiles, { threads, frames });
		}
	};
}

function ort(provider: 'wasm' | 'webgpu', threads: number): EngineSpec {
	return {
		id: provider === 'webgpu' ? 'ort-webgpu' : `ort-wasm-${threads}`,
		label:
			provider === 'webgpu'
				? 'onnxruntime-web, WebGPU'
				: `onnxruntime-web, wasm ${threads} thread${threads > 1 ? 's' : ''}`,
		places: provider === 'webgpu' ? BROWSER : BOTH,
		onGpu: provider === 'webgpu',
		async create(room) {
			const { createOrtEngine } = await import('./ortEngine');
			const [build, files] = await Promise.all([room.ort(provider), room.onnx()]);
			return createOrtEngine(build, room.model.config, files, { provider, threads });
		}
	};
}

function transformers(device: 'wasm' | 'webgpu', threads: number): EngineSpec {
	return {
		id: `transformers-${device}`,
		label: `transformers.js, ${device === 'wasm' ? `wasm ${threads} threads` : 'WebGPU'}`,
		places: BROWSER,
		onGpu: device === 'webgpu',
		async create(room) {
			const { createTransformersEngine } = await import('./transformersEngine');
			return createTransformersEngine(await room.peer<Transformers>('transformers'), {
				device,
				threads,
				models: '/exports/',
				model: room.size,
				wasm: '/peers/transformers-ort/'
			});
		}
	};
}

function jax(device: 'wasm' | 'webgpu'): EngineSpec {
	return {
		id: `jax-${device}`,
		label: `jax-js, ${device === 'wasm' ? 'wasm' : 'WebGPU'}`,
		places: BROWSER,
		onGpu: device === 'webgpu',
		async create(room) {
			const { createJaxEngine } = await import('./jaxEngine');
			return createJaxEngine(await room.peer('jax'), room.model, device);
		}
	};
}

const TYPESCRIPT: EngineSpec = {
	id: 'typescript',
	label: 'ours, TypeScript f32',
	places: BOTH,
	onGpu: false,
	async create({ model }) {
		const { createReferenceModel } = await import('../../src/lib/model/reference/referenceModel');
		const { createOwnEngine } = await import('./ownEngine');
		return createOwnEngine(await createReferenceModel(model, { precision: 'f32' }), {
			decoder: { recording: false },
			stepsPerCall: 1,
			bytesPerWeight: 4
		});
	}
};

export const ENGINES: readonly EngineSpec[] = [
	wgsl('f16', 1, true),
	wgsl('f16', 4, true),
	wgsl('f16', 8, true),
	wgsl('f16', 1, false),
	wgsl('f16', 8, false),
	wgsl('int8', 1, true),
	wgsl('int8', 8, true),
	wasm(1, true),
	wasm(2, true),
	wasm(2, false),
	TYPESCRIPT,
	ort('wasm', 1),
	ort('wasm', 2),
	ort('webgpu', 1),
	transformers('wasm', 2),
	transformers('webgpu', 1),
	jax('wasm'),
	jax('webgpu')
];
