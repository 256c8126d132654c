/**
 * Asks a decoder a question whose answer is known. Drivers have returned nonsense without an error before, so an engine
 * plays only after this; the same call measures how fast it is. Where no answer was stored, the TypeScript engine gives
 * one, or it is only seen whether the engine's own makes sense.
 */
import type { Decoder } from './decoder';
import type { SelfTestExpectation } from './modelDescription';
import { unconstrained } from './sampling';
import { TokenFrame } from './tokenFrame';

export interface SelfTestResult {
	passed: boolean;
	/** what differed, as a sentence; empty when passed */
	message: string;
	/** while generating after the prompt */
	tokensPerSecond: number;
}

/** An answer that was computed and not stored: the engines round weights differently. */
export interface ComputedExpectation extends SelfTestExpectation {
	/** logits closer than this may come in either order */
	readonly tolerance: number;
}

/** The same, where an answer was stored by an engine that rounds as ours do. */
const STORED_TOLERANCE = 1e-3;
const COMPUTED_TOLERANCE = 0.05;

/** Places of the ranking that are compared. */
const COMPARED = 5;

const TIMED_TOKENS = 32;
const TOKENS_PER_CALL = 8;
const PROMPT_LENGTH = 8;

/**
 * Runs the test on a decoder and leaves it empty. Without an expectation, the answer has to make sense and no more.
 * Throws what the decoder throws.
 */
export async function selfTest(
	decoder: Decoder,
	expected: SelfTestExpectation | ComputedExpectation | null
): Promise<SelfTestResult> {
	const { vocabularySize } = decoder.config;
	const prompt = expected?.tokens ?? promptFor(vocabularySize);
	const answer = await answerTo(decoder, prompt);
	const room = decoder.capabilities.longestSequence - decoder.length;
	const timed = Math.min(TIMED_TOKENS, room);
	const began = performance.now();
	for (let left = timed; left > 0; left -= TOKENS_PER_CALL) {
		await generate(decoder, Math.min(left, TOKENS_PER_CALL));
	}
	const tokensPerSecond = (timed * 1000) / (performance.now() - began);
	decoder.truncate(0);
	const message = expected ? difference(answer, expected) : nonsense(answer, vocabularySize);
	return { passed: message === '', message, tokensPerSecond };
}

/** What `decoder`, which is trusted, answers to a prompt of its own: the expectation for other engines. Leaves it empty. */
export async function computeExpectation(decoder: Decoder): Promise<ComputedExpectation> {
	const tokens = promptFor(decoder.config.vocabularySize);
	const { alternatives } = await answerTo(decoder, tokens);
	decoder.truncate(0);
	return {
		tokens,
		top5: alternatives.map(({ token }) => token),
		/** less the same constant each, which no difference of logits shows */
		logits: alternatives.map(({ probability }) => Math.log(probability)),
		tolerance: COMPUTED_TOLERANCE
	};
}

async function answerTo(decoder: Decoder, prompt: readonly number[]): Promise<TokenFrame> {
	decoder.truncate(0);
	await decoder.prefill(prompt);
	return generate(decoder, 1);
}

/** Generates freely and returns the first frame. */
async function generate(decoder: Decoder, count: number): Promise<TokenFrame> {
	const sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };
	const constraint = unconstrained(decoder.config.vocabularySize);
	return new TokenFrame(await decoder.generate(count, sampling, constraint), 0);
}

/** Tokens from all over the vocabulary: the golden section spreads them. */
function promptFor(vocabularySize: number): number[] {
	return Array.from({ length: PROMPT_LENGTH }, (_, i) =>
		Math.floor(((i * 0.6180339887) % 1) * vocabularySize)
	);
}

/** What is wrong with the ranking of an answer, or nothing. */
function difference(
	{ alternatives }: TokenFrame,
	expected: SelfTestExpectation | ComputedExpectation
): string {
	const { top5: tokens, logits } = expected;
	const tolerance = 'tolerance' in expected ? expected.tolerance : STORED_TOLERANCE;
	const compared = Math.min(COMPARED, tokens.length);
	const found = alternatives.slice(0, compared).map(({ token }) => token);
	const isRight = (token: number, place: number) => {
		const expectedPlace = tokens.indexOf(token);
		if (expectedPlace < 0) return false;
		return Math.abs(logits[expectedPlace]! - logits[place]!) < tolerance;
	};
	if (new Set(found).size === compared && found.every(isRight)) return '';
	return `after the self-test's prompt the most probable tokens should be ${tokens.slice(0, compared).join(', ')}, and came out as ${found.join(', ')}.`;
}

/** What shows that an answer can't be right whatever the model, or nothing. Zeros everywhere are the commonest mistake. */
function nonsense({ alternatives, entropy }: TokenFrame, vocabularySize: number): string {
	const probabilities = alternatives.map(({ probability }) => probability);
	const total = probabilities.reduce((sum, probability) => sum + probability, 0);
	const finite = [entropy, ...probabilities].every(Number.isFinite);
	if (!finite || total > 1.001) return 'the probabilities of the next token are no numbers.';
	if (entropy < 0 || entropy > Math.log(vocabularySize) - 1e-3) {
		return 'every next token comes out as equally probable.';
	}
	return '';
}
