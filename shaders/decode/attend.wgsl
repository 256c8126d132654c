// Attention of one query over the visible keys, and the frame's view of it; a workgroup for each head.
//
//     weights = softmax(q . K^T ATTENTION_SCALE)        over positions oldest .. position, slots mod CAPACITY
//     mixed   = weights . V                             [HEADS x HEAD_SIZE]
//     entropy = -sum w' ln w',  w' = the weights without the sink, made to sum to 1
//
// A query sees the latest WINDOW positions. The sink is the oldest of them. Its share is kept apart from the sum over the
// others, so the entropy stays exact when the sink takes nearly everything. Heads share keys in groups of
// HEADS / KEY_VALUE_HEADS (Ainslie et al. 2023). With RECORDING the query is kept, and ln sum exp of its scores.
// Group 0: step. Group 1: 3 which layer this is, 5 keys and 6 values as in cache.wgsl, 7 mixed, 8 recording: queries
// [HEADS][CAPACITY][HEAD_SIZE], behind them normalisers [HEADS][CAPACITY].

@group(1) @binding(3) var<uniform> layer: vec4u;
@group(1) @binding(5) var<storage, read> keys: array<vec4f, KEY_VALUE_HEADS * QUADS * CAPACITY>;
@group(1) @binding(6) var<storage, read> values: array<vec4f, KEY_VALUE_HEADS * QUADS * CAPACITY>;
@group(1) @binding(7) var<storage, read_write> mixed: array<f32>;
@group(1) @binding(8) var<storage, read_write> recording: array<f32>;

// Scores, then weights, by position from the oldest on.
var<workgroup> row: array<f32, WINDOW>;
// A head's channels, four together, with zeros behind the last.
var<workgroup> query: array<vec4f, QUADS>;

// Values are mixed by QUAD_LANES neighbours for the channels, in SLICES shares of the keys.
const QUAD_LANES = min(LANES, QUADS);
const SLICES = LANES / QUAD_LANES;
var<workgroup> slice_sums: array<vec4f, SLICES * QUADS>;

// Where the i-th visible key lies; no division, since this is asked for every key and channel.
fn slot_of(i: u32, first_slot: u32) -> u32 {
	let slot = first_slot + i;
	return select(slot, slot - CAPACITY, slot >= CAPACITY);
}

fn load_query(head: u32, lane: u32) {
	for (var q = lane; q < QUADS; q += LANES) {
		var channels = vec4f();
		for (var i = 0u; i < min(4u, HEAD_SIZE - 4u * q); i++) {
			channels[i] = activations[QUERY + head * HEAD_SIZE + 4u * q + i];
			if (RECORDING) {
				recording[(head * CAPACITY + step.position % CAPACITY) * HEAD_SIZE + 4u * q + i] = channels[i];
			}
		}
		query[q] = channels;
	}
	workgroupBarrier();
}

// Collective: which keys weigh most.
fn report_largest(block: u32, oldest: u32, lane: u32) {
	for (var i = 0u; i < TOP; i++) {
		let index = draw_largest(lane);
		if (lane == 0u) {
			let found = index != NONE;
			frames[step.frame + block + HEAD_INDICES + i] = select(NONE, oldest + index, found);
			write_float(block + HEAD_WEIGHTS + i, select(0.0, row[min(index, WINDOW - 1u)], found));
		}
	}
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let head = group.x;
	let key_head = head / (HEADS / KEY_VALUE_HEADS);
	let count = min(step.position + 1u, WINDOW);
	let oldest = step.position + 1u - count;
	let first_slot = oldest % CAPACITY;
	load_query(head, lane);

	begin_largest();
	var own_largest = LOWEST;
	for (var i = lane; i < count; i += LANES) {
		let key = key_head * QUADS * CAPACITY + slot_of(i, first_slot);
		var products = vec4f();
		for (var q = 0u; q < QUADS; q++) { products += query[q] * keys[key + q * CAPACITY]; }
		let score = (products.x + products.y + (products.z + products.w)) * ATTENTION_SCALE;
		row[i] = score;
		if (FRAMES) { offer_largest(score, i); }
		if (i > 0u) { own_largest = max(own_largest, score); }
	}
	let largest = max_over_lanes(own_largest, lane);
	let sink_score = row[0];

	var own = vec4f();
	for (var i = lane; i < count; i += LANES) {
		if (i == 0u) { continue; }
		let below = row[i] - largest;
		let weight = exp(below);
		row[i] = weight;
		own += vec4f(weight, weight * below, 0.0, 0.0);
	}
	let sums = sums_over_lanes(own, lane);
	let top = max(largest, sink_score);
	let sink_share = exp(sink_score - top);
	let other_share = exp(largest - top);
	let total = sink_share + other_share * sums.x;
	let sink = sink_share / total;
	let factor = other_share / total;
	for (var i = lane; i < count; i += LANES) { row[i] = select(row[i] * factor, sink, i == 0u); }
	workgroupBarrier();

	if (RECORDING && lane == 0u) {
		recording[HEADS * CAPACITY * HEAD_SIZE + head * CAPACITY + step.position % CAPACITY] = top + log(total);
	}
	if (FRAMES) {
		let block = HEAD_BLOCKS + (layer.x * HEADS + head) * HEAD_STRIDE;
		if (lane == 0u) {
			var entropy = 0.0;
			if (count > 1u) { entropy = max(0.0, log(sums.x) - sums.y / sums.x); }
			write_float(block + HEAD_ENTROPY, entropy);
			write_float(block + HEAD_SINK, sink);
		}
		report_largest(block, oldest, lane);
	}

	let slice = lane / QUAD_LANES;
	for (var q = lane % QUAD_LANES; q < QUADS; q += QUAD_LANES) {
		if (slice >= SLICES) { break; }
		let value = key_head * CAPACITY * QUADS + q;
		var sum = vec4f();
		for (var i = slice; i < count; i += SLICES) {
			sum += row[i] * values[value + slot_of(i, first_slot) * QUADS];
		}
		slice_sums[slice * QUADS + q] = sum;
	}
	workgroupBarrier();
	for (var q = lane; q < QUADS; q += LANES) {
		var sum = vec4f();
		for (var s = 0u; s < SLICES; s++) { sum += slice_sums[s * QUADS + q]; }
		for (var i = 0u; i < min(4u, HEAD_SIZE - 4u * q); i++) { mixed[head * HEAD_SIZE + 4u * q + i] = sum[i]; }
	}
}
