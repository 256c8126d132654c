import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../src/lib/model/config';
import { memoryFile, memoryFolder, type ModelFile } from '../../../src/lib/model/files';
import { readTensors } from '../../../src/lib/model/shards';
import { FIXTURE_FOLDER, folderOnDisk } from './fixtures';
import { safetensors } from './randomModel';

const FIRST = 'model-00001-of-00002.safetensors';
const SECOND = 'model-00002-of-00002.safetensors';
const MAP = { a: FIRST, b: FIRST, c: SECOND };

function shard(name: string, ...tensors: string[]): ModelFile {
	const named = tensors.map((tensor) => ({
		name: tensor,
		shape: [2],
		values: Float64Array.of(tensor.charCodeAt(0), 0)
	}));
	return memoryFile(name, new Uint8Array(safetensors(named, 'F32')));
}

function index(content: unknown): ModelFile {
	const text = typeof content === 'string' ? content : JSON.stringify(content);
	return memoryFile('model.safetensors.index.json', new TextEncoder().encode(text));
}

const read = (...files: ModelFile[]) => readTensors(memoryFolder('my/folder', files));
const shards = [shard(FIRST, 'a', 'b'), shard(SECOND, 'c')];

describe('the weights in a folder', () => {
	it('may lie in one file', async () => {
		const { names } = await read(shard('model.safetensors', 'a', 'b'));
		expect(names).toEqual(['a', 'b']);
	});

	it('may lie in several, as an index says', async () => {
		const { names, tensor } = await read(index({ metadata: {}, weight_map: MAP }), ...shards);
		expect(names).toEqual(['a', 'b', 'c']);
		const c = tensor('c', [2]);
		expect(c.file).toBe(SECOND);
		expect(await c.read(0, 1)).toEqual(new Uint8Array(Float32Array.of(99).buffer));
		expect(() => tensor('d', [2])).toThrow(/"d" is missing/);
		expect(() => tensor('a', [3])).toThrow(ModelFileError);
	});

	it('are read as transformers writes them', async () => {
		const { names, tensor } = await readTensors(folderOnDisk(`${FIXTURE_FOLDER}/llama-sharded`));
		const files = new Set(
			['model.embed_tokens.weight', 'lm_head.weight'].map((name) => tensor(name, [97, 32]).file)
		);
		expect(files.size).toBe(2);
		expect(names).toContain('model.layers.1.mlp.down_proj.bias');
	});

	it('must be there, under a name that is looked for', async () => {
		const nothing = read(memoryFile('pytorch_model.bin', new Uint8Array(3)));
		await expect(nothing).rejects.toThrow(ModelFileError);
		await expect(nothing).rejects.toThrow(
			/my\/folder has neither model\.safetensors nor model\.safetensors\.index\.json/
		);
	});

	it.each([
		['no JSON', '{"weight_map":', /no JSON/],
		['a list', [], /no JSON object/],
		['no map', {}, /"weight_map" of .* no JSON object/],
		['a number for a file', { weight_map: { a: 3 } }, /"a" lies in 3/],
		['a way out of the folder', { weight_map: { a: '../../secret.safetensors' } }, /same folder/],
		['an address', { weight_map: { a: 'https://elsewhere/x.safetensors' } }, /same folder/],
		['a folder inside', { weight_map: { a: 'b/c.safetensors' } }, /same folder/],
		['a file of another kind', { weight_map: { a: 'model.bin' } }, /same folder/],
		[
			'a file that is not there',
			{ weight_map: { a: 'x.safetensors' } },
			/my\/folder has no x\.saf/
		],
		[
			'a tensor that lies elsewhere',
			{ weight_map: { ...MAP, c: FIRST } },
			/"c" should lie in .*00001/
		],
		['a tensor that is nowhere', { weight_map: { ...MAP, z: SECOND } }, /"z" should lie in/],
		[
			'too many files',
			{
				weight_map: Object.fromEntries(
					Array.from({ length: 2000 }, (_, i) => [i, `${i}.safetensors`])
				)
			},
			/more than 1024 files/
		]
	])('with an index that has %s are refused in a sentence', async (_, content, message) => {
		const broken = read(index(content), ...shards);
		await expect(broken).rejects.toThrow(ModelFileError);
		await expect(broken).rejects.toThrow(message);
	});

	it('are refused when one of the files is broken', async () => {
		const cut = memoryFile(SECOND, (await shards[1]!.read(0, shards[1]!.size - 4)).slice());
		await expect(read(index({ weight_map: MAP }), shards[0]!, cut)).rejects.toThrow(
			/model-00002-of-00002\.safetensors, the tensor "c" ends at byte 8/
		);
	});
});
