// The model's own next-token distribution, for the frame: temperature 1, before grammar, bias and truncation.
//
//     log_normalizer = ln sum exp(logits)
//     entropy        = -sum p ln p,  p = exp(logits - log_normalizer)            nats
//     alternatives   = the TOP most probable tokens and their p
//
// One workgroup. Group 0: step; logits [VOCABULARY] at LOGITS.

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
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
	for (var token = lane; token < VOCABULARY; token += LANES) {
		let below = activations[LOGITS + token] - largest;
		let weight = exp(below);
		own_sum += weight;
		own_weighted += weight * below;
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
