/** A process of the benchmark: computes a truth, measures the adapter, or runs one cell in Node, and sends the answer. */
import { readFile, writeFile } from 'node:fs/promises';
import { reportAdapter } from './adapter';
import { runCell } from './cell';
import { ENGINES, type EngineRoom } from './engines';
import { installGpuMeter } from './gpuMeter';
import type { NodeAnswer, NodeJob } from './jobs';
import { exportOnnx } from './onnxExport';
import { shippedFiles } from './shippedFiles';
import { promptOf, sizedModel, type SizeName } from './sizes';
import { computeTruth, decodeTruth, encodeTruth } from './truth';

export async function main([text = '']: readonly string[]): Promise<void> {
	let answer: NodeAnswer;
	try {
		answer = await run(JSON.parse(text) as NodeJob);
	} catch (error) {
		answer = { kind: 'failure', message: error instanceof Error ? error.message : String(error) };
	}
	await new Promise<void>((resolve, reject) =>
		process.send!(answer, undefined, undefined, (error) => (error ? reject(error) : resolve()))
	);
}

async function run(job: NodeJob): Promise<NodeAnswer> {
	switch (job.kind) {
		case 'truth': {
			const model = await sizedModel(job.size, shippedFiles);
			const prompt = promptOf(job.promptLength, model.config.vocabularySize);
			await writeFile(job.file, encodeTruth(await computeTruth(model, prompt, job.tokens)));
			return { kind: 'truth' };
		}
		case 'adapter':
			return { kind: 'adapter', report: await reportAdapter(await openGpu()) };
		case 'cell': {
			const { request } = job;
			const spec = ENGINES.find(({ id }) => id === request.engine)!;
			const truth = decodeTruth(await readFile(job.truth));
			const room = await openRoom(request.size, spec.onGpu);
			const result = await runCell(() => spec.create(room), room.model.parameters, truth, request, {
				meter: spec.onGpu ? installGpuMeter() : null,
				measureHeap
			});
			return { kind: 'cell', result };
		}
	}
}

async function openRoom(size: SizeName, onGpu: boolean): Promise<EngineRoom> {
	const model = await sizedModel(size, shippedFiles);
	return {
		size,
		model,
		gpu: onGpu ? await openGpu() : undefined,
		ortFiles: { script: runtimeFile('mjs'), binary: runtimeFile('wasm') },
		async onnx() {
			const { graph, dataBytes, data } = await exportOnnx(model);
			const all = new Uint8Array(dataBytes);
			let offset = 0;
			for await (const piece of data()) {
				all.set(piece, offset);
				offset += piece.length;
			}
			return { graph, data: all };
		},
		ort: () => import('onnxruntime-web'),
		async peer(name) {
			throw new Error(`${name} is measured in a browser only.`);
		}
	};
}

function runtimeFile(extension: string): string {
	const path = `../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.${extension}`;
	return new URL(path, import.meta.url).href;
}

/** Imported late: it loads the driver. */
async function openGpu(): Promise<GPU> {
	const { testGpu } = await import('../../tests/gpu/setup');
	return testGpu;
}

/** The whole process: nothing else counts memory that WebAssembly shares between threads. */
async function measureHeap(): Promise<number> {
	return process.memoryUsage().rss;
}
