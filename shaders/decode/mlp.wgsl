// The wide half of the MLP.
//
//     hidden = f(W_gate input + b_gate) · (W_up input + b_up)      [MLP] with GATED (Shazeer 2020)
//     hidden = f(W_up input + b_up)                                without
//     f(x)   = x / (1 + exp(-x))  with SILU;  x Phi(x)  with GELU (Hendrycks and Gimpel 2016);  otherwise its approximation
//              x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
//
// A pair of rows is the same unit of W_gate and W_up, or two neighbouring units of W_up.
// Group 0: step. Group 1: 0 and 1 as in row_pairs.wgsl, then the input's, 5 hidden.

@group(1) @binding(5) var<storage, read_write> hidden: array<f32>;

// Phi(-x) for x >= 0, within 8e-8: Abramowitz and Stegun 1964, 7.1.26.
fn upper_tail(x: f32) -> f32 {
	let z = x * 0.70710678;
	let t = 1.0 / (1.0 + 0.3275911 * z);
	let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
	return 0.5 * series * exp(max(-z * z, -80.0));
}

fn activated(x: f32) -> f32 {
	if (SILU) { return x / (1.0 + exp(min(-x, 80.0))); }
	if (GELU) { return x * select(1.0 - upper_tail(x), upper_tail(-x), x < 0.0); }
	// (1 + tanh y) / 2 = 1 / (1 + exp(-2y)), which has no overflow to fear
	return x / (1.0 + exp(min(-2.0 * 0.7978845608 * (x + 0.044715 * x * x * x), 80.0)));
}

fn put_pair(pair: u32, x: vec2f) {
	if (GATED) {
		hidden[pair] = activated(x.x) * x.y;
	} else {
		hidden[2u * pair] = activated(x.x);
		if (2u * pair + 1u < MLP) { hidden[2u * pair + 1u] = activated(x.y); }
	}
}
