import { describe, expect, it } from 'vitest';
import { createForwardPass, type Precision } from '../../../src/lib/model/reference/forwardPass';
import { LAYER_BLOCK, createFrameSlab, frameLayout } from '../../../src/lib/model/tokenFrame';
import { frameWords } from '../../../src/lib/model/writeFrame';
import {
	FIXTURE_FOLDER,
	SHIPPED_FOLDER,
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

function runAll({ config, weights }: Model, tokens: number[], precision: Precision): Run {
	const run: Run = { logits: [], attention: [], residualNorms: [] };
	const rows: Run['attention'][number] = [];
	const pass = createForwardPass(config, weights, precision, (layer, _head, row, oldest) => {
		(rows[layer] ??= []).push({ row: [...row], oldest });
	});
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

function largestDifference(a: readonly number[], b: readonly number[]): number {
	expect(a.length).toBe(b.length);
	return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('the reference forward pass agrees with PyTorch', () => {
	describe.each(['tiny', 'tiny-f32', 'tiny-bf16'])('on the fixture %s', (name) => {
		const model = modelIn(`${FIXTURE_FOLDER}/${name}`);
		const expected = readJson(`${FIXTURE_FOLDER}/${name}/expected.json`) as TinyExpectation;

		it.each(['f64', 'f32'] as const)('in logits at every position, in %s', (precision) => {
			expect(expected.tokens.length).toBeGreaterThan(model.config.slidingWindow + 8);
			const { logits } = runAll(model, expected.tokens, precision);
			logits.forEach((row, position) => {
				expect(largestDifference(row, expected.logits[position]!)).toBeLessThan(1e-4);
			});
		});

		it('in every attention row, beyond the window too', () => {
			const { attention } = runAll(model, expected.tokens, 'f64');
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

		it('in the norms of the residual stream', () => {
			const { residualNorms } = runAll(model, expected.tokens, 'f64');
			residualNorms.forEach((norms, position) => {
				const row = expected.residualNorms.map((layer) => layer[position]!);
				expect(largestDifference(norms, row)).toBeLessThan(1e-4);
			});
		});
	});

	it('on the shipped model', () => {
		const expected = readJson(`${FIXTURE_FOLDER}/shipped.json`) as ShippedExpectation;
		const { logits, attention, residualNorms } = runAll(
			modelIn(SHIPPED_FOLDER),
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
