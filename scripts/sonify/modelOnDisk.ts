/** A model on the disk: its files are read where they lie, a range at a time, and stay open until they are closed together. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ModelFile } from '../../src/lib/model/files';
import { ModelFileError } from '../../src/lib/model/modelFileError';
import { readSafetensors } from '../../src/lib/model/safetensors';
import { readTensors } from '../../src/lib/model/shards';
import { findWeights } from '../../src/lib/model/weightNames';
import type { ModelWeights } from '../../src/lib/model/weights';

export interface ModelOnDisk {
	/** as its folder or its file is called */
	readonly name: string;
	readonly weights: ModelWeights;
	close(): Promise<void>;
}

/**
 * The model in a folder (`model.safetensors`, or several files with their index) or in a single file. Throws a
 * ModelFileError when there is none, or it is broken, or of no known family.
 */
export async function openModel(path: string): Promise<ModelOnDisk> {
	const handles: FileHandle[] = [];
	const close = async (): Promise<void> => {
		await Promise.all(handles.splice(0).map((handle) => handle.close()));
	};
	const openFile = async (file: string): Promise<ModelFile | null> => {
		const handle = await opened(file);
		if (!handle) return null;
		handles.push(handle);
		return rangedFile(basename(file), handle);
	};
	try {
		const found = await stat(path).catch((error: unknown) => {
			if (isMissing(error)) return null;
			throw error;
		});
		if (!found) {
			throw new ModelFileError(
				`There is no file or folder ${path}. Give the folder of a model, with model.safetensors in it, or a .safetensors file.`
			);
		}
		if (found.isDirectory()) {
			const tensors = await readTensors({
				name: path,
				open: (name) => openFile(join(path, name))
			});
			return { name: basename(path), weights: findWeights(tensors, path), close };
		}
		const file = await openFile(path);
		if (!file) throw new ModelFileError(`${path} can't be opened. Choose another file.`);
		const tensors = await readSafetensors(file);
		const name = basename(path).replace(/\.safetensors$/, '');
		return { name, weights: findWeights(tensors, path), close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** The open file, or null where there is none. */
async function opened(file: string): Promise<FileHandle | null> {
	try {
		return await open(file, 'r');
	} catch (error) {
		if (isMissing(error)) return null;
		throw error;
	}
}

async function rangedFile(name: string, handle: FileHandle): Promise<ModelFile> {
	const { size } = await handle.stat();
	return {
		name,
		size,
		async read(begin, end) {
			const bytes = new Uint8Array(end - begin);
			for (let at = 0; at < bytes.length;) {
				const { bytesRead } = await handle.read(bytes, at, bytes.length - at, begin + at);
				if (bytesRead === 0) {
					throw new ModelFileError(
						`The model can't be read any more: ${name} has become shorter than it was. Put it back, or choose another.`
					);
				}
				at += bytesRead;
			}
			return bytes;
		}
	};
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
