// Two pairs of dot products by one invocation alone: no barrier, for adapters emulated on a CPU, where barriers cost most.
// Not a kernel. Sums are f32.

// Pairs that neighbouring invocations begin with: 0, 2, 4, ..
const PAIRS_TOGETHER = 2u;

fn first_pair(group: u32, lane: u32) -> u32 {
	return group * PAIRS_PER_WORKGROUP + lane * PAIRS_TOGETHER;
}

// Whether this invocation holds the result of its pairs.
fn holds_result(lane: u32) -> bool {
	return true;
}

// The products of the rows of `pair` and the pair behind it with the input. A pair that is not there counts as the last one.
fn dot_pairs(pair: u32, lane: u32) -> vec4f {
	let first = 2u * min(pair, PAIRS - 1u) * ROW_VECTORS;
	let third = 2u * min(pair + 1u, PAIRS - 1u) * ROW_VECTORS;
	var sums = vec4f();
	for (var k = 0u; k < ROW_VECTORS; k++) {
		let x = inputs_at(k);
		sums += vec4f(
			dot_inputs(matrix[first + k], x),
			dot_inputs(matrix[first + ROW_VECTORS + k], x),
			dot_inputs(matrix[third + k], x),
			dot_inputs(matrix[third + ROW_VECTORS + k], x),
		);
	}
	return sums;
}
