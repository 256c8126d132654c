/**
 * Rotary positions (Su et al. 2021) in the rotate-half form of Llama: channel j of a head turns together with channel
 * j + headSize / 2 by the angle position × frequency[j]. Angles are computed in f64 for every position anew, so they stay
 * exact however long a set runs.
 */
import type { Rotation } from './config';

/** Writes [cos, sin] of each pair of channels at `position` into `target` from `offset`: headSize values in all. */
export function writeRotation(
	{ frequencies, magnitude }: Rotation,
	position: number,
	target: Float32Array | Float64Array,
	offset = 0
): void {
	frequencies.forEach((frequency, j) => {
		const angle = position * frequency;
		target[offset + 2 * j] = Math.cos(angle) * magnitude;
		target[offset + 2 * j + 1] = Math.sin(angle) * magnitude;
	});
}
