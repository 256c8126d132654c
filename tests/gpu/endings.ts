/** Runs an ending alone, on logits that a test gives, and asks the one definition the same. */
import type { ModelConfig } from '../../src/lib/model/config';
import type { Constraint, Sampling } from '../../src/lib/model/decoder';
import { sampleToken, unconstrained } from '../../src/lib/model/sampling';
import type { GrammarState } from '../../src/lib/model/tokenGrammar';
import { endingKernels, type Ending } from '../../src/lib/model/wgsl/endingKernels';
import type { Reduction } from '../../src/lib/model/wgsl/kernel';
import {
	SEQUENCE_HEADER_WORDS,
	packGrammar,
	packLastSeen,
	packSequence,
	sequenceWords
} from '../../src/lib/model/wgsl/packConstraint';
import { SHIPPED_SHAPE } from '../unit/model/randomModel';
import { activationsWith, runKernel } from './kernelHarness';

export const PLAIN: Sampling = { temperature: 1, topP: 1, minP: 0, seed: 1 };

export interface Ended {
	token: number;
	frame: Uint32Array;
	floats: Float32Array;
	state: GrammarState;
	lastSeen: Uint32Array;
}

export interface EndingRun {
	config?: ModelConfig;
	reduction: Reduction;
	ending?: Ending;
	frames?: boolean;
	logits: Float32Array;
	/** of the token that was run; the one that is chosen comes behind it */
	position?: number;
	forced?: number;
	sampling?: Sampling;
	constraint?: Constraint;
	/** latest tokens, the latest first */
	recent?: readonly number[];
}

/** Runs an ending alone, by default `sample`. */
export async function endStep(
	device: GPUDevice,
	{
		config = SHIPPED_SHAPE,
		reduction,
		ending = 'sample',
		frames = true,
		logits,
		position = 0,
		forced,
		sampling = PLAIN,
		constraint = unconstrained(config.vocabularySize),
		recent = []
	}: EndingRun
): Promise<Ended> {
	const { grammar, state, bias, stateTemperature } = constraint;
	const sequence = new Int32Array(sequenceWords(config.vocabularySize));
	sequence.set(packSequence(0, state));
	sequence.set(packLastSeen(config.vocabularySize, position + 1, recent), SEQUENCE_HEADER_WORDS);
	const result = await runKernel(device, {
		config,
		kernel: endingKernels(config, { frames, recording: false, reduction })[ending],
		position,
		...(forced !== undefined && { forced }),
		sampling,
		buffers: {
			activations: activationsWith(config, { logits }),
			sequence,
			grammar: packGrammar(grammar, stateTemperature),
			bias: bias.slice()
		}
	});
	const floats = result('frames');
	const after = new Int32Array(result('sequence').buffer);
	return {
		token: new Uint32Array(after.buffer)[0]!,
		frame: new Uint32Array(floats.buffer),
		floats,
		state: {
			state: after[2]!,
			registers: Int16Array.from(after.slice(3, 3 + grammar.registerCount))
		},
		lastSeen: new Uint32Array(after.buffer).slice(SEQUENCE_HEADER_WORDS)
	};
}

/** What the one definition chooses. */
export function expectedToken({
	logits,
	position = 0,
	sampling = PLAIN,
	constraint = unconstrained(logits.length),
	recent = []
}: EndingRun): number {
	const window = recent.slice(0, sampling.repetitionWindow ?? 64);
	const { state } = constraint;
	return sampleToken(logits, position + 1, sampling, constraint, state, undefined, window);
}
