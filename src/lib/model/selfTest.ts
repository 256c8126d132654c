/**
 * Asks a decoder a question whose answer is known. Drivers have returned nonsense without an error before, so an engine
 * plays only after this; the same call measures how fast it is.
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

/** Logits closer than this may come in either order. */
const NEAR_TIE = 1e-3;

const TIMED_TOKENS = 32;
const TOKENS_PER_CALL = 8;

/** Runs the test on a decoder and leaves it empty. Throws what the decoder throws. */
export async function selfTest(
	decoder: Decoder,
	{ tokens, top5, logits }: SelfTestExpectation
): Promise<SelfTestResult> {
	const constraint = unconstrained(decoder.config.vocabularySize);
	const sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };
	decoder.truncate(0);
	await decoder.prefill(tokens);
	const answer = new TokenFrame(await decoder.generate(1, sampling, constraint), 0);
	const found = answer.alternatives.slice(0, top5.length).map(({ token }) => token);

	const began = performance.now();
	for (let i = 0; i < TIMED_TOKENS; i += TOKENS_PER_CALL) {
		await decoder.generate(TOKENS_PER_CALL, sampling, constraint);
	}
	const tokensPerSecond = (TIMED_TOKENS * 1000) / (performance.now() - began);
	decoder.truncate(0);

	const passed = isSameRanking(found, top5, logits);
	const message = passed
		? ''
		: `after the self-test's prompt the most probable tokens should be ${top5.join(', ')}, and came out as ${found.join(', ')}.`;
	return { passed, message, tokensPerSecond };
}

/** Each place holds the expected token, or one whose logit lies so near that rounding decides. */
function isSameRanking(
	found: readonly number[],
	expected: readonly number[],
	logits: readonly number[]
): boolean {
	if (new Set(found).size !== expected.length) return false;
	return found.every((token, place) => {
		const expectedPlace = expected.indexOf(token);
		if (expectedPlace < 0) return false;
		return Math.abs(logits[expectedPlace]! - logits[place]!) < NEAR_TIE;
	});
}
