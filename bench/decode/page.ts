/** A page of the benchmark: runs one cell when main asks for it. */
import { memoryFile } from '../../src/lib/model/files';
import { reportAdapter } from './adapter';
import { runCell, type CellResult } from './cell';
import { ENGINES, type EngineRoom } from './engines';
import { installGpuMeter } from './gpuMeter';
import type { AdapterReport, CellRequest } from './jobs';
import type { Ort } from './ortEngine';
import { sizedModel, type ShippedFiles, type SizeName } from './sizes';
import { decodeTruth } from './truth';

/** What main calls. */
export interface BenchPage {
	adapter(): Promise<AdapterReport | null>;
	cell(request: CellRequest): Promise<CellResult>;
}

/** Packages that the server hands out as they are: what Vite would make of them is not what people ship. */
const PEERS = {
	transformers: '/peers/transformers/transformers.web.js',
	jax: '/peers/jax/index.js'
};
const ORT = '/peers/ort/';
const ORT_BUILDS = { wasm: 'ort.wasm.bundle.min.mjs', webgpu: 'ort.webgpu.bundle.min.mjs' };

const shippedFiles: ShippedFiles = {
	json: async () => (await fetched('/models/kqv-small/config.json')).json(),
	weights: async () =>
		memoryFile('model.safetensors', await bytesAt('/models/kqv-small/model.safetensors'))
};

const page: BenchPage = {
	async adapter() {
		const gpu = (navigator as { gpu?: GPU }).gpu;
		return gpu ? reportAdapter(gpu) : null;
	},
	async cell(request) {
		const spec = ENGINES.find(({ id }) => id === request.engine)!;
		const meter = spec.onGpu ? installGpuMeter() : null;
		const truth = decodeTruth(await bytesAt(`/truth/${request.size}`));
		const room = await openRoom(request.size);
		return runCell(() => spec.create(room), room.model.parameters, truth, request, {
			meter,
			measureHeap
		});
	}
};
Object.assign(window, { benchPage: page });

async function openRoom(size: SizeName): Promise<EngineRoom> {
	const folder = `/exports/${size}/onnx`;
	return {
		size,
		model: await sizedModel(size, shippedFiles),
		gpu: (navigator as { gpu?: GPU }).gpu,
		ortFiles: undefined,
		async onnx() {
			const [graph, data] = await Promise.all([
				bytesAt(`${folder}/model.onnx`),
				bytesAt(`${folder}/model.onnx_data`)
			]);
			return { graph, data };
		},
		async ort(provider) {
			const build = (await import(/* @vite-ignore */ ORT + ORT_BUILDS[provider])) as Ort;
			build.env.wasm.wasmPaths = ORT;
			return build;
		},
		peer: (name) => import(/* @vite-ignore */ PEERS[name])
	};
}

async function fetched(url: string): Promise<Response> {
	const response = await fetch(url);
	if (!response.ok) throw new Error(`${url} answered with status ${response.status}.`);
	return response;
}

async function bytesAt(url: string): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await (await fetched(url)).arrayBuffer());
}

/** JavaScript, buffers and WebAssembly of this page and its workers. Chromium alone tells, and only isolated pages. */
async function measureHeap(): Promise<number | null> {
	const { measureUserAgentSpecificMemory: measure } = performance as {
		measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }>;
	};
	return measure ? (await measure.call(performance)).bytes : null;
}
