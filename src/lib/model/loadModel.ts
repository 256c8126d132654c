/**
 * Reads a model out of its folder: `config.json` (the architecture), the weights in one safetensors file or several, and
 * `instrument.json` (what this instrument needs to know of a composer), which models of other makers do without. All is
 * checked before anything is computed with it; the weights' values are read when an engine asks for them.
 */
import { ModelFileError, limitWindow, parseModelConfig, type ModelConfig } from './config';
import type { ModelFolder } from './files';
import { parseModelDescription, type ModelDescription } from './modelDescription';
import { readTensors } from './shards';
import { readWeights, type Linear, type ModelWeights, type Norm } from './weights';

export interface LoadedModel {
	/** from its description, or the folder's */
	readonly name: string;
	readonly config: ModelConfig;
	/** null for a model that was not made for this instrument */
	readonly description: ModelDescription | null;
	readonly weights: ModelWeights;
	/** of all weight files */
	readonly bytes: number;
}

export interface LoadOptions {
	/** Called before any weights are fetched; throws to refuse the model. */
	check?: (config: ModelConfig) => void;
	/** something that a person should read, while loading goes on */
	onNotice?: (message: string) => void;
}

/** Keys that a query sees at most: the caches of a longer window would fill the memory of a graphics card. */
const LARGEST_WINDOW = 2048;

const WEIGHTS = 'model.safetensors';

/**
 * Loads the model in `folder`. Throws a ModelFileError that names the file and says what is wrong with it, or the reason
 * of the folder's signal when loading was cancelled.
 */
export async function loadModel(
	folder: ModelFolder,
	{ check, onNotice }: LoadOptions = {}
): Promise<LoadedModel> {
	const [configJson, descriptionJson] = await Promise.all([
		readJson(folder, 'config.json'),
		readJson(folder, 'instrument.json')
	]);
	if (configJson === null) {
		throw new ModelFileError(
			`The model could not be loaded: there is no config.json in ${folder.name}. Check the address, or choose the folder that holds config.json and model.safetensors.`
		);
	}
	const published = parseModelConfig(configJson);
	const description = descriptionJson === null ? null : parseModelDescription(descriptionJson);
	if (description) requireAgreement(published, description);
	check?.(published);
	const config = limitWindow(published, LARGEST_WINDOW);
	if (config.window < published.window) {
		onNotice?.(
			`This model can look back ${published.window} tokens; here it looks back ${config.window} at most, to spare memory. What it writes is the same until a sequence grows longer than that.`
		);
	}
	let bytes = 0;
	const tensors = await readTensors({
		name: folder.name,
		async open(name) {
			const file = await folder.open(name, name === WEIGHTS ? (description ?? {}) : {});
			if (file && name.endsWith('.safetensors')) bytes += file.size;
			return file;
		}
	});
	const weights = readWeights(tensors, config);
	return { name: description?.name ?? nameOf(folder), config, description, weights, bytes };
}

/** Number of weights. */
export function parameterCount({
	description,
	weights
}: Pick<LoadedModel, 'description' | 'weights'>): number {
	if (description) return description.parameters;
	const { embedding, positions, head, layers, finalNorm } = weights;
	const matrices = [embedding, positions, head === embedding ? null : head];
	const vectors = [finalNorm.weight, finalNorm.bias];
	for (const layer of layers) {
		for (const part of Object.values(layer) as (Linear | Norm | null)[]) {
			if (!part) continue;
			if ('rows' in part.weight) matrices.push(part.weight);
			else vectors.push(part.weight);
			vectors.push(part.bias);
		}
	}
	return (
		matrices.reduce((sum, matrix) => sum + (matrix ? matrix.rows * matrix.columns : 0), 0) +
		vectors.reduce((sum, vector) => sum + (vector?.size ?? 0), 0)
	);
}

/** The JSON of a file, or null when there is no such file. */
async function readJson(folder: ModelFolder, name: string): Promise<unknown> {
	const file = await folder.open(name);
	if (!file) return null;
	const bytes = await file.read(0, file.size);
	try {
		return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
	} catch (error) {
		throw new ModelFileError(
			`The model can't be used: ${name} in ${folder.name} is no JSON. Copy the model folder again.`,
			{ cause: error }
		);
	}
}

function requireAgreement(config: ModelConfig, { window, selfTest }: ModelDescription): void {
	if (window !== config.window) {
		throw new ModelFileError(
			`The model can't be used: instrument.json gives a window of ${window} tokens and config.json one of ${config.window}. The two files belong to different models; copy the whole folder again.`
		);
	}
	if ([...selfTest.tokens, ...selfTest.top5].some((token) => token >= config.vocabularySize)) {
		throw new ModelFileError(
			`The model can't be used: the self-test in instrument.json names tokens that a vocabulary of ${config.vocabularySize} does not have. The files belong to different models; copy the whole folder again.`
		);
	}
}

/** The part of a folder's name by which people know a model: "gpt2" of ".../openai-community/gpt2/resolve/main/". */
export function nameOf({ name }: Pick<ModelFolder, 'name'>): string {
	const parts = name.split('/').filter(Boolean);
	const resolve = parts.lastIndexOf('resolve');
	return (resolve > 0 ? parts[resolve - 1] : parts.at(-1)) ?? name;
}
