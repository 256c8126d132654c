/** The graph of every family against PyTorch's answers, and its decoder against PyTorch's greedy text. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecoderModel } from '../../../src/lib/model/decoder';
import { createForwardPass } from '../../../src/lib/model/onnx/forwardPass';
import { createKeyValueCache, runSizes } from '../../../src/lib/model/onnx/keyValueCache';
import { createOnnxModel } from '../../../src/lib/model/onnx/onnxModel';
import { openSharedModel, type SharedModel } from '../../../src/lib/model/onnx/sharedModel';
import { unconstrained } from '../../../src/lib/model/sampling';
import { TokenFrame } from '../../../src/lib/model/tokenFrame';
import { FAMILY_NAMES, familyFixture, type FamilyExpectation } from './fixtures';
import { ORT_FILES } from './onnxFiles';

const ENGINE = { files: ORT_FILES, threads: 1 };

describe.each(FAMILY_NAMES)('%s on WebAssembly', (name) => {
	let expected: FamilyExpectation;
	let shared: SharedModel;
	let engine: DecoderModel;
	beforeAll(async () => {
		const fixture = await familyFixture(name);
		expected = fixture.expected;
		shared = await openSharedModel(fixture, ENGINE);
		engine = await createOnnxModel(fixture, ENGINE);
	});
	afterAll(() => {
		shared.dispose();
		engine.dispose();
	});

	it('gives the logits and residual norms of PyTorch, some tokens at a time', async () => {
		const { tokens } = expected;
		const { config, tokensPerRun } = shared;
		const cache = createKeyValueCache(config, shared.runtime);
		const pass = createForwardPass(shared, cache, null);
		const logits: number[][] = [];
		for (let i = 0; i < tokens.length; i += tokensPerRun) {
			const given = tokens.slice(i, i + tokensPerRun);
			const all = pass.run(given, null);
			given.forEach((_, row) => {
				const from = row * config.vocabularySize;
				logits.push(Array.from(all.slice(from, from + config.vocabularySize)));
			});
		}
		expect(difference(logits.slice(-4).flat(), expected.logits.flat())).toBeLessThan(1e-4);

		const decoder = await engine.createDecoder();
		const slab = await decoder.prefill([...tokens, 0]);
		expected.residualNorms.forEach((norms, layer) => {
			const found = norms.map((_, i) => new TokenFrame(slab, i + 1).layer(layer).residualNorm);
			expect(relativeDifference(found, norms), `layer ${layer}`).toBeLessThan(1e-4);
		});
	});

	it('attends as PyTorch does, one token at a time', () => {
		const { config, graph, workspace } = shared;
		const cache = createKeyValueCache(config, shared.runtime);
		const pass = createForwardPass(shared, cache, null);
		const checked = new Map(expected.attention.map(({ query, weights }) => [query, weights]));
		expected.tokens.forEach((token, query) => {
			const sizes = runSizes(config, query, 1);
			pass.run([token], null);
			checked.get(query)?.forEach((heads, layer) => {
				const window = config.layerWindows[layer]!;
				const row = workspace.tensors(sizes).floats(graph.layers[layer]!.attention);
				const slots = row.length / config.heads - 1;
				heads.forEach((weights, head) => {
					const found = weights.map((_, key) => {
						if (key <= query - window) return 0;
						return row[head * (slots + 1) + (key === query ? slots : key % window)]!;
					});
					expect(difference(found, weights), `layer ${layer}, head ${head}`).toBeLessThan(1e-5);
				});
			});
		});
	});

	it('writes the 256 tokens that PyTorch writes', async () => {
		const decoder = await engine.createDecoder();
		await decoder.prefill(expected.tokens);
		const greedy = { temperature: 1, topK: 1, topP: 1, minP: 0, seed: 0 };
		const slab = await decoder.generate(256, greedy, unconstrained(engine.config.vocabularySize));
		const written = Array.from({ length: 256 }, (_, i) => new TokenFrame(slab, i).token);
		expect(written).toStrictEqual(expected.greedy);
	});
});

/** The largest difference of two lists of equal length. */
function difference(found: readonly number[], expected: readonly number[]): number {
	expect(found).toHaveLength(expected.length);
	return Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
}

function relativeDifference(found: readonly number[], expected: readonly number[]): number {
	return difference(
		found.map((value, i) => value / expected[i]!),
		expected.map(() => 1)
	);
}
