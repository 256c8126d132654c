/** The parameters of each step of a submit, as the struct Step of step.wgsl, at the offsets that bindings need. */
import { multipleOf } from '../../gpu/buffers';
import type { ModelConfig } from '../config';
import type { Sampling } from '../decoder';
import { writeRotation } from '../rotary';
import { REPETITION_WINDOW } from '../sampling';
import { NONE, frameLayout } from '../tokenFrame';

const HEADER_WORDS = 12;

/** Temperatures below this are as cold as it, and it keeps logits divided by it inside f32. */
const COLDEST = 1e-30;

/** Words of a step: the header, and a rotation table in whole vectors of four. */
function wordsOf({ rotations, headSize }: ModelConfig): number {
	return HEADER_WORDS + multipleOf(4, rotations.length * headSize);
}

/** Bytes from one step to the next. */
export function stepStride(config: ModelConfig, alignment: number): number {
	return multipleOf(alignment, wordsOf(config) * 4);
}

export interface StepBatch {
	/** of the token that the first step runs */
	position: number;
	count: number;
	/** given tokens, from the first step on; the steps after them sample */
	forced: readonly number[];
	sampling: Sampling;
}

/** The bytes of `batch.count` steps, `stride` apart; their frames are `frameWords` apart, by default whole ones. */
export function packSteps(
	config: ModelConfig,
	{ position, count, forced, sampling }: StepBatch,
	stride: number,
	frameWords = frameLayout(config.layers, config.heads).stride
): ArrayBuffer {
	const packed = new ArrayBuffer(count * stride);
	for (let i = 0; i < count; i++) {
		const words = new Uint32Array(packed, i * stride, HEADER_WORDS);
		const floats = new Float32Array(packed, i * stride, wordsOf(config));
		words[0] = position + i;
		words[1] = i * frameWords;
		words[2] = forced[i] ?? NONE;
		words[3] = sampling.seed;
		floats[4] = Math.max(COLDEST, sampling.temperature);
		words[5] = Math.min(sampling.topK ?? 0, NONE);
		floats[6] = sampling.topP;
		floats[7] = sampling.minP;
		floats[8] = sampling.repetitionPenalty ?? 1;
		words[9] = sampling.repetitionWindow ?? REPETITION_WINDOW;
		config.rotations.forEach((rotation, r) => {
			writeRotation(rotation, position + i, floats, HEADER_WORDS + r * config.headSize);
		});
	}
	return packed;
}
