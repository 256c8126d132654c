/** The shipped model's files, read from the disk. */
import { readFile } from 'node:fs/promises';
import { memoryFile } from '../../src/lib/model/files';
import type { ShippedFiles } from './sizes';

const SHIPPED = new URL('../../static/models/kqv-small/', import.meta.url);

export const shippedFiles: ShippedFiles = {
	json: async () => JSON.parse(await readFile(new URL('config.json', SHIPPED), 'utf8')),
	weights: async () =>
		memoryFile(
			'model.safetensors',
			new Uint8Array(await readFile(new URL('model.safetensors', SHIPPED)))
		)
};
