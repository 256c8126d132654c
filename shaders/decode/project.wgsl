// Queries, keys and values of a layer, with rotary positions (Su et al. 2021), the latter two straight into the cache.
//
//     q, k, v = W normed                       W [(HEADS + 2 KEY_VALUE_HEADS) HEAD_SIZE x HIDDEN] in f16
//     (q, k)[j, j + h] = rotation[j] (q, k)[j, j + h],   h = HEAD_SIZE / 2, j < h
//
// A pair of rows is (j, j + h) of one head, so that it rotates where it was computed. Keys lie four channels together,
// [head][channel / 4][slot][4], so that neighbours in time are neighbours in memory; values lie [head][slot][channel].
// Group 0: step. Group 1: 0 matrices of the layer, 1 normed, 2 keys, 3 values [KEY_VALUE_HEADS x CAPACITY x HEAD_SIZE].

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read> input: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> keys: array<f32>;
@group(1) @binding(3) var<storage, read_write> values: array<f32>;

const HALF = HEAD_SIZE / 2u;
const PAIRS = (HEADS + 2u * KEY_VALUE_HEADS) * HALF;

fn key_index(key_head: u32, channel: u32, slot: u32) -> u32 {
	return ((key_head * HEAD_SIZE / 4u + channel / 4u) * CAPACITY + slot) * 4u + channel % 4u;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let pair = pair_of(group.x, lane);
	let head = min(pair, PAIRS - 1u) / HALF;
	let channel = min(pair, PAIRS - 1u) % HALF;
	let row = PROJECTION + (head * HEAD_SIZE + channel) * HIDDEN_VECTORS;
	let x = dot_pair(row, row + HALF * HIDDEN_VECTORS, HIDDEN_VECTORS, lane);
	if (!holds_result(lane) || pair >= PAIRS) { return; }

	let turn = step.rotation[channel];
	let turned = vec2f(x.x * turn.x - x.y * turn.y, x.y * turn.x + x.x * turn.y);
	let slot = step.position % CAPACITY;
	if (head < HEADS) {
		activations[QUERY + head * HEAD_SIZE + channel] = turned.x;
		activations[QUERY + head * HEAD_SIZE + channel + HALF] = turned.y;
	} else if (head < HEADS + KEY_VALUE_HEADS) {
		keys[key_index(head - HEADS, channel, slot)] = turned.x;
		keys[key_index(head - HEADS, channel + HALF, slot)] = turned.y;
	} else {
		let first = ((head - HEADS - KEY_VALUE_HEADS) * CAPACITY + slot) * HEAD_SIZE + channel;
		values[first] = x.x;
		values[first + HALF] = x.y;
	}
}
