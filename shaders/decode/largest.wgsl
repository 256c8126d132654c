// The TOP largest of many values: each invocation keeps its own in order, then the workgroup draws the best TOP times.
// Not a kernel; it needs lanes.wgsl.

var<private> top_values: array<f32, TOP>;
var<private> top_indices: array<u32, TOP>;

fn begin_largest() {
	for (var i = 0u; i < TOP; i++) {
		top_values[i] = LOWEST;
		top_indices[i] = NONE;
	}
}

// Considers one value. Each invocation must offer its own in ascending order of index.
fn offer_largest(value: f32, index: u32) {
	if (value <= top_values[TOP - 1u]) { return; }
	var carried = value;
	var carried_index = index;
	for (var i = 0u; i < TOP; i++) {
		if (carried > top_values[i]) {
			let kept = top_values[i];
			let kept_index = top_indices[i];
			top_values[i] = carried;
			top_indices[i] = carried_index;
			carried = kept;
			carried_index = kept_index;
		}
	}
}

// Collective: the index of the largest value not drawn yet, equals in order of index, or NONE when all are drawn.
fn draw_largest(lane: u32) -> u32 {
	let index = index_of_largest(top_values[0], top_indices[0], lane);
	if (index == top_indices[0]) {
		for (var i = 0u; i + 1u < TOP; i++) {
			top_values[i] = top_values[i + 1u];
			top_indices[i] = top_indices[i + 1u];
		}
		top_values[TOP - 1u] = LOWEST;
		top_indices[TOP - 1u] = NONE;
	}
	return index;
}
