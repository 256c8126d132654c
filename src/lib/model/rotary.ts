/**
 * Rotary positions (Su et al. 2021) in the rotate-half form of Llama: channel j of a head turns together with channel
 * j + headSize / 2 by the angle position × theta^(-2j / headSize). Angles are computed in f64 for every position anew,
 * so they stay exact however long a set runs.
 */
import type { ModelConfig } from './config';

/** Writes [cos, sin] of each pair of channels at `position` into `target` from `offset`: headSize values in all. */
export function writeRotation(
	config: ModelConfig,
	position: number,
	target: Float32Array | Float64Array,
	offset = 0
): void {
	const half = config.headSize / 2;
	for (let j = 0; j < half; j++) {
		const angle = position * config.ropeTheta ** (-j / half);
		target[offset + 2 * j] = Math.cos(angle);
		target[offset + 2 * j + 1] = Math.sin(angle);
	}
}
