// Reductions over the LANES invocations of a workgroup, in a fixed order, so the same input gives the same bits.
// Not a kernel. Every function is collective: all invocations must call it, and all get the result.

var<workgroup> lane_values: array<f32, LANES>;
var<workgroup> lane_indices: array<u32, LANES>;

fn sum_over_lanes(value: f32, lane: u32) -> f32 {
	lane_values[lane] = value;
	workgroupBarrier();
	for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
		if (lane < stride) { lane_values[lane] += lane_values[lane + stride]; }
		workgroupBarrier();
	}
	let total = lane_values[0];
	workgroupBarrier();
	return total;
}

fn max_over_lanes(value: f32, lane: u32) -> f32 {
	lane_values[lane] = value;
	workgroupBarrier();
	for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
		if (lane < stride) { lane_values[lane] = max(lane_values[lane], lane_values[lane + stride]); }
		workgroupBarrier();
	}
	let largest = lane_values[0];
	workgroupBarrier();
	return largest;
}

// The index of the largest value; equals go to the lowest index.
fn index_of_largest(value: f32, index: u32, lane: u32) -> u32 {
	lane_values[lane] = value;
	lane_indices[lane] = index;
	workgroupBarrier();
	for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
		if (lane < stride) {
			let other = lane_values[lane + stride];
			let other_index = lane_indices[lane + stride];
			if (other > lane_values[lane] || (other == lane_values[lane] && other_index < lane_indices[lane])) {
				lane_values[lane] = other;
				lane_indices[lane] = other_index;
			}
		}
		workgroupBarrier();
	}
	let found = lane_indices[0];
	workgroupBarrier();
	return found;
}
