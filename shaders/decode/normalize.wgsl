// Updates of the residual stream and its RMSNorm (Zhang and Sennrich 2019), by one workgroup. Not a kernel; it needs lanes.wgsl, and
// the kernel's bindings `weights` and `normed`.
//
//     normed = residual / sqrt(mean(residual^2) + RMS_EPSILON) * weight          [HIDDEN]
//
// The weight is f32, kept as bits in the matrices' buffer from vector `weight` on.

fn weight_value(weight: u32, i: u32) -> f32 {
	return bitcast<f32>(weights[weight + i / 4u][i % 4u]);
}

// Collective. Adds the update to the residual, each invocation to its own entries, and returns the update's sum of squares.
fn add_update(lane: u32) -> f32 {
	var own = 0.0;
	for (var i = lane; i < HIDDEN; i += LANES) {
		let update = activations[UPDATE + i];
		own += update * update;
		activations[RESIDUAL + i] += update;
	}
	return sum_over_lanes(own, lane);
}

// Collective. Returns the sum of squares of the residual; invocations must have written only their own entries of it,
// those with i mod LANES = lane.
fn normalize_residual(weight: u32, lane: u32) -> f32 {
	var own = 0.0;
	for (var i = lane; i < HIDDEN; i += LANES) {
		let x = activations[RESIDUAL + i];
		own += x * x;
	}
	let squares = sum_over_lanes(own, lane);
	let scale = inverseSqrt(squares / f32(HIDDEN) + RMS_EPSILON);
	for (var i = lane; i < HIDDEN; i += LANES) {
		normed[i] = activations[RESIDUAL + i] * scale * weight_value(weight, i);
	}
	return squares;
}
