import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampling } from '../../../src/lib/model/decoder';
import {
	EXCLUDED,
	createDistribution,
	describeDistribution,
	gumbelNoise,
	requireSampling,
	sampleToken,
	selectLargest,
	unconstrained
} from '../../../src/lib/model/sampling';
import { NONE, TOP } from '../../../src/lib/model/tokenFrame';
import {
	admittedTokens,
	advance,
	copyState,
	initialState
} from '../../../src/lib/model/tokenGrammar';
import { GRAMMAR } from '../../../src/lib/music/grammar';

const PLAIN: Sampling = { temperature: 1, topP: 1, minP: 0, seed: 1 };
const seeds = fc.integer({ min: 0, max: 0xffffffff });
const settings = fc.record({
	temperature: fc.double({ min: 0.05, max: 4, noNaN: true }),
	topP: fc.double({ min: 0, max: 1, noNaN: true }),
	minP: fc.double({ min: 0, max: 1, noNaN: true }),
	seed: seeds
});
/** Logits with the precision of f32, as they come from a model: different ones stay different when divided. */
const logitsOf = (size: number) =>
	fc
		.array(fc.float({ min: -15, max: 15, noNaN: true }), { minLength: size, maxLength: size })
		.map((values) => Float64Array.from(values));

/** Softmax, by the definition. */
function softmax(logits: ArrayLike<number>): number[] {
	const weights = Array.from(logits, (logit) => Math.exp(logit));
	const sum = weights.reduce((a, b) => a + b);
	return weights.map((weight) => weight / sum);
}

describe('sampling', () => {
	it('never leaves the grammar, and never takes an excluded token while another is free', () => {
		const walk = fc.array(fc.nat(1000), { maxLength: 60 });
		const bias = fc
			.array(fc.boolean(), { minLength: 334, maxLength: 334 })
			.map((row) => Float32Array.from(row, (excluded) => (excluded ? EXCLUDED : 0)));
		fc.assert(
			fc.property(walk, bias, logitsOf(334), settings, (choices, row, logits, sampling) => {
				const state = initialState(GRAMMAR);
				for (const choice of choices) {
					const tokens = admittedTokens(GRAMMAR, state);
					advance(GRAMMAR, state, tokens[choice % tokens.length]!);
				}
				const whole = new Float32Array(GRAMMAR.scopeCount * 334);
				whole.set(row, GRAMMAR.stateScope[state.state]! * 334);
				const constraint = { grammar: GRAMMAR, bias: whole };
				const token = sampleToken(logits, choices.length, sampling, constraint, state);
				const admitted = admittedTokens(GRAMMAR, state);
				expect(admitted).toContain(token);
				const free = admitted.filter((other) => row[other]! > EXCLUDED);
				if (free.length > 0) expect(free).toContain(token);
			}),
			{ numRuns: 150 }
		);
	});

	it('keeps the smallest set of tokens that holds the mass topP', () => {
		fc.assert(
			fc.property(logitsOf(20), settings, (logits, sampling) => {
				const { bias, grammar, state } = unconstrained(20);
				const p = softmax(Array.from(logits, (logit) => logit / sampling.temperature));
				const token = sampleToken(logits, 3, { ...sampling, minP: 0 }, { bias, grammar }, state);
				const before = p.reduce((sum, q, i) => (logits[i]! > logits[token]! ? sum + q : sum), 0);
				expect(before).toBeLessThanOrEqual(sampling.topP + 1e-9);
			})
		);
	});

	it('drops tokens below the share minP of the best', () => {
		fc.assert(
			fc.property(logitsOf(20), settings, (logits, sampling) => {
				const { bias, grammar, state } = unconstrained(20);
				const p = softmax(Array.from(logits, (logit) => logit / sampling.temperature));
				const token = sampleToken(logits, 3, { ...sampling, topP: 1 }, { bias, grammar }, state);
				expect(p[token]!).toBeGreaterThanOrEqual(sampling.minP * Math.max(...p) * (1 - 1e-9));
			})
		);
	});

	it.each([
		['topP is 0', { topP: 0 }],
		['topK is 1', { topK: 1 }],
		['minP is 1', { minP: 1 }]
	])('takes the best token or one of its equals when %s', (_, setting) => {
		const { bias, grammar, state } = unconstrained(4);
		const logits = Float64Array.of(1, 3, 3, 2);
		const found = new Set<number>();
		for (let seed = 0; seed < 50; seed++) {
			const sampling = { ...PLAIN, ...setting, seed };
			found.add(sampleToken(logits, 0, sampling, { bias, grammar }, state));
		}
		expect([...found].sort()).toStrictEqual([1, 2]);
	});

	it('takes one of the k best, and every one of them sooner or later', () => {
		const { bias, grammar, state } = unconstrained(12);
		const logits = Float64Array.of(0.1, 0.3, 0.2, 0.9, 0.5, 0.8, 0.4, 0.6, 0.7, 0, -1, -2);
		const best = [3, 5, 8, 7];
		const found = new Set<number>();
		for (let position = 0; position < 300; position++) {
			found.add(sampleToken(logits, position, { ...PLAIN, topK: 4 }, { bias, grammar }, state));
		}
		expect([...found].sort()).toStrictEqual([...best].sort());
	});

	it('counts the mass topP among what topK kept', () => {
		const { bias, grammar, state } = unconstrained(4);
		const logits = Float64Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
		/** of the two best, the first holds 0.57: enough for 0.5, not enough for 0.6 */
		const tokensAt = (topP: number) => {
			const found = new Set<number>();
			for (let seed = 0; seed < 200; seed++) {
				const sampling = { ...PLAIN, topK: 2, topP, seed };
				found.add(sampleToken(logits, 0, sampling, { bias, grammar }, state));
			}
			return [...found].sort();
		};
		expect(tokensAt(0.5)).toStrictEqual([0]);
		expect(tokensAt(0.6)).toStrictEqual([0, 1]);
	});

	it('divides positive logits of repeated tokens by the penalty, and multiplies negative ones', () => {
		const { bias, grammar, state } = unconstrained(3);
		const greedy = { ...PLAIN, topK: 1, repetitionPenalty: 2 };
		const choose = (logits: number[], recent: number[]) =>
			sampleToken(
				Float64Array.from(logits),
				0,
				greedy,
				{ bias, grammar },
				state,
				undefined,
				recent
			);
		expect(choose([3, 2, 1], [])).toBe(0);
		expect(choose([3, 2, 1], [0])).toBe(1);
		expect(choose([3, 1, 1], [0])).toBe(0);
		expect(choose([-2, -3, -5], [0])).toBe(1);
		expect(choose([-2, -5, -5], [0])).toBe(0);
	});

	it('depends on seed, position and token alone', () => {
		fc.assert(
			fc.property(logitsOf(30), settings, fc.nat(1e6), (logits, sampling, position) => {
				const constraint = unconstrained(30);
				const once = sampleToken(logits, position, sampling, constraint, constraint.state);
				const state = copyState(constraint.state);
				expect(sampleToken(logits, position, sampling, constraint, state)).toBe(once);
			})
		);
	});

	it.each([
		['as the model says', 1],
		['sharper', 0.6],
		['flatter', 1.8]
	])('follows the softmax of the logits: %s (chi-square over 30,000 draws)', (_, temperature) => {
		const logits = Float64Array.of(0, 1, -1, 2, 0.5, -0.5, 1.5, -2);
		const constraint = unconstrained(8);
		const bias = Float32Array.of(0, 0, 0.7, 0, -0.4, 0, 0, 0);
		const p = softmax(Array.from(logits, (logit, i) => logit / temperature + bias[i]!));
		const draws = 30_000;
		const counts = new Array<number>(8).fill(0);
		for (let position = 0; position < draws; position++) {
			const sampling = { ...PLAIN, temperature, seed: 77 };
			const token = sampleToken(
				logits,
				position,
				sampling,
				{ ...constraint, bias },
				constraint.state
			);
			counts[token] = counts[token]! + 1;
		}
		const chiSquare = counts.reduce(
			(sum, count, i) => sum + (count - draws * p[i]!) ** 2 / (draws * p[i]!),
			0
		);
		/** 99.9 % of the distribution with 7 degrees of freedom */
		expect(chiSquare).toBeLessThan(24.3);
	});

	it('draws noise that is finite and independent between neighbours', () => {
		fc.assert(
			fc.property(seeds, fc.nat(), fc.nat(4000), (seed, position, token) => {
				expect(Number.isFinite(gumbelNoise(seed, position, token))).toBe(true);
			})
		);
		const draws = Array.from({ length: 20_000 }, (_, i) => gumbelNoise(5, i, 9));
		const mean = draws.reduce((a, b) => a + b) / draws.length;
		const lagged = draws.slice(1).map((x, i) => (x - mean) * (draws[i]! - mean));
		/** Euler's constant, and no correlation, within four standard errors */
		expect(Math.abs(mean - 0.5772)).toBeLessThan(0.037);
		expect(Math.abs(lagged.reduce((a, b) => a + b) / lagged.length)).toBeLessThan(0.047);
	});

	it('is warmer or colder where the grammar stands as its state says', () => {
		fc.assert(
			fc.property(logitsOf(334), settings, seeds, (logits, sampling, seed) => {
				const state = initialState(GRAMMAR);
				for (const token of [0, 1, 11, 17, 25, 52, 64]) {
					const bias = new Float32Array(GRAMMAR.scopeCount * 334);
					const stateTemperature = new Float32Array(GRAMMAR.stateCount).fill(3);
					stateTemperature[state.state] = 0.5;
					const constraint = { grammar: GRAMMAR, bias, stateTemperature };
					const found = sampleToken(logits, seed, sampling, constraint, state);
					const colder = { ...sampling, temperature: sampling.temperature / 2 };
					expect(found).toBe(sampleToken(logits, seed, colder, { grammar: GRAMMAR, bias }, state));
					advance(GRAMMAR, state, token);
				}
			})
		);
	});

	it('says so when the grammar leads nowhere', () => {
		const { bias, grammar, state } = unconstrained(3);
		const dead = { grammar: { ...grammar, next: Uint8Array.of(255) }, bias };
		expect(() => sampleToken(new Float64Array(3), 0, PLAIN, dead, state)).toThrow(
			/admits no token/
		);
	});

	it.each([
		['temperature', { temperature: 0 }],
		['temperature', { temperature: NaN }],
		['topP', { topP: 1.1 }],
		['minP', { minP: -0.1 }],
		['seed', { seed: 2 ** 32 }]
	])('refuses a wrong %s', (name, wrong) => {
		const check = () => requireSampling({ ...PLAIN, ...wrong }, unconstrained(5), 5);
		expect(check).toThrow(RangeError);
		expect(check).toThrow(name);
	});

	it('refuses a constraint that belongs to another model or grammar', () => {
		const open = unconstrained(5);
		expect(() => requireSampling(PLAIN, open, 6)).toThrow(/different languages/);
		const bias = new Float32Array(4);
		expect(() => requireSampling(PLAIN, { ...open, bias }, 5)).toThrow(/bias has 4/);
		const state = { state: 3, registers: new Int16Array(0) };
		expect(() => requireSampling(PLAIN, { ...open, state }, 5)).toThrow(/does not belong/);
		for (const wrong of [[], [0], [NaN], [Infinity], [1, 1]]) {
			const stateTemperature = Float32Array.from(wrong);
			expect(() => requireSampling(PLAIN, { ...open, stateTemperature }, 5)).toThrow(
				/temperatures by state must be 1/
			);
		}
	});
});

describe('the description of a distribution', () => {
	it('has the entropy, normaliser and best tokens of the softmax', () => {
		fc.assert(
			fc.property(logitsOf(25), (logits) => {
				const found = createDistribution();
				describeDistribution(logits, found);
				const p = softmax(logits);
				const entropy = -p.reduce((sum, q) => sum + (q > 0 ? q * Math.log(q) : 0), 0);
				expect(found.entropy).toBeCloseTo(entropy, 8);
				const ranked = p.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b);
				expect([...found.topTokens]).toStrictEqual(ranked.slice(0, TOP));
				found.topTokens.forEach((token, i) => {
					expect(found.topProbabilities[i]).toBeCloseTo(p[token]!, 10);
				});
			})
		);
	});

	it('has fewer alternatives than usual where the vocabulary is smaller', () => {
		const indices = new Uint32Array(TOP);
		expect(selectLargest(Float64Array.of(1, 3, 2), 3, indices)).toBe(3);
		expect([...indices]).toStrictEqual([1, 2, 0, NONE, NONE, NONE, NONE, NONE]);
	});
});
