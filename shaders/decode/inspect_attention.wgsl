// Attention of one head over its window, again, from what was recorded when it was computed; some rows at a time.
//
//     weights[row][column] = exp(ATTENTION_SCALE q[row] . k[column] - normalizer[row])   for keys that the query saw
//     normalizer[row]      = ln sum exp(ATTENTION_SCALE q[row] . k)                      over all of them
//
// Row r is the query at position first + r, column c the key at position first + c; both lie at position mod capacity. A
// query saw the keys of its own position and of window - 1 before it. What fills up the last QUADS of a key is zero.
// No part of a step: one invocation for each weight, across columns and down the rows from `first_row` on.
// Group 0: 0 what is asked, 1 queries [capacity][HEAD_SIZE], 2 normalizers [capacity], 3 keys [QUADS][capacity],
// 4 weights [rows][count].

struct Question {
	first: u32,
	count: u32,
	first_row: u32,
	window: u32,
	capacity: u32,
}

@group(0) @binding(0) var<uniform> question: Question;
@group(0) @binding(1) var<storage, read> queries: array<f32>;
@group(0) @binding(2) var<storage, read> normalizers: array<f32>;
@group(0) @binding(3) var<storage, read> keys: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;

@compute @workgroup_size(COLUMNS)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
	let column = invocation.x;
	let row = question.first_row + invocation.y;
	if (column >= question.count) { return; }
	var weight = 0.0;
	if (column <= row && row - column < question.window) {
		let query_slot = (question.first + row) % question.capacity;
		let key_slot = (question.first + column) % question.capacity;
		var product = 0.0;
		for (var quad = 0u; quad < QUADS; quad++) {
			let i = query_slot * HEAD_SIZE + 4u * quad;
			let query = vec4f(queries[i], queries[i + 1u], queries[i + 2u], queries[i + 3u]);
			product += dot(query, keys[quad * question.capacity + key_slot]);
		}
		weight = exp(ATTENTION_SCALE * product - normalizers[query_slot]);
	}
	weights[invocation.y * question.count + column] = weight;
}
