// What every multiplying kernel is: a matrix whose rows lie in pairs that belong together, times the input. Not a kernel by
// itself; it needs one of dot_rows, dot_workgroup and dot_subgroup, one of dot_f16 and dot_int8, one of input_plain,
// input_measured and input_normed, and a function `put_pair`, which takes a pair's results.
//
//     (y[2p], y[2p + 1]) = W[2p .. 2p + 1] input · scale + bias          W [2 PAIRS x COLUMNS], padded to whole vectors
//
// Group 1: 0 W, 1 vectors: f32 values of the layer, among them the scales of int8 rows at SCALES and biases at BIAS.
// Sizes are spelled out where they are known, because some drivers check every access against them.

@group(1) @binding(0) var<storage, read> matrix: array<vec4u, 2u * PAIRS * ROW_VECTORS>;
@group(1) @binding(1) var<storage, read> vectors: array<f32>;

// The results of a pair from the sums of its products.
fn finished(sum: vec2f, pair: u32) -> vec2f {
	var y = sum;
	if (HAS_SCALES) { y *= vec2f(vectors[SCALES + 2u * pair], vectors[SCALES + 2u * pair + 1u]); }
	if (HAS_BIAS) { y += vec2f(vectors[BIAS + 2u * pair], vectors[BIAS + 2u * pair + 1u]); }
	return y;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) lane: u32) {
	// there may be more workgroups than one dimension takes, so they are dispatched in rows of GRID
	let group = place.y * GRID + place.x;
	prepare_input(group, lane);
	let pair = first_pair(group, lane);
	let sums = dot_pairs(pair, lane);
	if (!holds_result(lane) || pair >= PAIRS) { return; }
	put_pair(pair, finished(sums.xy, pair));
	if (PAIRS_TOGETHER == 2u && pair + 1u < PAIRS) { put_pair(pair + 1u, finished(sums.zw, pair + 1u)); }
}
