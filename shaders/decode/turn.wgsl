// Norms the queries and keys of each head, and turns them to the step's position; a workgroup for each head.
//
//     x = x / sqrt(mean(x^2) + EPSILON) · weight               over a head's channels (Henry et al. 2020), weight [HEAD_SIZE]
//     x[j, j + h] = rotation[j] x[j, j + h],   h = HEAD_SIZE / 2, j < h
//
// Queries stay at QUERY; keys go from KEY to the cache. Group 0: step. Group 1: 1 vectors: f32 values of the layer, among them
// the weights at QUERY_NORM and KEY_NORM, 5 keys as in cache.wgsl.

@group(1) @binding(1) var<storage, read> vectors: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let is_key = group.x >= HEADS;
	let head = select(group.x, group.x - HEADS, is_key);
	let begin = select(QUERY, KEY, is_key) + head * HEAD_SIZE;
	let weight = select(QUERY_NORM, KEY_NORM, is_key);
	var own = 0.0;
	for (var i = lane; i < HEAD_SIZE; i += LANES) { own += activations[begin + i] * activations[begin + i]; }
	let scale = inverseSqrt(sum_over_lanes(own, lane) / f32(HEAD_SIZE) + EPSILON);
	for (var j = lane; j < HALF; j += LANES) {
		let x = vec2f(activations[begin + j] * vectors[weight + j], activations[begin + j + HALF] * vectors[weight + j + HALF]);
		let result = turned(x * scale, j);
		if (is_key) {
			put_key(head, j, result);
		} else {
			activations[begin + j] = result.x;
			activations[begin + j + HALF] = result.y;
		}
	}
}
