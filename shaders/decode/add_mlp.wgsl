// Adds what the MLP found to the residual stream, ends the layer's report, and normalises for what comes next: the
// following layer's attention, or the logits.
//
//     residual += update                       [HIDDEN]
//     normed    = RMSNorm(residual)            with the weight at NEXT_NORM
//     sparsity  = (sqrt(MLP) - |hidden|_1 / |hidden|_2) / (sqrt(MLP) - 1)        Hoyer 2004, section 3.1
//
// One workgroup. Group 0: step. Group 1: 0 matrices of the layer, 1 normed, 2 which layer this is, 3 hidden [MLP].

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read_write> normed: array<f32>;
@group(1) @binding(2) var<uniform> layer: vec4u;
@group(1) @binding(3) var<storage, read> hidden: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	let update_squares = add_update(lane);

	var own_sizes = 0.0;
	var own_squares = 0.0;
	for (var i = lane; i < MLP; i += LANES) {
		let unit = hidden[i];
		own_sizes += abs(unit);
		own_squares += unit * unit;
	}
	let sizes = sum_over_lanes(own_sizes, lane);
	let squares = sum_over_lanes(own_squares, lane);

	let residual_squares = normalize_residual(NEXT_NORM, lane);
	if (lane == 0u) {
		let block = LAYER_BLOCKS + layer.x * LAYER_STRIDE;
		var sparsity = 0.0;
		if (squares > 0.0 && MLP > 1u) {
			sparsity = (sqrt(f32(MLP)) - sizes / sqrt(squares)) / (sqrt(f32(MLP)) - 1.0);
		}
		write_float(block + LAYER_RESIDUAL_NORM, sqrt(residual_squares));
		write_float(block + LAYER_MLP_NORM, sqrt(update_squares));
		write_float(block + LAYER_SPARSITY, sparsity);
	}
}
