/**
 * Attention of one head for one query over a ring of keys and values, and the frame's view of it.
 *
 *     weights = softmax(scale q · K^T)       over the visible positions oldest .. position
 *     output  = weights · V
 *     entropy = -Σ w' ln w',  w' = the weights without the sink, made to sum to 1
 *
 * The sink is the oldest visible key. Its share is kept apart all along, so the entropy is exact even when the sink
 * takes nearly everything.
 */
import { selectLargest } from '../sampling';
import { writeHead, type FrameWords } from '../writeFrame';
import { dot, type Vector } from './linear';

/** Where the visible keys lie: position p at slot p mod capacity. */
export interface Visible {
	/** first visible position */
	oldest: number;
	/** visible positions */
	count: number;
	/** slots of the ring */
	capacity: number;
}

/** Memory for one head: scores [window], and the indices of the largest [TOP]. */
export interface AttentionMemory {
	readonly scores: Vector;
	readonly largest: Uint32Array;
	/** ln Σ exp(score) of the head that came last */
	logNormalizer: number;
}

/**
 * Attends with the query at `queryOffset` to one key-value head at `cacheOffset` [capacity × headSize]; writes `output`
 * from `queryOffset`, and the head's block of the frame at `offset`. The weights stay behind in `memory.scores`, by
 * position from `oldest` on.
 */
export function attend(
	query: Vector,
	queryOffset: number,
	scale: number,
	keys: Vector,
	values: Vector,
	cacheOffset: number,
	headSize: number,
	visible: Visible,
	output: Vector,
	memory: AttentionMemory,
	frame: FrameWords,
	offset: number
): void {
	const { oldest, count, capacity } = visible;
	const { scores, largest } = memory;
	const firstSlot = oldest % capacity;
	for (let i = 0, slot = firstSlot; i < count; i++) {
		scores[i] = dot(query, queryOffset, keys, cacheOffset + slot * headSize, headSize) * scale;
		if (++slot === capacity) slot = 0;
	}
	const found = selectLargest(scores, count, largest);
	const entropy = softmaxApartFromSink(scores, count, memory);
	mix(scores, values, cacheOffset, firstSlot, headSize, visible, output, queryOffset);

	writeHead(frame, offset, oldest, scores, largest, found, entropy);
}

/** Turns `scores` into weights in place; returns the entropy of those behind the first. */
function softmaxApartFromSink(scores: Vector, count: number, memory: AttentionMemory): number {
	const sinkScore = scores[0]!;
	let largest = -Infinity;
	for (let i = 1; i < count; i++) if (scores[i]! > largest) largest = scores[i]!;
	let sum = 0;
	let weighted = 0;
	for (let i = 1; i < count; i++) {
		const below = scores[i]! - largest;
		const weight = Math.exp(below);
		scores[i] = weight;
		sum += weight;
		weighted += weight * below;
	}
	const top = Math.max(largest, sinkScore);
	const sinkWeight = Math.exp(sinkScore - top);
	const others = Math.exp(largest - top);
	const total = sinkWeight + others * sum;
	memory.logNormalizer = top + Math.log(total);
	scores[0] = sinkWeight / total;
	const factor = others / total;
	for (let i = 1; i < count; i++) scores[i] = scores[i]! * factor;
	return count > 1 ? Math.max(0, Math.log(sum) - weighted / sum) : 0;
}

/** output = Σ weights · values, four keys at a time. */
function mix(
	weights: Vector,
	values: Vector,
	cacheOffset: number,
	firstSlot: number,
	headSize: number,
	{ count, capacity }: Visible,
	output: Vector,
	outputOffset: number
): void {
	for (let d = 0; d < headSize; d++) output[outputOffset + d] = 0;
	const offsetOf = (slot: number) => cacheOffset + (slot % capacity) * headSize;
	let i = 0;
	for (; i + 4 <= count; i += 4) {
		const slot = firstSlot + i;
		const first = offsetOf(slot);
		const second = offsetOf(slot + 1);
		const third = offsetOf(slot + 2);
		const fourth = offsetOf(slot + 3);
		const w0 = weights[i]!;
		const w1 = weights[i + 1]!;
		const w2 = weights[i + 2]!;
		const w3 = weights[i + 3]!;
		for (let d = 0; d < headSize; d++) {
			output[outputOffset + d] =
				output[outputOffset + d]! +
				w0 * values[first + d]! +
				w1 * values[second + d]! +
				(w2 * values[third + d]! + w3 * values[fourth + d]!);
		}
	}
	for (; i < count; i++) {
		const offset = offsetOf(firstSlot + i);
		const weight = weights[i]!;
		for (let d = 0; d < headSize; d++) {
			output[outputOffset + d] = output[outputOffset + d]! + weight * values[offset + d]!;
		}
	}
}
