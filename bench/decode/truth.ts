/** What a model really says: greedy tokens and logits in f64, and how far an engine is from them. */
import {
	createCaches,
	createForwardPass,
	readFloatWeights
} from '../../src/lib/model/reference/forwardPass';
import { createFrameSlab } from '../../src/lib/model/tokenFrame';
import { frameWords } from '../../src/lib/model/writeFrame';
import { indexOfLargest, type Writing } from './engine';
import type { SizedModel } from './sizes';

export interface Truth {
	readonly vocabularySize: number;
	readonly prompt: readonly number[];
	/** greedy, after the prompt */
	readonly tokens: readonly number[];
	/** [tokens × vocabulary] the logits from which each was chosen */
	readonly logits: Float32Array<ArrayBuffer>;
}

export interface Agreement {
	/** tokens that are the reference's, up to the first that is not */
	readonly same: number;
	/** tokens compared */
	readonly compared: number;
	/** greatest difference of a logit, or of a log-probability where an engine shows only those; null where it shows none */
	readonly maxLogitDifference: number | null;
}

export async function computeTruth(
	{ config, weights }: SizedModel,
	prompt: readonly number[],
	count: number
): Promise<Truth> {
	const pass = createForwardPass(
		config,
		await readFloatWeights(weights),
		createCaches(config, 'f64'),
		'f64'
	);
	const frame = frameWords(createFrameSlab(config.layers, config.heads, 1), 0);
	const { vocabularySize } = config;
	const tokens: number[] = [];
	const logits = new Float32Array(count * vocabularySize);
	for (let position = 0; tokens.length < count; position++) {
		const token = prompt[position] ?? tokens[position - prompt.length]!;
		const values = pass.run(token, position, frame);
		if (position + 1 < prompt.length) continue;
		const row = logits.subarray(
			tokens.length * vocabularySize,
			(tokens.length + 1) * vocabularySize
		);
		row.set(values);
		tokens.push(indexOfLargest(row));
	}
	return { vocabularySize, prompt, tokens, logits };
}

/** Compares what an engine wrote after the same prompt, up to where it first chose another token. */
export function agreementWith(truth: Truth, { tokens, observations }: Writing): Agreement {
	const compared = Math.min(tokens.length, truth.tokens.length);
	let same = 0;
	while (same < compared && tokens[same] === truth.tokens[same]) same++;
	let largest: number | null = null;
	/** the token that differs was still predicted from the same context */
	const steps = Math.min(observations.length, compared, same + 1);
	for (let step = 0; step < steps; step++) {
		const { vocabularySize } = truth;
		const expected = truth.logits.subarray(step * vocabularySize, (step + 1) * vocabularySize);
		const observation = observations[step]!;
		if (observation.kind === 'logits') {
			for (let i = 0; i < vocabularySize; i++) {
				largest = Math.max(largest ?? 0, Math.abs(observation.logits[i]! - expected[i]!));
			}
		} else {
			const normalizer = logNormalizer(expected);
			observation.tokens.forEach((token, i) => {
				const difference = observation.logProbabilities[i]! - (expected[token]! - normalizer);
				largest = Math.max(largest ?? 0, Math.abs(difference));
			});
		}
	}
	return { same, compared, maxLogitDifference: largest };
}

function logNormalizer(logits: Float32Array): number {
	const largest = logits[indexOfLargest(logits)]!;
	let sum = 0;
	for (const logit of logits) sum += Math.exp(logit - largest);
	return largest + Math.log(sum);
}

/** A truth as bytes: a line of JSON, then the logits. */
export function encodeTruth({ logits, ...rest }: Truth): Uint8Array<ArrayBuffer> {
	const text = new TextEncoder().encode(`${JSON.stringify(rest)}\n`);
	const bytes = new Uint8Array(text.length + logits.byteLength);
	bytes.set(text);
	bytes.set(new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength), text.length);
	return bytes;
}

export function decodeTruth(bytes: Uint8Array): Truth {
	const end = bytes.indexOf(10);
	const rest = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as Omit<
		Truth,
		'logits'
	>;
	return { ...rest, logits: new Float32Array(new Uint8Array(bytes.subarray(end + 1)).buffer) };
}
