// Ends a step with a token chosen inside the grammar, or with a given one; either moves the grammar on. The f32 twin of
// src/lib/model/sampling.ts, which says why.
//
//     l      = logits, those of repeated tokens divided by the penalty when positive, multiplied when not
//     z      = l / (temperature x temperature of the state) + bias[scope]      over the tokens that the grammar admits
//     listed = { t : fewer than top_k tokens have a greater z }
//     kept   = { t in listed : exp(z[t] - max z) >= min_p, and the mass of greater z is < top_p x the mass of the listed }
//     chosen = argmax over kept of z[t] + noise(seed, position + 1, t)
//
// Mass is sum exp(z - max z). Its limit is asked of one token alone, the best of those left: where that one falls, so does
// everything of no greater z. A token is drawn by its mass, so it rarely falls, and mostly one question is enough.
// When the grammar admits nothing the token is NONE.
//
// One workgroup. Group 0: step; z [VOCABULARY] at SCORES, where each invocation meets only its own. Group 1: 0 grammar,
// 1 bias [scopes x VOCABULARY].

@group(1) @binding(1) var<storage, read> bias: array<f32>;

const EXCLUDED = -1e4;

// The z of the token that is asked about, and the answer.
var<workgroup> asked: f32;
var<workgroup> is_kept: u32;

fn is_repeated(token: u32) -> bool {
	let seen = sequence.last_seen[token];
	return seen > 0u && seen + step.repetition_window > step.position + 1u;
}

fn scaled_logit(token: u32, temperature: f32) -> f32 {
	var logit = activations[LOGITS + token];
	if (step.repetition_penalty != 1.0 && is_repeated(token)) {
		logit = select(logit * step.repetition_penalty, logit / step.repetition_penalty, logit > 0.0);
	}
	return logit / temperature;
}

// Writes z of the admitted tokens and LOWEST for all others, and returns the largest of this invocation. Where
// `overruled`, the bias has excluded everything and is ignored.
fn write_scores(overruled: bool, lane: u32) -> f32 {
	let bias_row = scope_of_state() * VOCABULARY;
	let temperature = step.temperature * temperature_of_state();
	var largest = LOWEST;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		var score = LOWEST;
		if (admits(token)) {
			let added = bias[bias_row + token];
			if (overruled) { score = scaled_logit(token, temperature); }
			else if (added > EXCLUDED) { score = scaled_logit(token, temperature) + added; }
		}
		activations[SCORES + token] = score;
		largest = max(largest, score);
	}
	return largest;
}

// Collective: the mass of the tokens whose z is at least `least` and above `below`.
fn mass_of(least: f32, below: f32, largest: f32, lane: u32) -> f32 {
	var mass = 0.0;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		let score = activations[SCORES + token];
		if (score >= least && score > below) { mass += exp(score - largest); }
	}
	return sum_over_lanes(mass, lane);
}

// Collective: the chosen token.
fn choose(lane: u32) -> u32 {
	var own_largest = write_scores(false, lane);
	var largest = max_over_lanes(own_largest, lane);
	if (largest == LOWEST) { own_largest = write_scores(true, lane); }
	largest = max_over_lanes(own_largest, lane);

	var least = LOWEST;
	if (step.top_k == 1u) { least = largest; }
	else if (step.top_k > 0u && step.top_k < VOCABULARY) { least = score_of_rank(step.top_k, lane); }
	var limit = 0.0;
	if (step.top_p < 1.0) { limit = step.top_p * mass_of(least, LOWEST, largest, lane); }

	var fallen = LOWEST;
	var chosen = NONE;
	loop {
		var best = LOWEST;
		var best_token = NONE;
		var best_score = LOWEST;
		for (var token = lane; token < VOCABULARY; token += LANES) {
			let score = activations[SCORES + token];
			if (score < least || score <= fallen || score + MOST_NOISE <= best) { continue; }
			if (exp(score - largest) < step.min_p) { continue; }
			let noisy = score + gumbel_noise(token);
			if (noisy > best) {
				best = noisy;
				best_token = token;
				best_score = score;
			}
		}
		chosen = index_of_largest(best, best_token, lane);
		if (step.top_p >= 1.0) { break; }
		if (lane == 0u) { asked = largest; }
		workgroupBarrier();
		if (best_token == chosen && chosen != NONE) { asked = best_score; }
		fallen = workgroupUniformLoad(&asked);
		let above = mass_of(least, fallen, largest, lane);
		if (lane == 0u) { is_kept = u32(fallen >= largest || above < limit); }
		if (workgroupUniformLoad(&is_kept) == 1u) { break; }
	}
	return chosen;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	describe(lane);
	var token = step.forced;
	if (token == NONE) { token = choose(lane); }
	if (lane != 0u) { return; }
	append(token);
	if (token != NONE) { advance(token); }
}
