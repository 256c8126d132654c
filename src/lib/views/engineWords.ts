/** What the page says of the model: one line for the bar, facts for the panel behind it. Pure. */
import type { ModelState } from '../instrumentHandle';

export interface EngineWords {
	line: string;
	details: { name: string; value: string }[];
}

const ENGINE_NAMES = { webgpu: 'WebGPU', cpu: 'CPU' } as const;

export function engineWords(model: ModelState): EngineWords {
	switch (model.phase) {
		case 'absent':
			return { line: 'No model yet', details: state('not loaded') };
		case 'loading': {
			const line = `Model ${megabytes(model.receivedBytes)} of ${megabytes(model.totalBytes)} MB`;
			return { line, details: state('loading; the opening plays meanwhile') };
		}
		case 'failed':
			return { line: 'No model', details: state(model.message) };
		case 'ready': {
			const { name, parameters, layers, heads, window, engine, device, reason } = model.model;
			const speed = `${Math.round(model.tokensPerSecond)} tokens/s`;
			const details = [
				{ name: 'Model', value: `${name}, ${(parameters / 1e6).toFixed(1)} million parameters` },
				{ name: 'Heads', value: `${layers} layers of ${heads}, looking back ${window} tokens` },
				{ name: 'Runs on', value: `${ENGINE_NAMES[engine]} (${device})` },
				{ name: 'Speed', value: speed }
			];
			if (reason) details.push({ name: 'Why', value: reason });
			return { line: `${ENGINE_NAMES[engine]}  ${speed}`, details };
		}
	}
}

function state(value: string): EngineWords['details'] {
	return [{ name: 'State', value }];
}

function megabytes(bytes: number): string {
	return (bytes / 1e6).toFixed(1);
}
