/**
 * The one definition of how a token is chosen; the WGSL engine computes the same in f32.
 *
 *     l       = logits, those of repeated tokens divided by the penalty when positive, multiplied when not
 *     z       = l / (temperature × stateTemperature[state]) + bias[scope]      over the tokens that the grammar admits
 *     p       = exp(z - max z)
 *     listed  = { t : fewer than topK tokens have a greater z }
 *     kept    = { t in listed : p[t] ≥ minP, and the mass of greater z is < topP × the mass of the listed }
 *     chosen  = argmax over kept of z[t] + noise(seed, position, t)
 *
 * The penalty is that of Keskar et al. 2019 (CTRL), section 4.1. Tokens of equal z stay or go together. A bias ≤ EXCLUDED
 * takes its token out; where that would leave nothing, the bias is ignored for this choice. The noise is Gumbel's, so the
 * argmax is a sample of softmax(z) (Gumbel 1954); it comes from a hash of a counter, so a choice depends on nothing that
 * happened before. A tie in the argmax goes to the lower id.
 */
import type { Constraint, Sampling } from './decoder';
import { NONE, TOP } from './tokenFrame';
import { admits, advance, copyState, type GrammarState, type TokenGrammar } from './tokenGrammar';

/** A bias at or below this excludes its token. */
export const EXCLUDED = -1e4;

/** Tokens back that count as repeated, where a sampling does not say. */
export const REPETITION_WINDOW = 64;

/** The most tokens back that may count as repeated: every decoder remembers that many. */
export const LARGEST_REPETITION_WINDOW = 512;

/** The most registers a grammar may have: the sampling kernel has room for these. */
export const LARGEST_REGISTER_COUNT = 8;

/** Values by token; f32 and f64 alike. */
export type Logits = Float32Array | Float64Array;

/** The model's own next-token distribution: temperature 1, before grammar, bias and truncation. */
export interface Distribution {
	/** ln Σ exp(logits): a token's log-probability is its logit less this */
	logNormalizer: number;
	/** nats */
	entropy: number;
	/** best first; NONE where the vocabulary has fewer than TOP */
	topTokens: Uint32Array;
	topProbabilities: Float64Array;
}

/** A Distribution to fill, so that none is allocated for every token. */
export function createDistribution(): Distribution {
	return {
		logNormalizer: 0,
		entropy: 0,
		topTokens: new Uint32Array(TOP).fill(NONE),
		topProbabilities: new Float64Array(TOP)
	};
}

/** Describes `logits` [vocabulary] in `into`. */
export function describeDistribution(logits: Logits, into: Distribution): void {
	const { topTokens, topProbabilities } = into;
	const found = selectLargest(logits, logits.length, topTokens);
	const largest = logits[topTokens[0]!]!;
	let sum = 0;
	let weighted = 0;
	for (let token = 0; token < logits.length; token++) {
		const below = logits[token]! - largest;
		const weight = Math.exp(below);
		sum += weight;
		weighted += weight * below;
	}
	into.logNormalizer = largest + Math.log(sum);
	into.entropy = Math.log(sum) - weighted / sum;
	for (let i = 0; i < TOP; i++) {
		topProbabilities[i] = i < found ? Math.exp(logits[topTokens[i]!]! - into.logNormalizer) : 0;
	}
}

/**
 * Writes the indices of the largest of the first `count` values into `indices` [TOP], largest first, equals in order of
 * index, and NONE behind them. Returns how many there are.
 */
export function selectLargest(values: Logits, count: number, indices: Uint32Array): number {
	let found = 0;
	let threshold = -Infinity;
	for (let i = 0; i < count; i++) {
		const value = values[i]!;
		if (found === TOP && value <= threshold) continue;
		let at = found < TOP ? found++ : TOP - 1;
		for (; at > 0 && values[indices[at - 1]!]! < value; at--) indices[at] = indices[at - 1]!;
		indices[at] = i;
		if (found === TOP) threshold = values[indices[TOP - 1]!]!;
	}
	indices.fill(NONE, found);
	return found;
}

/** PCG-RXS-M-XS as a hash of 32 bits: Jarzynski and Olano 2020, "Hash Functions for GPU Rendering". */
export function hash(value: number): number {
	const state = (Math.imul(value, 747796405) + 2891336453) >>> 0;
	const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
	return ((word >>> 22) ^ word) >>> 0;
}

/**
 * Gumbel noise, -ln(-ln u), of a token at a position. u has 23 bits and lies in the middle of its step, so that it is
 * exact in f32 and never 0 or 1.
 */
export function gumbelNoise(seed: number, position: number, token: number): number {
	const bits = hash((token + hash((position + hash(seed)) >>> 0)) >>> 0);
	const uniform = ((bits >>> 9) + 0.5) / 2 ** 23;
	return -Math.log(-Math.log(uniform));
}

/** Memory that a sampler works in, so that none is allocated for every token. */
export interface SamplerMemory {
	readonly z: Float64Array;
	readonly probability: Float64Array;
	/** admitted tokens, ascending */
	readonly admitted: Uint32Array;
}

export function createSamplerMemory(vocabularySize: number): SamplerMemory {
	return {
		z: new Float64Array(vocabularySize),
		probability: new Float64Array(vocabularySize),
		admitted: new Uint32Array(vocabularySize)
	};
}

/**
 * Chooses the token at `position` from `logits` [vocabulary], with the grammar in `state`. `recent` are the tokens among
 * which a repetition is penalised. Throws a RangeError when the grammar admits no token at all.
 */
export function sampleToken(
	logits: Logits,
	position: number,
	sampling: Sampling,
	{ grammar, bias, stateTemperature }: Pick<Constraint, 'grammar' | 'bias' | 'stateTemperature'>,
	state: GrammarState,
	memory = createSamplerMemory(logits.length),
	recent: Iterable<number> = []
): number {
	const { z, probability, admitted } = memory;
	const { topK = 0, topP, minP, repetitionPenalty = 1, seed } = sampling;
	const temperature = sampling.temperature * (stateTemperature?.[state.state] ?? 1);
	const biasRow = grammar.stateScope[state.state]! * logits.length;
	const count = admittedUnder(grammar, state, bias, biasRow, admitted);
	const biased = bias[biasRow + admitted[0]!]! > EXCLUDED;
	const repeated = new Set(repetitionPenalty === 1 ? [] : recent);

	let largest = -Infinity;
	for (let i = 0; i < count; i++) {
		const token = admitted[i]!;
		let logit = logits[token]!;
		if (repeated.has(token)) {
			logit = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
		}
		z[token] = logit / temperature + (biased ? bias[biasRow + token]! : 0);
		largest = Math.max(largest, z[token]!);
	}
	const lowest = topK > 0 && topK < count ? kthLargest(z, admitted, count, topK) : -Infinity;
	let sum = 0;
	for (let i = 0; i < count; i++) {
		const token = admitted[i]!;
		probability[token] = Math.exp(z[token]! - largest);
		if (z[token]! >= lowest) sum += probability[token]!;
	}

	let chosen = NONE;
	let best = -Infinity;
	for (let i = 0; i < count; i++) {
		const token = admitted[i]!;
		if (z[token]! < lowest || probability[token]! < minP) continue;
		const score = z[token]! + gumbelNoise(seed, position, token);
		if (score <= best) continue;
		/** asked last, since few tokens get here and the answer costs a pass over all */
		if (topP < 1 && z[token]! < largest) {
			if (massAbove(z[token]!, z, probability, admitted, count) >= topP * sum) continue;
		}
		best = score;
		chosen = token;
	}
	return chosen;
}

/** The k-th largest z of the admitted tokens, 1 ≤ k ≤ count. */
function kthLargest(z: Float64Array, admitted: Uint32Array, count: number, k: number): number {
	const sorted = Float64Array.from({ length: count }, (_, i) => z[admitted[i]!]!).sort();
	return sorted[count - k]!;
}

/** Collects the tokens that may be chosen and returns their number; all of them are excluded by the bias, or none. */
function admittedUnder(
	grammar: TokenGrammar,
	state: GrammarState,
	bias: Float32Array,
	biasRow: number,
	admitted: Uint32Array
): number {
	let all = 0;
	let unbiased = 0;
	for (let token = 0; token < grammar.vocabularySize; token++) {
		if (!admits(grammar, state, token)) continue;
		const excluded = bias[biasRow + token]! <= EXCLUDED;
		if (!excluded && unbiased++ === 0) all = 0;
		if (excluded && unbiased > 0) continue;
		admitted[all++] = token;
	}
	if (all === 0) {
		throw new RangeError(
			`The grammar admits no token in state ${state.state}, so the sequence can't go on. This is a mistake in the grammar.`
		);
	}
	return all;
}

/** Unnormalised mass of the tokens with a greater z. */
function massAbove(
	least: number,
	z: Float64Array,
	probability: Float64Array,
	admitted: Uint32Array,
	count: number
): number {
	let mass = 0;
	for (let i = 0; i < count; i++) {
		const token = admitted[i]!;
		if (z[token]! > least) mass += probability[token]!;
	}
	return mass;
}

/**
 * Throws a RangeError when a sampling or a constraint can't be used with `vocabularySize` tokens, or when the grammar does
 * not admit a forced token.
 */
export function requireSampling(
	sampling: Sampling,
	{ grammar, state, bias, stateTemperature, forced = [] }: Constraint,
	vocabularySize: number
): void {
	const { temperature, topK = 0, topP, minP, seed } = sampling;
	const { repetitionPenalty = 1, repetitionWindow = REPETITION_WINDOW } = sampling;
	if (!(temperature > 0 && temperature < Infinity)) {
		throw new RangeError(`The temperature is ${temperature}; it must be above 0.`);
	}
	if (!(topP >= 0 && topP <= 1)) throw new RangeError(`topP is ${topP}; it must be 0 to 1.`);
	if (!(minP >= 0 && minP <= 1)) throw new RangeError(`minP is ${minP}; it must be 0 to 1.`);
	if (!(Number.isInteger(topK) && topK >= 0)) {
		throw new RangeError(`topK is ${topK}; it must be a whole number, 0 to keep all tokens.`);
	}
	if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity)) {
		throw new RangeError(`The repetition penalty is ${repetitionPenalty}; it must be above 0.`);
	}
	if (
		!(Number.isInteger(repetitionWindow) && repetitionWindow >= 0) ||
		repetitionWindow > LARGEST_REPETITION_WINDOW
	) {
		throw new RangeError(
			`The repetition window is ${repetitionWindow}; it must be 0 to ${LARGEST_REPETITION_WINDOW} tokens.`
		);
	}
	if (seed !== seed >>> 0) throw new RangeError(`The seed is ${seed}; it must be a 32-bit number.`);
	if (grammar.vocabularySize !== vocabularySize) {
		throw new RangeError(
			`The grammar has ${grammar.vocabularySize} tokens and the model ${vocabularySize}: they belong to different languages.`
		);
	}
	if (bias.length !== grammar.scopeCount * vocabularySize) {
		throw new RangeError(
			`The bias has ${bias.length} values; ${grammar.scopeCount} scopes of ${vocabularySize} tokens need ${grammar.scopeCount * vocabularySize}.`
		);
	}
	const isTemperature = (factor: number) => factor > 0 && factor < Infinity;
	if (
		stateTemperature &&
		!(stateTemperature.length === grammar.stateCount && stateTemperature.every(isTemperature))
	) {
		throw new RangeError(
			`The temperatures by state must be ${grammar.stateCount} numbers above 0, one for each state of the grammar.`
		);
	}
	if (
		grammar.registerCount > LARGEST_REGISTER_COUNT ||
		state.registers.length !== grammar.registerCount ||
		!(state.state >= 0 && state.state < grammar.stateCount)
	) {
		throw new RangeError('The grammar state does not belong to the grammar it came with.');
	}
	const reached = copyState(state);
	for (const token of forced) advance(grammar, reached, token);
}

/** A constraint that admits every token every time: one state, one class. */
export function unconstrained(vocabularySize: number): Constraint {
	return {
		grammar: {
			vocabularySize,
			stateCount: 1,
			classCount: 1,
			registerCount: 0,
			tokenClass: new Uint8Array(vocabularySize),
			tokenOrder: new Int16Array(vocabularySize),
			next: Uint8Array.of(0),
			classRegister: Int8Array.of(-1),
			classResets: Uint8Array.of(0),
			classNeedsRoom: Uint8Array.of(0),
			registerMax: new Int16Array(0),
			stateScope: Uint8Array.of(0),
			scopeCount: 1,
			startState: 0
		},
		state: { state: 0, registers: new Int16Array(0) },
		bias: new Float32Array(vocabularySize)
	};
}
