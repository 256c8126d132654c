import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../../src/lib/model/config';
import { droppedFolder, type DroppedFile } from '../../../../src/lib/model/sources/droppedFolder';

function files(...paths: string[]): DroppedFile[] {
	return paths.map((path) => ({ path, file: new File([path], path.split('/').at(-1)!) }));
}

async function textOf(dropped: DroppedFile[], name: string): Promise<string | null> {
	const file = await droppedFolder(dropped).open(name);
	return file && new TextDecoder().decode(await file.read(0, file.size));
}

describe('a dropped folder', () => {
	it.each([
		['loose files', ['config.json', 'model.safetensors'], ''],
		['a folder', ['tiny/config.json', 'tiny/model.safetensors'], 'tiny/'],
		[
			'a folder in a folder',
			['models/tiny/config.json', 'models/tiny/model.safetensors'],
			'models/tiny/'
		]
	])('opens the files of %s', async (_, paths, prefix) => {
		const dropped = files('models/readme.md', ...paths);
		expect(await textOf(dropped, 'config.json')).toBe(`${prefix}config.json`);
		expect(await textOf(dropped, 'model.safetensors')).toBe(`${prefix}model.safetensors`);
		expect(await textOf(dropped, 'instrument.json')).toBeNull();
	});

	it('prefers the outer of two configurations', async () => {
		const dropped = files('gpt2/onnx/config.json', 'gpt2/config.json');
		expect(await textOf(dropped, 'config.json')).toBe('gpt2/config.json');
		expect(droppedFolder(dropped).name).toBe('gpt2');
	});

	it('reads ranges', async () => {
		const file = await droppedFolder(files('a/config.json')).open('config.json');
		expect(new TextDecoder().decode(await file!.read(2, 8))).toBe('config');
	});

	it.each<[string, string[], RegExp]>([
		['nothing', [], /no file in what was dropped/],
		['files of another kind', ['a.gguf', 'b.txt'], /no config\.json .*a\.gguf, b\.txt/],
		['a model too deep inside', ['a/b/c/config.json'], /no config\.json/],
		['two models', ['m/a/config.json', 'm/b/config.json'], /several models.*"m\/a", "m\/b"/]
	])('refuses %s in a sentence', (_, paths, message) => {
		expect(() => droppedFolder(files(...paths))).toThrow(ModelFileError);
		expect(() => droppedFolder(files(...paths))).toThrow(message);
	});

	it('refuses a file that is not the one that was published', async () => {
		const folder = droppedFolder(files('a/config.json', 'a/model.safetensors'));
		await expect(folder.open('model.safetensors', { bytes: 3 })).rejects.toThrow(/should be 3/);
		const sha256 = '0'.repeat(64);
		await expect(folder.open('model.safetensors', { sha256 })).rejects.toThrow(/SHA-256 differs/);
	});

	it('says when a file is gone from the disk', async () => {
		const lost = Object.assign(new File(['{}'], 'config.json'), {
			slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')) })
		});
		const folder = droppedFolder([{ path: 'a/config.json', file: lost }]);
		const file = await folder.open('config.json');
		await expect(file!.read(0, 1)).rejects.toThrow(/moved, deleted or changed.*choose the folder/);
	});
});
