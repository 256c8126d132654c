// The TOP largest of many values: each invocation keeps its own in order, then the workgroup draws the best TOP times.
// Not a kernel; it needs lanes.wgsl.
//
// A new value x goes into a falling list t by t'[i] = max(t[i], min(x, t[i - 1])), for all i at once and without a branch.

const_assert TOP == 8u;
var<private> upper_values: vec4f;
var<private> lower_values: vec4f;
var<private> upper_indices: vec4u;
var<private> lower_indices: vec4u;

fn begin_largest() {
	upper_values = vec4f(LOWEST);
	lower_values = vec4f(LOWEST);
	upper_indices = vec4u(NONE);
	lower_indices = vec4u(NONE);
}

// Considers one value. Each invocation must offer its own in ascending order of index.
fn offer_largest(value: f32, index: u32) {
	if (value <= lower_values.w) { return; }
	let x = vec4f(value);
	let own = vec4u(index);
	let above_upper = vec4f(-LOWEST, upper_values.xyz);
	let above_lower = vec4f(upper_values.w, lower_values.xyz);
	let from_upper = select(vec4u(0u, upper_indices.xyz), own, above_upper >= x);
	let from_lower = select(vec4u(upper_indices.w, lower_indices.xyz), own, above_lower >= x);
	upper_indices = select(from_upper, upper_indices, upper_values >= x);
	lower_indices = select(from_lower, lower_indices, lower_values >= x);
	upper_values = max(upper_values, min(x, above_upper));
	lower_values = max(lower_values, min(x, above_lower));
}

// Collective: the index of the largest value not drawn yet, equals in order of index, or NONE when all are drawn.
fn draw_largest(lane: u32) -> u32 {
	let index = index_of_largest(upper_values.x, upper_indices.x, lane);
	if (index == upper_indices.x) {
		upper_values = vec4f(upper_values.yzw, lower_values.x);
		upper_indices = vec4u(upper_indices.yzw, lower_indices.x);
		lower_values = vec4f(lower_values.yzw, LOWEST);
		lower_indices = vec4u(lower_indices.yzw, NONE);
	}
	return index;
}
