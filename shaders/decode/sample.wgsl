// Ends a step with a token chosen inside the grammar: the f32 twin of src/lib/model/sampling.ts, which says why.
//
//     z      = logits / temperature + bias[scope]      over the tokens that the grammar admits
//     p      = softmax(z)
//     kept   = { t : p[t] >= min_p max(p), and the mass ranked before t is < top_p }
//     chosen = argmax over kept of z[t] + noise(seed, position + 1, t)
//
// Then the token moves the grammar, which stands in `sequence`: see src/lib/model/tokenGrammar.ts. When the grammar
// admits nothing the token is NONE. Ranks are sums over all tokens: O(VOCABULARY^2) in all, in parallel.
// One workgroup. Group 0: step. Group 1: 0 the grammar's tables as integers, behind a table of where each begins;
// 1 bias [scopes x VOCABULARY].

@group(1) @binding(0) var<storage, read> grammar: array<i32>;
@group(1) @binding(1) var<storage, read> bias: array<f32>;

const FORBIDDEN = 255;
const EXCLUDED = -1e4;

// How a token may be chosen, from least to most.
const BARRED = 0.0;
const EXCLUDED_BY_BIAS = 1.0;
const FREE = 2.0;

// First how each token may be chosen, then its z; LOWEST for those that may not.
var<workgroup> z: array<f32, VOCABULARY>;

fn class_count() -> u32 { return u32(grammar[0]); }
fn register_count() -> u32 { return u32(grammar[1]); }
fn token_class(token: u32) -> u32 { return u32(grammar[u32(grammar[2]) + token]); }
fn token_order(token: u32) -> i32 { return grammar[u32(grammar[3]) + token]; }
fn next_state(kind: u32) -> i32 { return grammar[u32(grammar[4]) + u32(sequence.state) * class_count() + kind]; }
fn class_register(kind: u32) -> i32 { return grammar[u32(grammar[5]) + kind]; }
fn class_resets(kind: u32) -> u32 { return u32(grammar[u32(grammar[6]) + kind]); }
fn class_needs_room(kind: u32) -> u32 { return u32(grammar[u32(grammar[7]) + kind]); }
fn register_max(r: u32) -> i32 { return grammar[u32(grammar[8]) + r]; }
fn scope_of_state() -> u32 { return u32(grammar[u32(grammar[9]) + u32(sequence.state)]); }

fn admits(token: u32) -> bool {
	let kind = token_class(token);
	if (next_state(kind) == FORBIDDEN) { return false; }
	let compared = class_register(kind);
	if (compared >= 0 && token_order(token) <= sequence.registers[compared]) { return false; }
	let needs_room = class_needs_room(kind);
	for (var r = 0u; r < register_count(); r++) {
		if (((needs_room >> r) & 1u) == 1u && sequence.registers[r] >= register_max(r)) { return false; }
	}
	return true;
}

fn advance(token: u32) {
	let kind = token_class(token);
	let compared = class_register(kind);
	sequence.state = next_state(kind);
	if (compared >= 0) { sequence.registers[compared] = token_order(token); }
	for (var r = 0u; r < register_count(); r++) {
		if (((class_resets(kind) >> r) & 1u) == 1u) { sequence.registers[r] = -1; }
	}
}

// PCG-RXS-M-XS as a hash: Jarzynski and Olano 2020.
fn hash(value: u32) -> u32 {
	let state = value * 747796405u + 2891336453u;
	let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
	return (word >> 22u) ^ word;
}

// ln x to f32 precision for normal x > 0, near 1 as well, where the built-in may be off by 2^-21: x = m 2^e with m within
// sqrt(2) of 1, ln m = 2 artanh((m - 1) / (m + 1)) as a series.
fn precise_log(x: f32) -> f32 {
	let bits = bitcast<u32>(x);
	var e = f32(bits >> 23u) - 126.0;
	var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
	if (m < 0.70710678) {
		m *= 2.0;
		e -= 1.0;
	}
	let s = (m - 1.0) / (m + 1.0);
	let q = s * s;
	let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0))));
	return e * 0.69314718 + 2.0 * s * series;
}

// Gumbel noise -ln(-ln u); u has 23 bits and is exact.
fn gumbel_noise(token: u32) -> f32 {
	let bits = hash(token + hash(step.position + 1u + hash(step.seed)));
	let uniform_value = (f32(bits >> 9u) + 0.5) / 8388608.0;
	return -precise_log(-precise_log(uniform_value));
}

fn is_before(other: u32, token: u32) -> bool {
	return z[other] > z[token] || (z[other] == z[token] && other < token);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	let bias_row = scope_of_state() * VOCABULARY;
	var own_freedom = BARRED;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		var freedom = BARRED;
		if (admits(token)) { freedom = select(FREE, EXCLUDED_BY_BIAS, bias[bias_row + token] <= EXCLUDED); }
		z[token] = freedom;
		own_freedom = max(own_freedom, freedom);
	}
	let freedom = max_over_lanes(own_freedom, lane);

	var own_largest = LOWEST;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		var value = LOWEST;
		if (freedom > BARRED && z[token] == freedom) {
			value = activations[LOGITS + token] / step.temperature;
			if (freedom == FREE) { value += bias[bias_row + token]; }
		}
		z[token] = value;
		own_largest = max(own_largest, value);
	}
	let largest = max_over_lanes(own_largest, lane);

	var own_mass = 0.0;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		if (z[token] > LOWEST) { own_mass += exp(z[token] - largest); }
	}
	let mass = sum_over_lanes(own_mass, lane);

	var best = LOWEST;
	var best_token = NONE;
	for (var token = lane; token < VOCABULARY; token += LANES) {
		if (z[token] == LOWEST || exp(z[token] - largest) < step.min_p) { continue; }
		let score = z[token] + gumbel_noise(token);
		if (score <= best) { continue; }
		if (step.top_p < 1.0) {
			var before = 0.0;
			for (var other = 0u; other < VOCABULARY; other++) {
				if (is_before(other, token)) { before += exp(z[other] - largest); }
			}
			if (before > 0.0 && before >= step.top_p * mass) { continue; }
		}
		best = score;
		best_token = token;
	}
	let chosen = index_of_largest(best, best_token, lane);
	if (lane != 0u) { return; }

	sequence.token = chosen;
	frames[step.frame + FRAME_INDEX] = step.position + 1u;
	frames[step.frame + FRAME_TOKEN] = chosen;
	if (chosen == NONE) { return; }
	write_float(FRAME_LOG_PROBABILITY, activations[LOGITS + chosen] - sequence.log_normalizer);
	advance(chosen);
}
