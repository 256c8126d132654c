// The k-th largest of the VOCABULARY scores at SCORES, found without sorting: scores become whole numbers in the same
// order, and the largest number that at least k scores reach is found four bits at a time, from the top. Not a kernel;
// it needs lanes.wgsl.
//
// Each pass counts how many scores reach each of 16 thresholds. Counts are whole and below 2^24, so f32 holds them exactly.

// Ascends as the score does. The two zeros are neighbours, and equal again as scores.
fn order_of(score: f32) -> u32 {
	let bits = bitcast<u32>(score);
	return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn score_of(order: u32) -> f32 {
	return bitcast<f32>(select(~order, order & 0x7fffffffu, order >= 0x80000000u));
}

// Collective: the score of which `rank` (1 .. VOCABULARY) scores, itself and its equals included, are no smaller.
fn score_of_rank(rank: u32, lane: u32) -> f32 {
	let enough = vec4f(f32(rank));
	let offsets = vec4u(0u, 1u, 2u, 3u);
	var found = 0u;
	for (var digit = 0u; digit < 8u; digit++) {
		let shift = 28u - 4u * digit;
		let first = vec4u(found) + (offsets << vec4u(shift));
		let second = vec4u(found) + ((offsets + 4u) << vec4u(shift));
		let third = vec4u(found) + ((offsets + 8u) << vec4u(shift));
		let fourth = vec4u(found) + ((offsets + 12u) << vec4u(shift));
		var reach_first = vec4f();
		var reach_second = vec4f();
		var reach_third = vec4f();
		var reach_fourth = vec4f();
		for (var token = lane; token < VOCABULARY; token += LANES) {
			let order = vec4u(order_of(activations[SCORES + token]));
			reach_first += vec4f(order >= first);
			reach_second += vec4f(order >= second);
			reach_third += vec4f(order >= third);
			reach_fourth += vec4f(order >= fourth);
		}
		let reached = vec4u(sums_over_lanes(reach_first, lane) >= enough)
			+ vec4u(sums_over_lanes(reach_second, lane) >= enough)
			+ vec4u(sums_over_lanes(reach_third, lane) >= enough)
			+ vec4u(sums_over_lanes(reach_fourth, lane) >= enough);
		// the lowest of the thresholds is always reached
		found += (reached.x + reached.y + reached.z + reached.w - 1u) << shift;
	}
	return score_of(found);
}
