// A pair of dot products by LANES_PER_PAIR neighbouring invocations of one subgroup, which hand each other their shares
// without memory or barrier. LANES_PER_PAIR is a power of two that divides every subgroup size of the adapter, and shares
// are put together in the same order whatever that size is. Not a kernel. Sums are f32.

const PAIRS_TOGETHER = 1u;

fn first_pair(group: u32, lane: u32) -> u32 {
	return group * PAIRS_PER_WORKGROUP + lane / LANES_PER_PAIR;
}

// Whether this invocation holds the result of its pair.
fn holds_result(lane: u32) -> bool {
	return lane % LANES_PER_PAIR == 0u;
}

// Collective: the products of the rows of `pair` with the input. A pair that is not there counts as the last one.
fn dot_pairs(pair: u32, lane: u32) -> vec4f {
	let first = 2u * min(pair, PAIRS - 1u) * ROW_VECTORS;
	let second = first + ROW_VECTORS;
	var own = vec2f();
	for (var k = lane % LANES_PER_PAIR; k < ROW_VECTORS; k += LANES_PER_PAIR) {
		let x = inputs_at(k);
		own += vec2f(dot_inputs(matrix[first + k], x), dot_inputs(matrix[second + k], x));
	}
	for (var distance = 1u; distance < LANES_PER_PAIR; distance *= 2u) {
		own += subgroupShuffleXor(own, distance);
	}
	return vec4f(own, 0.0, 0.0);
}
