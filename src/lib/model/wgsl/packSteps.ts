/** The parameters of each step of a submit, as the struct Step of step.wgsl, at the offsets that bindings need. */
import { multipleOf } from '../../gpu/buffers';
import type { ModelConfig } from '../config';
import type { Sampling } from '../decoder';
import { writeRotation } from '../rotary';
import { NONE, frameLayout } from '../tokenFrame';

const HEADER_WORDS = 8;

/** Bytes from one step to the next. */
export function stepStride(config: ModelConfig, alignment: number): number {
	return multipleOf(alignment, (HEADER_WORDS + config.headSize) * 4);
}

export interface StepBatch {
	/** of the token that the first step runs */
	position: number;
	count: number;
	/** given tokens, from the first step on; none when sampling */
	forced: readonly number[];
	sampling: Sampling;
}

/** The bytes of `batch.count` steps, `stride` apart. */
export function packSteps(
	config: ModelConfig,
	{ position, count, forced, sampling }: StepBatch,
	stride: number
): ArrayBuffer {
	const packed = new ArrayBuffer(count * stride);
	const frameStride = frameLayout(config.layers, config.heads).stride;
	for (let i = 0; i < count; i++) {
		const words = new Uint32Array(packed, i * stride, HEADER_WORDS);
		const floats = new Float32Array(packed, i * stride, HEADER_WORDS + config.headSize);
		const at = position + i;
		words[0] = at;
		words[1] = Math.max(0, at - config.slidingWindow + 1);
		words[2] = i * frameStride;
		words[3] = forced[i] ?? NONE;
		words[4] = sampling.seed;
		floats[5] = sampling.temperature;
		floats[6] = sampling.topP;
		floats[7] = sampling.minP;
		writeRotation(config, at, floats, HEADER_WORDS);
	}
	return packed;
}
