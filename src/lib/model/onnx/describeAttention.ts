/**
 * What a frame holds of one head, from its scores and attention weights in f32. The entropy leaves out the sink, the
 * oldest key, and is exact even when the sink takes nearly everything:
 *
 *     -Σ w' ln w' = ln(Σ w / w_m) - Σ w (s - s_m) / Σ w      over all but the sink, m being the heaviest of them
 */
import { selectLargest } from '../sampling';
import { writeHead, type FrameWords } from '../writeFrame';

/** Below this a weight has lost digits: f32 begins to underflow at 1.2e-38. */
const FAINT = 1e-30;

/**
 * Writes the block of a head at `offset`. Scores and weights are those of the `count` visible keys, from position `oldest`
 * on. `largest` [TOP] is memory to work in. Returns ln Σ exp(score).
 */
export function describeAttention(
	scores: Float32Array,
	weights: Float32Array,
	count: number,
	oldest: number,
	frame: FrameWords,
	offset: number,
	largest: Uint32Array
): number {
	const found = selectLargest(scores, count, largest);
	const best = largest[0]!;
	const heaviest = best === 0 ? largest[1]! : best;
	const entropy =
		count < 2 ? 0 : Math.max(0, entropyApartFromSink(scores, weights, count, heaviest));
	writeHead(frame, offset, oldest, weights, largest, found, entropy);
	return scores[best]! - Math.log(weights[best]!);
}

function entropyApartFromSink(
	scores: Float32Array,
	weights: Float32Array,
	count: number,
	heaviest: number
): number {
	const top = scores[heaviest]!;
	const faint = weights[heaviest]! < FAINT;
	let sum = 0;
	let weighted = 0;
	for (let i = 1; i < count; i++) {
		const below = scores[i]! - top;
		const weight = faint ? Math.exp(below) : weights[i]!;
		sum += weight;
		weighted += weight * below;
	}
	return Math.log(sum / (faint ? 1 : weights[heaviest]!)) - weighted / sum;
}
