/** What the page says of a model, as names and values. Pure. */
import type { InsideModel } from '../../inside/protocol';
import { ENGINE_NAMES, loadingWords, type LoadingWords } from '../engineWords';
import type { Progress } from './insideState.svelte';

const LANGUAGES = {
	text: 'text',
	music: 'music tokens',
	numbers: 'token numbers (it came without a tokenizer)'
} as const;

export function factsOf(model: InsideModel): { name: string; value: string }[] {
	const facts = [
		{ name: 'Family', value: model.family },
		{ name: 'Weights', value: weightWords(model) },
		{ name: 'Shape', value: `${model.layers} layers of ${model.heads} heads` },
		{ name: 'Window', value: windowWords(model.windows) },
		{ name: 'Tokens', value: `${model.vocabularySize}, ${LANGUAGES[model.language]}` },
		{ name: 'Runs on', value: runsOn(model) }
	];
	if (model.verification === 'none') {
		facts.push({ name: 'Checked', value: 'not verified: too large to compare with TypeScript' });
	}
	if (model.reason) facts.push({ name: 'Why', value: model.reason });
	return facts;
}

function weightWords({ parameters, untrainedSeed }: InsideModel): string {
	return `${(parameters / 1e6).toFixed(1)} million${untrainedSeed === null ? '' : ', random'}`;
}

/** A device that names its engine needs no other name. */
function runsOn({ engine, device }: InsideModel): string {
	return device.startsWith(ENGINE_NAMES[engine]) ? device : `${ENGINE_NAMES[engine]} (${device})`;
}

/** "512 and 2048 tokens": layers may differ. */
function windowWords(windows: readonly number[]): string {
	const sizes = [...new Set(windows)].sort((a, b) => a - b);
	return `${sizes.join(' and ')} tokens`;
}

/** How far opening it is, for WorkProgress. */
export function progressWords(progress: Progress | null): LoadingWords & { what: string } {
	if (!progress) return { what: 'Opening the model', amount: '', share: null };
	return { what: progress.file, ...loadingWords({ ...progress, preparing: false }) };
}
