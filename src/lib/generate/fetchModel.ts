/** Brings a model from where it is: the site, an address, a dropped folder. Refuses one that knows no music. */
import { ModelFileError, type ModelConfig } from '../model/config';
import type { ModelFolder } from '../model/files';
import { loadModel, type LoadedModel } from '../model/loadModel';
import { droppedFolder } from '../model/sources/droppedFolder';
import type { ModelCache } from '../model/sources/modelCache';
import { urlFolder, type LoadProgress } from '../model/sources/urlFolder';
import { untrainedTwin } from '../model/untrainedTwin';
import { VOCABULARY_SIZE } from '../music/vocabulary';
import type { ModelSource } from './protocol';

/** A model and where it came from. */
export interface FetchedModel {
	readonly model: LoadedModel;
	readonly from: ModelSource['from'];
	/** address or folder */
	readonly place: string;
	/** of an untrained twin: what its weights were drawn with, and the model that it is a twin of */
	readonly untrained: { readonly seed: number; readonly trained: FetchedModel } | null;
}

export interface FetchOptions {
	readonly fetch: typeof globalThis.fetch;
	readonly cache: ModelCache | null;
	readonly signal: AbortSignal;
	onProgress(progress: LoadProgress): void;
	onNotice(message: string): void;
}

/** A composer of fewer learned positions has no room for an opening and the bar that it writes. */
const FEWEST_POSITIONS = 1024;

/** Throws a ModelFileError when the model can't be had or can't compose, the signal's reason when it was aborted. */
export async function fetchModel(
	source: ModelSource,
	options: FetchOptions
): Promise<FetchedModel> {
	const folder = folderOf(source, options);
	const model = await loadModel(folder, {
		check: (config) => requireMusic(config, folder.name),
		onNotice: options.onNotice
	});
	options.signal.throwIfAborted();
	return { model, from: source.from, place: folder.name, untrained: null };
}

/** The untrained twin of a model, or of the one that it is itself a twin of. Throws a RangeError for too large a model. */
export function untrainedOf(fetched: FetchedModel, seed: number): FetchedModel {
	const trained = trainedOf(fetched);
	return { ...trained, model: untrainedTwin(trained.model, seed), untrained: { seed, trained } };
}

/** The model that an untrained twin is one of, or the trained model itself. */
export function trainedOf(fetched: FetchedModel): FetchedModel {
	return fetched.untrained?.trained ?? fetched;
}

/** The files of a model. Throws a ModelFileError when there can be none. */
export function folderOf(source: ModelSource, options: FetchOptions): ModelFolder {
	return source.from === 'files'
		? droppedFolder(source.files, options.signal)
		: urlFolder(source.address, options);
}

function requireMusic({ vocabularySize, learnedPositions }: ModelConfig, place: string): void {
	if (learnedPositions > 0 && learnedPositions < FEWEST_POSITIONS) {
		throw new ModelFileError(
			`The model at ${place} reads ${learnedPositions} tokens at most, and composing takes ${FEWEST_POSITIONS}. Choose one with more positions, or with rotary positions, which have no end.`
		);
	}
	if (vocabularySize === VOCABULARY_SIZE) return;
	throw new ModelFileError(
		`The model at ${place} has a vocabulary of ${vocabularySize} tokens, and the music language of this instrument has ${VOCABULARY_SIZE}: it writes another language and can't compose here. Choose a model that was trained for Key Query Voice.`
	);
}
