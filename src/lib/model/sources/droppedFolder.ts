/**
 * A model's folder on the person's own disk, dropped on the page or chosen. Its files are read where they lie, a range
 * at a time.
 */
import { ModelFileError } from '../config';
import type { ModelFile, ModelFolder } from '../files';
import { requireExpected } from './digest';

/** A file and its place in what was dropped: "model/config.json". Can be posted to a worker. */
export interface DroppedFile {
	readonly path: string;
	readonly file: File;
}

/** Folders between the one that was dropped and the model: a model, or a folder with one model in it. */
const DEEPEST = 2;

/**
 * The folder that holds config.json among `files`: the outermost, at most one level below the folder that was dropped.
 * Throws a ModelFileError when there is none, or more than one on the same level.
 */
export function droppedFolder(files: readonly DroppedFile[], signal?: AbortSignal): ModelFolder {
	const folder = modelFolder(files);
	const name = folder.split('/').at(-1) || 'the dropped files';
	const inside = new Map(
		files
			.filter(({ path }) => folderOf(path) === folder)
			.map(({ path, file }) => [path.slice(path.lastIndexOf('/') + 1), file])
	);
	return {
		name,
		async open(wanted, expected = {}) {
			const file = inside.get(wanted);
			if (!file) return null;
			const opened = openFile(wanted, file);
			await requireExpected(opened, expected, signal);
			return opened;
		}
	};
}

function modelFolder(files: readonly DroppedFile[]): string {
	const folders = files
		.filter(({ path }) => path.slice(path.lastIndexOf('/') + 1) === 'config.json')
		.map(({ path }) => folderOf(path))
		.filter((folder) => depthOf(folder) <= DEEPEST)
		.sort((a, b) => depthOf(a) - depthOf(b));
	const [outermost, next] = folders;
	if (outermost === undefined) throw new ModelFileError(whatIsMissing(files));
	if (next !== undefined && depthOf(next) === depthOf(outermost)) {
		throw new ModelFileError(
			`The folder holds several models (${folders.map((folder) => `"${folder}"`).join(', ')}). Choose the folder of one of them.`
		);
	}
	return outermost;
}

function whatIsMissing(files: readonly DroppedFile[]): string {
	if (files.length === 0) {
		return 'There was no file in what was dropped or chosen. Drop the folder of a model: config.json and model.safetensors, as they were published.';
	}
	const names = files.slice(0, 3).map(({ path }) => path);
	const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
	return `There is no config.json in what was dropped (${names.join(', ')}${more}), and without it the weights can't be understood. Drop the folder of a model: config.json and model.safetensors, as they were published.`;
}

export function openFile(name: string, file: File): ModelFile {
	return {
		name,
		size: file.size,
		async read(begin, end) {
			try {
				return new Uint8Array(await file.slice(begin, end).arrayBuffer());
			} catch (error) {
				throw new ModelFileError(
					`The model can't be read any more: ${name} was moved, deleted or changed on the disk. Put it back, or choose the folder again.`,
					{ cause: error }
				);
			}
		}
	};
}

function folderOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function depthOf(folder: string): number {
	return folder === '' ? 0 : folder.split('/').length;
}
