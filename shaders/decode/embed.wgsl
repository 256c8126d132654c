// Begins a step: the embedding of the last token becomes the residual stream, and its RMSNorm the first layer's input.
//
//     residual = E[token]                      [HIDDEN], E [VOCABULARY x HIDDEN] in f16
//     normed   = RMSNorm(residual)             with the weight at FIRST_NORM
//
// One workgroup. Group 0: step. Group 1: 0 the matrix E and behind it the norm's weight, 1 normed.

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read_write> normed: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	let row = sequence.token * HIDDEN_VECTORS;
	for (var i = lane; i < HIDDEN; i += LANES) {
		let pair = unpack2x16float(weights[row + i / 8u][(i / 2u) % 4u]);
		activations[RESIDUAL + i] = pair[i % 2u];
	}
	normalize_residual(FIRST_NORM, lane);
}
