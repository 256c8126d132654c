import { describe, expect, it } from 'vitest';
import {
	createCaches,
	createForwardPass,
	readFloatWeights,
	type Precision
} from '../../../src/lib/model/reference/forwardPass';
import { LAYER_BLOCK, createFrameSlab, frameLayout } from '../../../src/lib/model/tokenFrame';
import { halfToFloat } from '../../../src/lib/model/weights';
import { frameWords } from '../../../src/lib/model/writeFrame';
import {
	FAMILY_NAMES,
	FIXTURE_FOLDER,
	SHIPPED_FOLDER,
	familyFixture,
	familyFixtures,
	modelIn,
	readJson,
	type Model,
	type ShippedExpectation,
	type TinyExpectation
} from './fixtures';

interface Run {
	logits: number[][];
	/** [positions][layers][heads] rows from `oldest` on */
	attention: { row: number[]; oldest: number }[][][];
	/** [positions][layers] */
	residualNorms: number[][];
}

async function runAll(
	{ config, weights }: Model,
	tokens: number[],
	precision: Precision
): Promise<Run> {
	const run: Run = { logits: [], attention: [], residualNorms: [] };
	const rows: Run['attention'][number] = [];
	const pass = createForwardPass(
		config,
		await readFloatWeights(weights),
		createCaches(config, precision),
		precision,
		null,
		(layer, _head, row, oldest) => {
			(rows[layer] ??= []).push({ row: [...row], oldest });
		}
	);
	const layout = frameLayout(config.layers, config.heads);
	tokens.forEach((token, position) => {
		rows.length = 0;
		const frame = frameWords(createFrameSlab(config.layers, config.heads, 1), 0);
		run.logits.push([...pass.run(token, position, frame)]);
		run.attention.push([...rows]);
		run.residualNorms.push(
			Array.from({ length: config.layers }, (_, layer) => {
				const block = layout.layerBlocks + layer * layout.layerStride;
				return frame.floats[block + LAYER_BLOCK.residualNorm]!;
			})
		);
	});
	return run;
}

/** The tokens that greedy decoding appends. */
async function greedy(
	{ config, weights }: Model,
	prompt: number[],
	count: number,
	precision: Precision
): Promise<number[]> {
	const caches = createCaches(config, precision);
	const floats = await readFloatWeights(weights);
	const pass = createForwardPass(config, floats, caches, precision);
	const frame = frameWords(createFrameSlab(config.layers, config.heads, 1), 0);
	const text = [...prompt];
	for (let position = 0; text.length < prompt.length + count; position++) {
		const logits = pass.run(text[position]!, position, frame);
		if (position < prompt.length - 1) continue;
		text.push(logits.indexOf(Math.max(...logits)));
	}
	return text.slice(prompt.length);
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
	expect(a.length).toBe(b.length);
	return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('the reference forward pass agrees with PyTorch', () => {
	describe.each(['tiny', 'tiny-f32', 'tiny-bf16'])('on the fixture %s', (name) => {
		const model = modelIn(`${FIXTURE_FOLDER}/${name}`);
		const expected = readJson(`${FIXTURE_FOLDER}/${name}/expected.json`) as TinyExpectation;

		it.each(['f64', 'f32'] as const)('in logits at every position, in %s', async (precision) => {
			expect(expected.tokens.length).toBeGreaterThan((await model).config.window + 8);
			const { logits } = await runAll(await model, expected.tokens, precision);
			logits.forEach((row, position) => {
				expect(largestDifference(row, expected.logits[position]!)).toBeLessThan(1e-4);
			});
		});

		it('in every attention row, beyond the window too', async () => {
			const { attention } = await runAll(await model, expected.tokens, 'f64');
			attention.forEach((layers, position) =>
				layers.forEach((heads, layer) =>
					heads.forEach(({ row, oldest }, head) => {
						const whole = expected.attention[layer]![head]![position]!;
						expect(largestDifference(row, whole.slice(oldest))).toBeLessThan(1e-5);
						expect(whole.slice(0, oldest).every((weight) => weight === 0)).toBe(true);
					})
				)
			);
		});

		it('in the norms of the residual stream', async () => {
			const { residualNorms } = await runAll(await model, expected.tokens, 'f64');
			residualNorms.forEach((norms, position) => {
				const row = expected.residualNorms.map((layer) => layer[position]!);
				expect(largestDifference(norms, row)).toBeLessThan(1e-4);
			});
		});
	});

	describe.each(FAMILY_NAMES)('on a model of the family %s', (name) => {
		const fixture = familyFixture(name);

		it.each(['f64', 'f32'] as const)(
			'in logits, attention and residuals, in %s',
			async (precision) => {
				const { expected, ...model } = await fixture;
				const { logits, attention, residualNorms } = await runAll(
					model,
					expected.tokens,
					precision
				);
				logits.slice(-expected.logits.length).forEach((row, i) => {
					expect(largestDifference(row, expected.logits[i]!)).toBeLessThan(1e-4);
				});
				for (const { query, weights } of expected.attention) {
					attention[query]!.forEach((heads, layer) =>
						heads.forEach(({ row, oldest }, head) => {
							const whole = weights[layer]![head]!;
							expect(largestDifference(row, whole.slice(oldest))).toBeLessThan(1e-5);
							expect(whole.slice(0, oldest).every((weight) => weight === 0)).toBe(true);
						})
					);
				}
				residualNorms.forEach((norms, position) => {
					const row = expected.residualNorms.map((layer) => layer[position]!);
					expect(largestDifference(norms, row)).toBeLessThan(1e-4);
				});
			}
		);

		it.each(['f64', 'f32'] as const)('in 256 greedy tokens, in %s', async (precision) => {
			const { expected, ...model } = await fixture;
			const { greedy: following, tokens } = expected;
			expect(following).toHaveLength(256);
			expect(await greedy(model, tokens, 256, precision)).toStrictEqual(following);
		});
	});

	it('whose matrices f16 holds exactly, so that engines with f16 weights can be held to it too', async () => {
		for (const { weights } of await familyFixtures()) {
			const { query, key, value, output, gate, up, down } = weights.layers[0]!;
			const linears = [query, key, value, output, gate, up, down].map((part) => part?.weight);
			for (const matrix of [weights.embedding, weights.head, weights.positions, ...linears]) {
				if (!matrix) continue;
				const exact = Float32Array.from(await matrix.halves(), halfToFloat);
				expect(await matrix.floats()).toStrictEqual(exact);
			}
		}
	});

	it('where every family is one that nothing else could be mistaken for', async () => {
		const configs = await Promise.all(
			FAMILY_NAMES.map(async (name) => {
				const { config } = await familyFixture(name);
				return JSON.stringify({ ...config, family: '' });
			})
		);
		expect(new Set(configs).size).toBe(FAMILY_NAMES.length);
	});

	it('on the shipped model', async () => {
		const expected = readJson(`${FIXTURE_FOLDER}/shipped.json`) as ShippedExpectation;
		const { logits, attention, residualNorms } = await runAll(
			await modelIn(SHIPPED_FOLDER),
			expected.tokens,
			'f64'
		);
		logits.slice(-4).forEach((row, i) => {
			expect(largestDifference(row, expected.logits[i]!)).toBeLessThan(2e-4);
		});
		attention.at(-1)!.forEach((heads, layer) =>
			heads.forEach(({ row }, head) => {
				expect(largestDifference(row, expected.attention[layer]![head]!)).toBeLessThan(2e-5);
			})
		);
		expect(largestDifference(residualNorms.at(-1)!, expected.residualNorms)).toBeLessThan(1e-3);
	});
});
