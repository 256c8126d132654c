/** Our own engines behind the benchmark's contract. One wait is one call of generate(), for as many tokens as a submit holds. */
import type { Decoder, DecoderModel, DecoderOptions } from '../../src/lib/model/decoder';
import { unconstrained } from '../../src/lib/model/sampling';
import { TokenFrame, type FrameSlab } from '../../src/lib/model/tokenFrame';
import {
	goesOn,
	type BenchEngine,
	type Observation,
	type WriteOptions,
	type Writing
} from './engine';

export interface OwnEngineOptions {
	readonly decoder: DecoderOptions;
	/** tokens of one call */
	readonly stepsPerCall: number;
	readonly bytesPerWeight: number;
}

const GREEDY = { temperature: 1, topK: 1, topP: 1, minP: 0, seed: 0 };

/** An engine over `model`, which it disposes of in the end. */
export async function createOwnEngine(
	model: DecoderModel,
	{ decoder: decoderOptions, stepsPerCall, bytesPerWeight }: OwnEngineOptions
): Promise<BenchEngine> {
	const decoder = await model.createDecoder(decoderOptions);
	const constraint = unconstrained(model.config.vocabularySize);
	const framed = decoderOptions.frames !== false;
	const next = (count: number): Promise<FrameSlab> => decoder.generate(count, GREEDY, constraint);

	async function write(prompt: readonly number[], options: WriteOptions): Promise<Writing> {
		const { count, observe } = options;
		const tokens: number[] = [];
		const stepMs: number[] = [];
		const observations: Observation[] = [];
		const take = (slab: FrameSlab): void => {
			for (let i = 0; i < slab.count; i++) {
				const frame = new TokenFrame(slab, i);
				tokens.push(frame.token);
				if (observe && framed) observations.push(observationOf(frame));
			}
		};
		startAgain(decoder);
		const began = performance.now();
		await decoder.prefill(prompt);
		take(await next(1));
		const firstTokenMs = performance.now() - began;
		while (goesOn(tokens.length, options)) {
			const batch = Math.min(stepsPerCall, count - tokens.length);
			const stepBegan = performance.now();
			const slab = await next(batch);
			/** a call for fewer tokens than a submit holds says nothing about full ones */
			if (batch === stepsPerCall) stepMs.push((performance.now() - stepBegan) / batch);
			take(slab);
		}
		return { tokens, firstTokenMs, stepMs, observations };
	}

	return {
		device: model.capabilities.device,
		bytesPerWeight,
		write,
		async stream(count) {
			const began = performance.now();
			await next(count);
			return (count * 1000) / (performance.now() - began);
		},
		async dispose() {
			decoder.dispose();
			model.dispose();
		}
	};
}

function startAgain(decoder: Decoder): void {
	decoder.truncate(0);
}

function observationOf(frame: TokenFrame): Observation {
	const listed = frame.alternatives.filter(({ probability }) => probability > 0);
	return {
		kind: 'listed',
		tokens: listed.map(({ token }) => token),
		logProbabilities: listed.map(({ probability }) => Math.log(probability))
	};
}
