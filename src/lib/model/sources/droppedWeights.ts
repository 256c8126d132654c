/** Weights that were dropped on the page, where nobody asks them to write: a model's folder, or a safetensors file alone. */
import type { ModelFolder } from '../files';
import { droppedFolder, openFile, type DroppedFile } from './droppedFolder';

const CONFIG = 'config.json';
const EXTENSION = '.safetensors';
/** what readers ask a folder for */
const WEIGHTS = 'model.safetensors';

/** Throws a ModelFileError when there are no weights among `files`, or several models. */
export function droppedWeights(files: readonly DroppedFile[], signal?: AbortSignal): ModelFolder {
	const lone = loneFile(files);
	if (!lone) return droppedFolder(files, signal);
	const { path, file } = lone;
	const name = path.slice(path.lastIndexOf('/') + 1, -EXTENSION.length);
	return {
		name,
		async open(wanted) {
			return wanted === WEIGHTS ? openFile(wanted, file) : null;
		}
	};
}

/** The only file of weights, where no config.json says what folder it belongs to. */
function loneFile(files: readonly DroppedFile[]): DroppedFile | null {
	if (files.some(({ path }) => path.split('/').at(-1) === CONFIG)) return null;
	const weights = files.filter(({ path }) => path.endsWith(EXTENSION));
	return weights.length === 1 ? weights[0]! : null;
}
