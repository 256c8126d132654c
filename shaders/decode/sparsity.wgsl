// The frame's sparsity of the MLP's hidden units (Hoyer 2004, section 3.1). Not a kernel; it needs lanes.wgsl, and the
// hidden units as `input`, padded with zeros.
//
//     sparsity = (sqrt(MLP) - |hidden|_1 / |hidden|_2) / (sqrt(MLP) - 1)

// Collective. 0 when all units are equal in size, 1 when one stands alone.
fn report_sparsity(of_layer: u32, lane: u32) {
	var own = vec4f();
	for (var q = lane; q < (MLP + 3u) / 4u; q += LANES) {
		let units = input[q];
		own += vec4f(dot(abs(units), vec4f(1.0)), dot(units, units), 0.0, 0.0);
	}
	let sums = sums_over_lanes(own, lane);
	if (lane != 0u) { return; }
	var sparsity = 0.0;
	if (sums.y > 0.0 && MLP > 1u) {
		sparsity = (sqrt(f32(MLP)) - sums.x / sqrt(sums.y)) / (sqrt(f32(MLP)) - 1.0);
	}
	write_float(LAYER_BLOCKS + of_layer * LAYER_STRIDE + LAYER_SPARSITY, sparsity);
}
