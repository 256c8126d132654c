/** What the page says of the model: one line for the bar, facts for the panel behind it, words while one loads. Pure. */
import type { EngineChoice, ModelDescription } from '../generate/protocol';
import type { ModelLoading, ModelState } from '../instrumentHandle';

export interface EngineWords {
	line: string;
	details: { name: string; value: string }[];
}

export const ENGINE_NAMES = {
	webgpu: 'WebGPU',
	wasm: 'WebAssembly',
	cpu: 'TypeScript'
} as const;

const ORIGINS = {
	site: 'this site',
	address: 'the address',
	files: 'the folder'
} as const;

const CHECKS = {
	stored: 'answers as PyTorch does',
	computed: 'answers as the TypeScript engine does',
	none: 'not verified: no answer to compare with'
} as const;

/** `next` is the model on its way beside the one in use, `choice` the engine that the person asked for. */
export function engineWords(
	model: ModelState,
	next: ModelLoading | null = null,
	choice: EngineChoice = 'auto'
): EngineWords {
	switch (model.phase) {
		case 'absent':
			return { line: 'No model yet', details: state('not loaded') };
		case 'loading': {
			const details = state('loading; the opening plays meanwhile');
			return { line: `Model ${loadingWords(model).amount}`, details };
		}
		case 'failed':
			return { line: 'No model', details: state(model.message) };
		case 'ready': {
			const { engine, untrainedSeed } = model.model;
			const name = untrainedSeed === null ? ENGINE_NAMES[engine] : 'Untrained twin';
			const speed = `${Math.round(model.tokensPerSecond)} tokens/s`;
			const line = next ? `New model ${loadingWords(next).amount}` : `${name}  ${speed}`;
			return { line, details: facts(model.model, speed, choice) };
		}
	}
}

export interface LoadingWords {
	amount: string;
	/** 0..1, or null while nobody knows */
	share: number | null;
}

/** How far a model is. */
export function loadingWords({
	receivedBytes,
	totalBytes,
	preparing
}: Omit<ModelLoading, 'file'>): LoadingWords {
	if (preparing) return { amount: 'is being tried', share: 1 };
	if (totalBytes === 0) {
		return {
			amount: receivedBytes > 0 ? `${megabytes(receivedBytes)} MB` : 'on its way',
			share: null
		};
	}
	return {
		amount: `${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB`,
		share: receivedBytes / totalBytes
	};
}

/** Progress as it is spoken: in quarters, so that a listener is not flooded. */
export function spokenProgress(loading: ModelLoading): string {
	const { share } = loadingWords(loading);
	if (loading.preparing) return 'The model is there; its engine is being chosen.';
	if (share === null) return 'The model is loading.';
	const percent = Math.floor(share * 4) * 25;
	return `The model is loading: ${percent} percent of ${megabytes(loading.totalBytes)} megabytes.`;
}

function facts(
	model: ModelDescription,
	speed: string,
	choice: EngineChoice
): EngineWords['details'] {
	const { name, parameters, layers, heads, window, engine, device, reason, untrainedSeed } = model;
	const weights = untrainedSeed === null ? `${megabytes(model.bytes)} MB` : 'random';
	const origin = `${ORIGINS[model.from]}${model.from === 'site' ? '' : ` ${model.place}`}`;
	const details = [
		{ name: 'Model', value: name },
		{ name: 'Weights', value: `${(parameters / 1e6).toFixed(1)} million, ${weights}` },
		{
			name: 'From',
			value: untrainedSeed === null ? origin : `this page, in the shape of the model from ${origin}`
		},
		{ name: 'Heads', value: `${layers} layers of ${heads}, looking back ${window} tokens` },
		{ name: 'Runs on', value: runsOn(engine, device) },
		{ name: 'Speed', value: speed },
		{ name: 'Checked', value: CHECKS[model.verification] }
	];
	const why = reason || (choice === engine ? 'chosen by you' : 'the fastest that works here');
	details.push({ name: 'Why', value: why });
	return details;
}

/** "WebAssembly, 2 threads" names its engine itself. */
function runsOn(engine: ModelDescription['engine'], device: string): string {
	const name = ENGINE_NAMES[engine];
	return device.startsWith(name) ? device : `${name} (${device})`;
}

function state(value: string): EngineWords['details'] {
	return [{ name: 'State', value }];
}

function megabytes(bytes: number): string {
	return (bytes / 1e6).toFixed(1);
}
