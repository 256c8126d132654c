/** A model's folder on the disk, as the loader reads it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryFile, type ModelFolder } from '../src/lib/model/files';

export function diskFolder(path: string): ModelFolder {
	return {
		name: path,
		async open(name) {
			const file = join(path, name);
			return existsSync(file) ? memoryFile(name, new Uint8Array(await readFile(file))) : null;
		}
	};
}

/** SHA-256 of the folder's weights in hexadecimal; null where it has none. */
export async function weightsHash(path: string): Promise<string | null> {
	const file = join(path, 'model.safetensors');
	if (!existsSync(file)) return null;
	return createHash('sha256')
		.update(await readFile(file))
		.digest('hex');
}
