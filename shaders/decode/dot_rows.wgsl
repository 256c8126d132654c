// Two dot products at once, by one invocation alone: no barrier, for adapters emulated on a CPU, where barriers cost most.
// Not a kernel. Rows are f16, eight to a vec4u, padded with zeros to whole vectors; sums are f32.

const WORKGROUP = 64u;
const PAIRS_PER_WORKGROUP = 64u;

fn pair_of(group: u32, lane: u32) -> u32 {
	return group * PAIRS_PER_WORKGROUP + lane;
}

// Whether this invocation holds the result of its pair.
fn holds_result(lane: u32) -> bool {
	return true;
}

// The products of rows that begin at vectors `first` and `second` with the input.
fn dot_pair(first: u32, second: u32, vectors: u32, lane: u32) -> vec2f {
	var sum = vec2f();
	for (var k = 0u; k < vectors; k++) {
		sum += dot_vectors(weights[first + k], weights[second + k], k);
	}
	return sum;
}
