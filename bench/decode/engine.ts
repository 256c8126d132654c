/**
 * What a benchmark asks of an engine, ours or a peer's: read a prompt, write tokens greedily, say how long each wait was.
 */

/** What an engine let be seen of the prediction of one token. */
export type Observation =
	/** every logit */
	| { kind: 'logits'; logits: Float32Array }
	/** log-probabilities of some tokens, nats */
	| { kind: 'listed'; tokens: readonly number[]; logProbabilities: readonly number[] };

export interface Writing {
	/** the tokens after the prompt */
	readonly tokens: number[];
	/** from the call to the first token: the prompt is in it */
	readonly firstTokenMs: number;
	/** of each wait for a token or several, divided by its tokens; the first token's wait is not in it */
	readonly stepMs: number[];
	/** of each token, where asked for and where the engine shows any */
	readonly observations: Observation[];
}

export interface WriteOptions {
	/** tokens to write; fewer come back when the deadline passes */
	readonly count: number;
	/** `performance.now()` after which no further token is begun, once there are LEAST_TOKENS */
	readonly deadline: number;
	readonly observe: boolean;
}

/** However slow an engine is, fewer tokens would say nothing; the first of them is compiled and warmed up for. */
export const LEAST_TOKENS = 6;

/** Whether a further token is due. */
export function goesOn(written: number, { count, deadline }: WriteOptions): boolean {
	return written < count && (written < LEAST_TOKENS || performance.now() < deadline);
}

export interface BenchEngine {
	/** what it runs on, in words */
	readonly device: string;
	/** of the weights as they are read for each token: bytes of one weight */
	readonly bytesPerWeight: number;
	/** Starts a new sequence, reads the prompt and continues it greedily. */
	write(prompt: readonly number[], options: WriteOptions): Promise<Writing>;
	/**
	 * Tokens per second when the sequence of the last write() is continued by `count` tokens in one request, with no wait
	 * between them that the engine does not need itself; absent where an engine hands out its tokens one by one.
	 */
	stream?(count: number): Promise<number>;
	dispose(): Promise<void>;
}

/** Writes one token a time: `next` runs the newest token, or the prompt, and returns the logits of the last position. */
export async function writeStepwise(
	prompt: readonly number[],
	options: WriteOptions,
	next: (tokens: readonly number[], position: number) => Promise<Float32Array>
): Promise<Writing> {
	const tokens: number[] = [];
	const stepMs: number[] = [];
	const observations: Observation[] = [];
	let firstTokenMs = 0;
	while (goesOn(tokens.length, options)) {
		const began = performance.now();
		const newest = tokens.at(-1);
		const logits = await (newest === undefined
			? next(prompt, 0)
			: next([newest], prompt.length + tokens.length - 1));
		tokens.push(indexOfLargest(logits));
		const milliseconds = performance.now() - began;
		if (newest === undefined) firstTokenMs = milliseconds;
		else stepMs.push(milliseconds);
		if (options.observe) observations.push({ kind: 'logits', logits: logits.slice() });
	}
	return { tokens, firstTokenMs, stepMs, observations };
}

export function indexOfLargest(values: Float32Array): number {
	let best = 0;
	for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
	return best;
}
