import { describe, expect, it } from 'vitest';
import { ModelFileError, parseModelConfig, type ModelConfig } from '../../../src/lib/model/config';
import { memoryFile } from '../../../src/lib/model/files';
import { readSafetensors, type Tensor, type TensorSet } from '../../../src/lib/model/safetensors';
import { matrix, onePlus, transposed, vector } from '../../../src/lib/model/tensorViews';
import { readWeights } from '../../../src/lib/model/weights';
import { FAMILY_NAMES, FIXTURE_FOLDER, familyFixture, folderOnDisk, readJson } from './fixtures';
import { TINY, randomTensors, safetensors, type NamedValues } from './randomModel';

/** Tensors [rows × columns] that count upwards from 0. */
async function counting(shape: number[], type: 'F16' | 'F32' = 'F16'): Promise<Tensor> {
	const size = shape.reduce((product, n) => product * n, 1);
	const values = Float64Array.from({ length: size }, (_, i) => i);
	return (await tensorsOf([{ name: 'a', shape, values }], type)).tensor('a', shape);
}

function tensorsOf(
	tensors: readonly NamedValues[],
	type: 'F16' | 'F32' = 'F16'
): Promise<TensorSet> {
	const bytes = new Uint8Array(safetensors(tensors, type));
	return readSafetensors(memoryFile('file', bytes));
}

describe('a matrix', () => {
	it('gives the rows that are asked for', async () => {
		const whole = matrix(await counting([4, 3]));
		expect(whole).toMatchObject({ name: 'a', rows: 4, columns: 3 });
		expect([...(await whole.floats())]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
		expect([...(await whole.floats(1, 2))]).toEqual([3, 4, 5]);
		expect([...(await whole.floats(3))]).toEqual([9, 10, 11]);
		expect([...(await whole.halves(0, 1))]).toEqual([0, 0x3c00, 0x4000]);
	});

	it('may be some rows of a tensor', async () => {
		const part = matrix(await counting([4, 3]), 1, 3);
		expect(part).toMatchObject({ rows: 2, columns: 3 });
		expect([...(await part.floats())]).toEqual([3, 4, 5, 6, 7, 8]);
		expect([...(await part.floats(1, 2))]).toEqual([6, 7, 8]);
	});

	it('may be some columns of a tensor, turned around', async () => {
		const turned = transposed(await counting([3, 4]), 1, 3);
		expect(turned).toMatchObject({ rows: 2, columns: 3 });
		expect([...(await turned.floats())]).toEqual([1, 5, 9, 2, 6, 10]);
		expect([...(await turned.floats(1, 2))]).toEqual([2, 6, 10]);
		expect([...(await turned.halves(0, 1))]).toEqual([0x3c00, 0x4500, 0x4880]);
	});

	it('is turned around alike however large it is', async () => {
		const [inputs, outputs] = [700, 1500];
		const turned = transposed(await counting([inputs, outputs], 'F32'), 400, 1400);
		const values = await turned.floats(100, 900);
		expect(values).toHaveLength(800 * inputs);
		for (const [row, column] of [
			[0, 0],
			[0, inputs - 1],
			[799, 0],
			[799, inputs - 1],
			[413, 377]
		] as const) {
			expect(values[row * inputs + column]).toBe(column * outputs + 500 + row);
		}
	});
});

describe('a vector', () => {
	it('may be a part of a tensor, and 1 more than it', async () => {
		const tensor = await counting([6]);
		expect([...(await vector(tensor).floats())]).toEqual([0, 1, 2, 3, 4, 5]);
		expect(vector(tensor, 2, 4).size).toBe(2);
		expect([...(await onePlus(vector(tensor, 2, 4)).floats())]).toEqual([3, 4]);
	});
});

describe('the weights of a model', () => {
	const untied: ModelConfig = { ...TINY, tiedEmbeddings: false };

	it('are found under their published names', async () => {
		const tensors = randomTensors(untied, 3);
		const weights = readWeights(await tensorsOf(tensors, 'F32'), untied);
		expect(weights.layers).toHaveLength(2);
		expect(weights.layers[1]!.down.weight.name).toBe('model.layers.1.mlp.down_proj.weight');
		expect(weights.head.name).toBe('lm_head.weight');
		const key = tensors.find(({ name }) => name === 'model.layers.0.self_attn.k_proj.weight')!;
		expect(await weights.layers[0]!.key.weight.floats()).toStrictEqual(
			Float32Array.from(key.values)
		);
	});

	it('share the embedding with the output where the model ties them', async () => {
		const { head, embedding } = readWeights(await tensorsOf(randomTensors(TINY, 3)), TINY);
		expect(head).toBe(embedding);
	});

	it('are refused when a layer is missing or shaped for another model', async () => {
		const file = await tensorsOf(randomTensors(TINY, 3));
		expect(() => readWeights(file, { ...TINY, layers: 3 })).toThrow(/layers\.2\..*missing/);
		expect(() => readWeights(file, { ...TINY, intermediateSize: 80 })).toThrow(ModelFileError);
		expect(() => readWeights(file, untied)).toThrow(/"lm_head\.weight" is missing/);
	});

	it.each(FAMILY_NAMES)(
		'of the family %s have the parts that its config promises',
		async (name) => {
			const { config, weights } = await familyFixture(name);
			const { hiddenSize, headSize, heads, keyValueHeads, intermediateSize, biases } = config;
			expect(weights.positions?.rows ?? 0).toBe(config.learnedPositions);
			expect(weights.head === weights.embedding).toBe(config.tiedEmbeddings);
			expect(weights.finalNorm.bias !== null).toBe(config.normalization.kind === 'layer');
			const keys = keyValueHeads * headSize;
			for (const layer of weights.layers) {
				const sizes = ([part, rows, columns, biased]: [
					typeof layer.up | null,
					number,
					number,
					boolean
				]) => {
					expect([part?.weight.rows, part?.weight.columns]).toEqual([rows, columns]);
					expect(part?.bias?.size).toBe(biased ? rows : undefined);
				};
				sizes([layer.query, heads * headSize, hiddenSize, biases.projection]);
				sizes([layer.key, keys, hiddenSize, biases.projection]);
				sizes([layer.value, keys, hiddenSize, biases.projection]);
				sizes([layer.output, hiddenSize, heads * headSize, biases.output]);
				if (config.gatedMlp) sizes([layer.gate, intermediateSize, hiddenSize, biases.mlp]);
				else expect(layer.gate).toBeNull();
				sizes([layer.up, intermediateSize, hiddenSize, biases.mlp]);
				sizes([layer.down, hiddenSize, intermediateSize, biases.mlp]);
				expect([layer.queryNorm?.weight.size, layer.keyNorm?.weight.size]).toEqual(
					config.queryKeyNorm ? [headSize, headSize] : [undefined, undefined]
				);
				expect(layer.attentionUpdateNorm !== null).toBe(config.updateNorms);
				expect(layer.mlpUpdateNorm !== null).toBe(config.updateNorms);
			}
		}
	);

	it.each([
		['gpt2', 'transformer.', ''],
		['gemma3', 'model.', 'language_model.model.'],
		['gemma3', 'model.', 'model.language_model.'],
		['llama', 'model.', '']
	])('of %s are found where names begin otherwise', async (name, usual, other) => {
		const folder = `${FIXTURE_FOLDER}/${name}`;
		const config = parseModelConfig(readJson(`${folder}/config.json`));
		const file = (await folderOnDisk(folder).open('model.safetensors'))!;
		const published = await readSafetensors(file);
		const publishedName = new Map(
			published.names.map((tensor) => [
				tensor.startsWith(usual) ? other + tensor.slice(usual.length) : tensor,
				tensor
			])
		);
		const renamed: TensorSet = {
			names: [...publishedName.keys()],
			tensor: (tensor, shape) => published.tensor(publishedName.get(tensor) ?? 'nothing', shape)
		};
		const { layers } = readWeights(renamed, config);
		const expected = readWeights(published, config).layers;
		expect(await layers.at(-1)!.down.weight.floats()).toStrictEqual(
			await expected.at(-1)!.down.weight.floats()
		);
		expect(renamed.names).not.toEqual(published.names);
	});

	it('may lie beside the masks that old files of GPT-2 carry', async () => {
		const folder = `${FIXTURE_FOLDER}/gpt2`;
		const published = await readSafetensors(
			(await folderOnDisk(folder).open('model.safetensors'))!
		);
		const names = [
			...published.names,
			'transformer.h.0.attn.bias',
			'transformer.h.0.attn.masked_bias'
		];
		const { config } = await familyFixture('gpt2');
		expect(readWeights({ ...published, names }, config).layers).toHaveLength(2);
	});
});
