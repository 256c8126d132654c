// Two dot products at once, by LANES_PER_PAIR neighbouring invocations, which read 128 bytes of a row side by side: for
// graphics cards. Not a kernel. Rows are f16, eight to a vec4u, padded with zeros to whole vectors; sums are f32.

const WORKGROUP = 64u;
const LANES_PER_PAIR = 8u;
const PAIRS_PER_WORKGROUP = WORKGROUP / LANES_PER_PAIR;

var<workgroup> lane_sums: array<vec2f, WORKGROUP>;

fn pair_of(group: u32, lane: u32) -> u32 {
	return group * PAIRS_PER_WORKGROUP + lane / LANES_PER_PAIR;
}

// Whether this invocation holds the result of its pair.
fn holds_result(lane: u32) -> bool {
	return lane % LANES_PER_PAIR == 0u;
}

// Collective: the products of rows that begin at vectors `first` and `second` with the input.
fn dot_pair(first: u32, second: u32, vectors: u32, lane: u32) -> vec2f {
	var own = vec2f();
	for (var k = lane % LANES_PER_PAIR; k < vectors; k += LANES_PER_PAIR) {
		own += dot_vectors(weights[first + k], weights[second + k], k);
	}
	lane_sums[lane] = own;
	workgroupBarrier();
	var sum = vec2f();
	let first_lane = lane - lane % LANES_PER_PAIR;
	for (var i = 0u; i < LANES_PER_PAIR; i++) { sum += lane_sums[first_lane + i]; }
	return sum;
}
