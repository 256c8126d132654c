/** Weights found by the names of tensors alone, against those that the config.json leads to. */
import { describe, expect, it } from 'vitest';
import { memoryFile } from '../../../src/lib/model/files';
import { readSafetensors } from '../../../src/lib/model/safetensors';
import { readTensors } from '../../../src/lib/model/shards';
import { findWeights, weightLayout } from '../../../src/lib/model/weightNames';
import type { ModelWeights } from '../../../src/lib/model/weights';
import { FAMILY_NAMES, FIXTURE_FOLDER, SHIPPED_FOLDER, folderOnDisk, modelIn } from './fixtures';
import { TINY, randomTensors, safetensors } from './randomModel';

const FOLDERS = [...FAMILY_NAMES.map((name) => `${FIXTURE_FOLDER}/${name}`), SHIPPED_FOLDER];

describe('weights found by their names', () => {
	it.each(FOLDERS)('in %s are those that its config.json leads to', async (folder) => {
		const { config, weights } = await modelIn(folder);
		const tensors = await readTensors(folderOnDisk(folder));
		const found = findWeights(tensors, folder);
		expect(weightLayout(tensors, folder)).toMatchObject({
			vocabularySize: config.vocabularySize,
			hiddenSize: config.hiddenSize,
			layers: config.layers,
			intermediateSize: config.intermediateSize,
			queryKeyNorm: config.queryKeyNorm,
			updateNorms: config.updateNorms,
			biases: config.biases
		});
		expect(shapes(found)).toEqual(shapes(weights));
		const last = [found, weights].map(({ layers }) => layers.at(-1)!);
		const [own, led] = await Promise.all(
			last.flatMap((layer) => [
				Promise.all([
					layer.key.weight.floats(),
					layer.up.weight.floats(),
					layer.mlpNorm.weight.floats(),
					layer.queryNorm?.weight.floats()
				])
			])
		);
		expect(own).toEqual(led);
	});

	it.each(['F32', 'F16', 'BF16'] as const)('may be stored as %s', async (type) => {
		const bytes = new Uint8Array(safetensors(randomTensors(TINY, 3), type));
		const found = findWeights(await readSafetensors(memoryFile('file', bytes)), 'file');
		expect(found.layers).toHaveLength(2);
		expect((await found.layers[1]!.down.weight.floats()).every(Number.isFinite)).toBe(true);
	});

	it('of a layer that lacks a tensor are refused', async () => {
		const tensors = randomTensors(TINY, 3).filter(({ name }) => !name.includes('1.mlp.up_proj'));
		const set = await readSafetensors(
			memoryFile('file', new Uint8Array(safetensors(tensors, 'F16')))
		);
		expect(() => findWeights(set, 'file')).toThrow(/model\.layers\.1\.mlp\.up_proj.*missing/);
	});
});

function shapes({ layers, embedding, head, positions }: ModelWeights): unknown {
	return {
		words: [embedding.rows, embedding.columns, head === embedding],
		positions: positions && [positions.rows, positions.columns],
		layers: layers.map((layer) =>
			[layer.query, layer.key, layer.value, layer.output, layer.gate, layer.up, layer.down].map(
				(linear) =>
					linear && [
						linear.weight.name,
						linear.weight.rows,
						linear.weight.columns,
						linear.bias?.size
					]
			)
		)
	};
}
