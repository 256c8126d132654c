/**
 * How many threads the engine gets. Threads must be worth it: each product of a small model is over before a second thread
 * has heard of it, and the sound needs the processor too. So one thread unless the page is isolated, the model is large,
 * and a measurement on one of its layers says so.
 */
import { limitWindow, type ModelConfig } from '../config';
import { buildDecoderGraph } from './decoderGraph';
import { runSizes } from './keyValueCache';
import { startRuntime, type OrtFiles, type OrtRuntime } from './runtime';
import { createWorkspace } from './workspace';

const MOST_THREADS = 4;

/** Multiplications for a token below which threads are not even tried. */
const SMALL = 8e6;

/** Several threads must take less than this share of the time of one. */
const WORTHWHILE = 0.75;

const TRIALS = 12;

const LONGEST_START_MILLISECONDS = 5000;

/** The runtime that suits the model best. Throws an OnnxRuntimeError when none can start. */
export async function chooseRuntime(files: OrtFiles, config: ModelConfig): Promise<OrtRuntime> {
	const single = await startRuntime(files, 1);
	const threads = threadsAllowed();
	if (threads === 1 || multiplications(config) < SMALL) return single;
	let several: OrtRuntime;
	try {
		several = await promptly(startRuntime(files, threads));
	} catch {
		/** threads may be refused, by a policy of the page or for want of memory; one is enough to play */
		return single;
	}
	const [alone, together] = [await timeLayer(single, config), await timeLayer(several, config)];
	return together < WORTHWHILE * alone ? several : single;
}

/** `starting`, or an error when it takes too long: a thread that is refused never says so. */
function promptly<T>(starting: Promise<T>): Promise<T> {
	return Promise.race([
		starting,
		new Promise<never>((_, reject) => {
			setTimeout(() => reject(new Error('The threads did not start.')), LONGEST_START_MILLISECONDS);
		})
	]);
}

/** Threads that the page may have, leaving one core to the sound where there are more than two. */
function threadsAllowed(): number {
	if (!globalThis.crossOriginIsolated) return 1;
	const cores = globalThis.navigator.hardwareConcurrency;
	return Math.max(1, Math.min(MOST_THREADS, cores > 2 ? cores - 1 : cores));
}

/** Of one token, without attention. */
function multiplications(config: ModelConfig): number {
	const { hiddenSize, heads, keyValueHeads, headSize, intermediateSize } = config;
	const attention = 2 * (heads + keyValueHeads) * headSize;
	const mlp = (config.gatedMlp ? 3 : 2) * intermediateSize;
	return hiddenSize * (config.layers * (attention + mlp) + config.vocabularySize);
}

/** Milliseconds for one token through one layer of the model with weights of no meaning: the best of some trials. */
async function timeLayer(runtime: OrtRuntime, config: ModelConfig): Promise<number> {
	const layer = limitWindow(
		{ ...config, layers: 1, layerWindows: config.layerWindows.slice(0, 1), vocabularySize: 64 },
		256
	);
	const graph = buildDecoderGraph(layer);
	const sizes = runSizes(layer, layer.window, 1);
	const session = await runtime.createSession(graph);
	const workspace = createWorkspace(runtime, graph, sizes);
	const run = workspace.tensors(sizes);
	for (const { name, type } of graph.run) {
		if (type === 'float') run.floats(name).fill(0.01);
		else run.integers(name).set([BigInt(sizes['T0']!), 1n]);
	}
	const given = [...graph.weights, ...graph.caches].map(({ dimensions }) => {
		const shape = dimensions.map((size) => (typeof size === 'number' ? size : sizes[size]!));
		const count = shape.reduce((product, size) => product * size, 1);
		const pointer = runtime.allocate(4 * count);
		runtime.floats(pointer, count).fill(0.01);
		return { pointer, tensor: runtime.createTensor('float', pointer, shape) };
	});
	const inputs = [...run.inputs, ...given.map(({ tensor }) => tensor)];
	let best = Infinity;
	for (let trial = 0; trial < TRIALS; trial++) {
		const began = performance.now();
		session.run(inputs, run.outputs);
		best = Math.min(best, performance.now() - began);
	}
	for (const { pointer, tensor } of given) {
		runtime.releaseTensor(tensor);
		runtime.free(pointer);
	}
	workspace.dispose();
	session.dispose();
	return best;
}
