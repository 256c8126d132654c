import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { ModelConfig } from '../../src/lib/model/config';
import {
	EXCLUDED,
	createDistribution,
	describeDistribution,
	unconstrained
} from '../../src/lib/model/sampling';
import { NONE, TOP, frameLayout } from '../../src/lib/model/tokenFrame';
import {
	admittedTokens,
	admits,
	advance,
	copyState,
	initialState,
	type GrammarState
} from '../../src/lib/model/tokenGrammar';
import { GRAMMAR } from '../../src/lib/music/grammar';
import { SHIPPED_SHAPE, TINY, randomNumbers } from '../unit/model/randomModel';
import { PLAIN, endStep, expectedToken, type Ended, type EndingRun } from './endings';
import { POISON } from './kernelHarness';
import { testDevice } from './setup';

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

const end = (run: EndingRun): Promise<Ended> => endStep(gpu.device, run);

function randomLogits(seed: number, size = SHIPPED_SHAPE.vocabularySize) {
	const random = randomNumbers(seed);
	return Float32Array.from({ length: size }, () => 12 * random() - 6);
}

/** States that random walks through the grammar reach. */
function walkedStates(count: number): GrammarState[] {
	const random = randomNumbers(5);
	const states: GrammarState[] = [];
	const state = initialState(GRAMMAR);
	for (let i = 0; i < count * 7; i++) {
		if (i % 7 === 0) states.push(copyState(state));
		const tokens = admittedTokens(GRAMMAR, state);
		advance(GRAMMAR, state, tokens[Math.floor(random() * tokens.length)]!);
	}
	return states;
}

function expectDescribed({ frame, floats }: Ended, config: ModelConfig, logits: Float32Array) {
	const layout = frameLayout(config.layers, config.heads);
	const expected = createDistribution();
	describeDistribution(logits, expected);
	expect(floats[layout.entropy]).toBeCloseTo(expected.entropy, 4);
	const first = layout.alternativeTokens;
	expect([...frame.slice(first, first + TOP)]).toStrictEqual([...expected.topTokens]);
	expected.topProbabilities.forEach((probability, i) => {
		expect(floats[layout.alternativeProbabilities + i]).toBeCloseTo(probability, 5);
	});
	const token = frame[layout.token]!;
	const logProbability = logits[token]! - expected.logNormalizer;
	expect(floats[layout.logProbability]).toBeCloseTo(logProbability, 4);
}

describe.each(['narrow', 'wide'] as const)('a step ends, with %s reductions', (reduction) => {
	const layout = frameLayout(SHIPPED_SHAPE.layers, SHIPPED_SHAPE.heads);

	it('by taking a given token, and reports what the model thought of it', async () => {
		const logits = randomLogits(4);
		const recent = [5, 77, 5, 6];
		const found = await end({
			reduction,
			ending: 'take',
			logits,
			position: 41,
			forced: 77,
			recent
		});
		expect(found.token).toBe(77);
		expect([found.frame[layout.index], found.frame[layout.token]]).toStrictEqual([42, 77]);
		expectDescribed(found, SHIPPED_SHAPE, logits);
		const seen = new Uint32Array(334);
		seen.set([42, 39], 5);
		seen[77] = 43;
		expect(found.lastSeen).toStrictEqual(seen);
	});

	it('by a choice that agrees with the one definition in every kind of state, and moves the grammar', async () => {
		const random = randomNumbers(8);
		const settings = [
			{ temperature: 1, topP: 1, minP: 0 },
			{ temperature: 0.7, topP: 0.9, minP: 0, topK: 12 },
			{ temperature: 1.4, topP: 0.5, minP: 0.02, repetitionPenalty: 1.7 },
			{ temperature: 0.2, topP: 0, minP: 0.3 },
			{ temperature: 2, topP: 0.2, minP: 0, topK: 3, repetitionPenalty: 0.5 },
			{ temperature: 1e-40, topP: 1, minP: 0, topK: 1, repetitionPenalty: 3, repetitionWindow: 9 }
		];
		const temperatures = Float32Array.from(GRAMMAR.stateScope, () => 0.25 + 2 * random());
		for (const [i, state] of walkedStates(30).entries()) {
			const bias = Float32Array.from({ length: GRAMMAR.scopeCount * 334 }, () =>
				random() < 0.3 ? EXCLUDED : random() - 0.5
			);
			const run = {
				reduction,
				logits: randomLogits(100 + i),
				position: 1000 + i,
				sampling: { ...settings[i % settings.length]!, seed: i * 7919 },
				constraint: {
					grammar: GRAMMAR,
					state,
					bias,
					...(i % 3 > 0 && { stateTemperature: temperatures })
				},
				recent: Array.from({ length: 200 }, () => Math.floor(random() * 334))
			};
			const found = await end(run);
			const expected = expectedToken(run);
			expect(found.token, `state ${state.state}`).toBe(expected);
			expect(found.frame[layout.token]).toBe(expected);
			expect(found.frame[layout.index]).toBe(1001 + i);
			expectDescribed(found, SHIPPED_SHAPE, run.logits);
			expect(found.lastSeen[expected]).toBe(1002 + i);
			const moved = copyState(state);
			advance(GRAMMAR, moved, expected);
			expect(found.state).toStrictEqual(moved);
		}
	});

	it('by a given token in place of a choice, which moves the grammar just so', async () => {
		const state = walkedStates(3)[2]!;
		const forced = admittedTokens(GRAMMAR, state)[1]!;
		const bias = new Float32Array(GRAMMAR.scopeCount * 334).fill(EXCLUDED, forced, forced + 1);
		const constraint = { grammar: GRAMMAR, state, bias };
		const found = await end({ reduction, logits: randomLogits(6), forced, constraint });
		expect(found.token).toBe(forced);
		expectDescribed(found, SHIPPED_SHAPE, randomLogits(6));
		const moved = copyState(state);
		advance(GRAMMAR, moved, forced);
		expect(found.state).toStrictEqual(moved);
	});

	it('cuts exactly where top-k, min-p and top-p say, in distributions so flat that many tokens fall', async () => {
		const random = randomNumbers(31);
		for (let i = 0; i < 150; i++) {
			const sampling = {
				temperature: 6,
				topK: [0, 2, 30, 150][i % 4]!,
				topP: [1, 0.15, 0.5, 0.85, 1][i % 5]!,
				minP: [0, 0.4][Math.floor(i / 4) % 2]!,
				seed: i
			};
			const logits = Float32Array.from({ length: 334 }, () => 9 * random() - 3);
			const run = { reduction, logits, position: 7 * i, sampling };
			expect((await end(run)).token, JSON.stringify(sampling)).toBe(expectedToken(run));
		}
	});

	it('drops what is less probable than min-p says, and not what is as probable', async () => {
		/** e^-0.9 is 0.407 and e^-0.93 is 0.395 of the best */
		for (const [below, isKept] of [
			[0.9, true],
			[0.93, false]
		] as const) {
			const logits = Float32Array.from({ length: 334 }, (_, token) => (token % 2) * -below);
			const chosen = [];
			for (let seed = 0; seed < 16; seed++) {
				const run = { reduction, logits, sampling: { ...PLAIN, minP: 0.4, seed } };
				const { token } = await end(run);
				expect(token).toBe(expectedToken(run));
				chosen.push(token);
			}
			expect(chosen.some((token) => token % 2 === 1)).toBe(isKept);
		}
	});

	it('penalises the tokens of the repetition window, and none before it', async () => {
		for (let window = 0; window < 24; window++) {
			const logits = randomLogits(300 + window);
			/** the best tokens, the best of them furthest back */
			const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
			const recent = order.slice(0, 12).reverse();
			const sampling = { ...PLAIN, topK: 1, repetitionPenalty: 50, repetitionWindow: window };
			const run = { reduction, logits, position: 40, sampling, recent };
			const { token } = await end(run);
			expect(token, `${window} tokens`).toBe(window < 12 ? order[0] : order[12]);
			expect(token).toBe(expectedToken(run));
		}
	});

	it('keeps tokens of equal score together, whatever cuts between them', async () => {
		const random = randomNumbers(77);
		for (let i = 0; i < 24; i++) {
			/** coarse, so that many are equal, on both sides of zero, and exact in f32 */
			const logits = Float32Array.from({ length: 334 }, () => Math.floor(random() * 9) / 4 - 1);
			logits[i] = -0;
			const sampling = {
				temperature: 0.5,
				topP: [1, 0.6, 0.1][i % 3]!,
				minP: 0,
				topK: [0, 5, 60, 333, 334, 9999][i % 6]!,
				seed: i
			};
			const run = { reduction, logits, position: i, sampling };
			expect((await end(run)).token, JSON.stringify(sampling)).toBe(expectedToken(run));
		}
	});

	it('gives equals to the lower id', async () => {
		const logits = new Float32Array(334).fill(1.25);
		const bias = new Float32Array(334).fill(EXCLUDED, 0, 19);
		const constraint = { ...unconstrained(334), bias };
		const run = { reduction, logits, constraint, sampling: { ...PLAIN, topK: 1 } };
		const found = await end(run);
		expect(found.token).toBe(expectedToken(run));
		const first = layout.alternativeTokens;
		expect([...found.frame.slice(first, first + TOP)]).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7]);
	});

	it('ignores a bias that excludes everything the grammar admits', async () => {
		const state = initialState(GRAMMAR);
		const bias = new Float32Array(GRAMMAR.scopeCount * 334).fill(EXCLUDED);
		const constraint = { grammar: GRAMMAR, state, bias };
		const run = {
			reduction,
			logits: randomLogits(1),
			constraint,
			sampling: { ...PLAIN, topP: 0.9 }
		};
		const { token } = await end(run);
		expect(admits(GRAMMAR, state, token)).toBe(true);
		expect(token).toBe(expectedToken(run));
	});

	it('says so when the grammar admits nothing', async () => {
		const open = unconstrained(334);
		const constraint = { ...open, grammar: { ...open.grammar, next: Uint8Array.of(255) } };
		const sampling = { ...PLAIN, topK: 4, topP: 0.5 };
		const { token } = await end({ reduction, logits: randomLogits(1), constraint, sampling });
		expect(token).toBe(NONE);
	});

	it('writes index and token alone where nobody asks for frames', async () => {
		const run = { reduction, frames: false, logits: randomLogits(9), position: 6 };
		const { frame } = await end(run);
		const written = [...frame.entries()].filter(([, word]) => word !== POISON);
		expect(written).toStrictEqual([
			[layout.index, 7],
			[layout.token, expectedToken(run)]
		]);
	});

	it.each([5, 50_257])('with a vocabulary of %i', async (vocabularySize) => {
		const config = { ...TINY, vocabularySize };
		const logits = randomLogits(vocabularySize, vocabularySize);
		for (const [i, extra] of [
			{},
			{ topP: 0.9 },
			{ topK: 40, topP: 0.8, repetitionPenalty: 1.2 }
		].entries()) {
			const recent = [3, 1, vocabularySize - 1];
			const run = {
				reduction,
				config,
				logits,
				position: i,
				sampling: { ...PLAIN, ...extra },
				recent
			};
			const found = await end(run);
			expect(found.token).toBe(expectedToken(run));
			expectDescribed(found, config, logits);
		}
	});
});

it('a step draws every token as often as it should be drawn', async () => {
	/** 4 tokens; of those, top-p leaves 3, whose masses are as 5 : 3 : 2 */
	const logits = Float32Array.from([Math.log(5), Math.log(0.1), Math.log(2), Math.log(3)]);
	const config = { ...TINY, vocabularySize: 4 };
	const counts = [0, 0, 0, 0];
	for (let seed = 0; seed < 200; seed++) {
		const sampling = { ...PLAIN, topP: 0.95, seed };
		const { token } = await end({ reduction: 'narrow', config, logits, sampling });
		counts[token]!++;
	}
	expect(counts[1]).toBe(0);
	[100, 0, 40, 60].forEach((expected, token) => {
		expect(Math.abs(counts[token]! - expected)).toBeLessThan(21);
	});
});

it('a step ends with a vocabulary of 262,144', async () => {
	const config = { ...TINY, vocabularySize: 262_144 };
	const logits = randomLogits(2, 262_144);
	const sampling = { ...PLAIN, topK: 64, topP: 0.95, minP: 0.01 };
	const run = { reduction: 'narrow' as const, config, logits, sampling };
	const found = await end(run);
	expect(found.token).toBe(expectedToken(run));
	expectDescribed(found, config, logits);
});
