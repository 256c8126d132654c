// Adds what attention found to the residual stream, and normalises it for the MLP.
//
//     residual += update                       [HIDDEN]
//     normed    = RMSNorm(residual)            with the weight at MLP_NORM
//
// The frame gets the norm of the update. One workgroup. Group 0: step. Group 1: 0 matrices of the layer, 1 normed,
// 2 which layer this is.

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read_write> normed: array<f32>;
@group(1) @binding(2) var<uniform> layer: vec4u;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	let update_squares = add_update(lane);
	normalize_residual(MLP_NORM, lane);
	if (lane == 0u) {
		write_float(LAYER_BLOCKS + layer.x * LAYER_STRIDE + LAYER_ATTENTION_NORM, sqrt(update_squares));
	}
}
