// Reductions over the LANES invocations of a workgroup, in a fixed order, so the same input gives the same bits.
// Not a kernel. Every function is collective: all invocations must call it, and all get the result.
//
// Neighbours are put together in groups of at most GROUP, then the groups: three barriers, where halving would take
// one for each power of two.

const GROUP = min(LANES, 16u);
const GROUPS = LANES / GROUP;

var<workgroup> lane_values: array<f32, LANES>;
var<workgroup> lane_vectors: array<vec4f, LANES>;
var<workgroup> lane_indices: array<u32, LANES>;

fn sums_over_lanes(values: vec4f, lane: u32) -> vec4f {
	lane_vectors[lane] = values;
	workgroupBarrier();
	if (GROUPS > 1u) {
		if (lane % GROUP == 0u) {
			var sum = lane_vectors[lane];
			for (var i = 1u; i < GROUP; i++) { sum += lane_vectors[lane + i]; }
			lane_vectors[lane] = sum;
		}
		workgroupBarrier();
	}
	let stride = select(1u, GROUP, GROUPS > 1u);
	var total = lane_vectors[0];
	for (var i = stride; i < LANES; i += stride) { total += lane_vectors[i]; }
	workgroupBarrier();
	return total;
}

fn sum_over_lanes(value: f32, lane: u32) -> f32 {
	lane_values[lane] = value;
	workgroupBarrier();
	if (GROUPS > 1u) {
		if (lane % GROUP == 0u) {
			var sum = lane_values[lane];
			for (var i = 1u; i < GROUP; i++) { sum += lane_values[lane + i]; }
			lane_values[lane] = sum;
		}
		workgroupBarrier();
	}
	let stride = select(1u, GROUP, GROUPS > 1u);
	var total = lane_values[0];
	for (var i = stride; i < LANES; i += stride) { total += lane_values[i]; }
	workgroupBarrier();
	return total;
}

fn max_over_lanes(value: f32, lane: u32) -> f32 {
	lane_values[lane] = value;
	workgroupBarrier();
	if (GROUPS > 1u) {
		if (lane % GROUP == 0u) {
			var largest = lane_values[lane];
			for (var i = 1u; i < GROUP; i++) { largest = max(largest, lane_values[lane + i]); }
			lane_values[lane] = largest;
		}
		workgroupBarrier();
	}
	let stride = select(1u, GROUP, GROUPS > 1u);
	var largest = lane_values[0];
	for (var i = stride; i < LANES; i += stride) { largest = max(largest, lane_values[i]); }
	workgroupBarrier();
	return largest;
}

// Of the values at `first` and every `stride` behind it, below `end`: where the largest stands; equals go to the lowest index.
fn lane_of_largest(first: u32, stride: u32, end: u32) -> u32 {
	var best = first;
	for (var i = first + stride; i < end; i += stride) {
		let is_larger = lane_values[i] > lane_values[best];
		let is_earlier_equal = lane_values[i] == lane_values[best] && lane_indices[i] < lane_indices[best];
		if (is_larger || is_earlier_equal) { best = i; }
	}
	return best;
}

// The index of the largest value; equals go to the lowest index.
fn index_of_largest(value: f32, index: u32, lane: u32) -> u32 {
	lane_values[lane] = value;
	lane_indices[lane] = index;
	workgroupBarrier();
	if (GROUPS > 1u) {
		if (lane % GROUP == 0u) {
			let best = lane_of_largest(lane, 1u, lane + GROUP);
			lane_values[lane] = lane_values[best];
			lane_indices[lane] = lane_indices[best];
		}
		workgroupBarrier();
	}
	let found = lane_indices[lane_of_largest(0u, select(1u, GROUP, GROUPS > 1u), LANES)];
	workgroupBarrier();
	return found;
}
