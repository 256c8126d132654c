/**
 * What the decoders of one model share: the runtime with the weights in its memory, the session that runs the graph, and
 * the workspace in which a run leaves its results.
 */
import type { ModelConfig } from '../config';
import type { LoadedModel } from '../loadModel';
import { chooseRuntime } from './chooseRuntime';
import { buildDecoderGraph, type DecoderGraph } from './decoderGraph';
import { runSizes } from './keyValueCache';
import { startRuntime, type OrtFiles, type OrtRuntime, type OrtSession } from './runtime';
import { loadWeightTensors, type WeightTensors } from './weightTensors';
import { createWorkspace, workspaceBytes, type Workspace } from './workspace';

export interface OnnxModelOptions {
	/** where ONNX Runtime lies; by default where the app keeps it */
	files?: OrtFiles;
	/** default: what a short measurement prefers, where threads are allowed at all */
	threads?: number;
}

export interface SharedModel {
	readonly config: ModelConfig;
	readonly runtime: OrtRuntime;
	readonly graph: DecoderGraph;
	readonly session: OrtSession;
	readonly weights: WeightTensors;
	readonly workspace: Workspace;
	/** tokens that a run takes at most */
	readonly tokensPerRun: number;
	/** whether dispose() has not been called */
	readonly alive: boolean;
	dispose(): void;
}

/** Tokens that run at once when they are known beforehand, as long as their attention fits into WORKSPACE_BYTES. */
const TOKENS_PER_RUN = 16;
const WORKSPACE_BYTES = 64e6;

/**
 * Starts a runtime and reads all weights as f32. Throws a ModelFileError when one can't be used or they are too large for
 * WebAssembly, an OnnxRuntimeError when the runtime can't start or there is no memory.
 */
export async function openSharedModel(
	{ config, weights }: Pick<LoadedModel, 'config' | 'weights'>,
	{ files, threads }: OnnxModelOptions
): Promise<SharedModel> {
	const addresses = files ?? (await import('./ortFiles')).ORT_FILES;
	const graph = buildDecoderGraph(config);
	const runtime = await (threads
		? startRuntime(addresses, threads)
		: chooseRuntime(addresses, config));
	const session = await runtime.createSession(graph);
	const tensors = await loadWeightTensors(runtime, graph, config, weights);
	const tokensPerRun = tokensInWorkspace(graph, config);
	const workspace = createWorkspace(runtime, graph, fullWindow(config, tokensPerRun));
	let alive = true;
	return {
		config,
		runtime,
		graph,
		session,
		weights: tensors,
		workspace,
		tokensPerRun,
		get alive() {
			return alive;
		},
		dispose() {
			if (!alive) return;
			alive = false;
			workspace.dispose();
			tensors.dispose();
			session.dispose();
		}
	};
}

function tokensInWorkspace(graph: DecoderGraph, config: ModelConfig): number {
	let tokens = TOKENS_PER_RUN;
	while (tokens > 1 && workspaceBytes(graph, fullWindow(config, tokens)) > WORKSPACE_BYTES) {
		tokens /= 2;
	}
	return tokens;
}

/** Sizes of the largest run of so many tokens. */
function fullWindow(config: ModelConfig, tokens: number) {
	return runSizes(config, config.window, tokens);
}
