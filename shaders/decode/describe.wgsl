// The model's own next-token distribution, for the frame: temperature 1, before grammar, bias and truncation.
//
//     log_normalizer = ln sum exp(logits)
//     entropy        = -sum p ln p,  p = exp(logits - log_normalizer)            nats
//     alternatives   = the TOP most probable tokens and their p
//
// Not a kernel: the first half of every ending, before take.wgsl or sample.wgsl. It needs lanes.wgsl and largest.wgsl.
// Logits [VOCABULARY] lie at LOGITS. Without FRAMES nobody reads the description, and it is left out.

// Tokens that are summed up before they join the whole, so that long sums keep their last digits.
const BLOCK = 256u * LANES;

// Collective.
fn describe(lane: u32) {
	if (!FRAMES) { return; }
	begin_largest();
	var own_largest = LOWEST;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		let logit = activations[LOGITS + token];
		own_largest = max(own_largest, logit);
		offer_largest(logit, token);
	}
	let largest = max_over_lanes(own_largest, lane);

	var own_sum = 0.0;
	var own_weighted = 0.0;
	for (var begin = lane; begin < VOCABULARY; begin += BLOCK) {
		var block_sum = 0.0;
		var block_weighted = 0.0;
		for (var token = begin; token < min(begin + BLOCK, VOCABULARY); token += LANES) {
			let below = activations[LOGITS + token] - largest;
			let weight = exp(below);
			block_sum += weight;
			block_weighted += weight * below;
		}
		own_sum += block_sum;
		own_weighted += block_weighted;
	}
	let sum = sum_over_lanes(own_sum, lane);
	let weighted = sum_over_lanes(own_weighted, lane);
	let log_normalizer = largest + log(sum);
	if (lane == 0u) {
		sequence.log_normalizer = log_normalizer;
		write_float(FRAME_ENTROPY, log(sum) - weighted / sum);
	}
	for (var i = 0u; i < TOP; i++) {
		let token = draw_largest(lane);
		if (lane == 0u) {
			var probability = 0.0;
			if (token != NONE) { probability = exp(activations[LOGITS + token] - log_normalizer); }
			frames[step.frame + FRAME_ALTERNATIVES + i] = token;
			write_float(FRAME_PROBABILITIES + i, probability);
		}
	}
}

// By one invocation, after describe: appends the token and reports what the model thought of it.
fn append(token: u32) {
	sequence.token = token;
	frames[step.frame + FRAME_INDEX] = step.position + 1u;
	frames[step.frame + FRAME_TOKEN] = token;
	if (token == NONE) { return; }
	sequence.last_seen[token] = step.position + 2u;
	if (FRAMES) { write_float(FRAME_LOG_PROBABILITY, activations[LOGITS + token] - sequence.log_normalizer); }
}
