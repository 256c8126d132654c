// Adds what a layer's half found to the residual stream, and norms the sum for what comes next. Not a kernel; it needs
// lanes.wgsl, `vectors`, and a function `put_normed`, which takes four values.
//
//     update'  = UPDATE_NORM ? norm(update, weight at UPDATE_WEIGHT) : update
//     residual = residual + update'                                          [HIDDEN], from RESIDUAL_IN to RESIDUAL_OUT
//     normed   = norm(residual, weight at NORM_WEIGHT)
//     norm(x)  = x / sqrt(mean(x^2) + EPSILON) · weight                      Zhang and Sennrich 2019
//            or  (x - mean(x)) / sqrt(variance(x) + EPSILON) · weight + bias  with LAYER_NORM: Ba et al. 2016
//
// It reports on what it read: after attention (AFTER_ATTENTION) the update's L2 norm, after the MLP (AFTER_MLP), at the
// end of layer `layer` - 1, those of update and residual. The residual behind a layer is recorded as its entry `layer`.
// Group 1: 3 which layer comes next, 4 recorded residuals [RESIDUAL_POSITIONS][LAYERS + 1][HIDDEN].

@group(1) @binding(3) var<uniform> layer: vec4u;
@group(1) @binding(4) var<storage, read_write> residuals: array<f32>;

// What a norm subtracts, and what it multiplies by.
struct Moments {
	mean: f32,
	scale: f32,
}

// Which of a quad's values exist: HIDDEN need not be a multiple of four.
fn present(quad: u32) -> vec4<bool> {
	return vec4u(4u * quad) + vec4u(0u, 1u, 2u, 3u) < vec4u(HIDDEN);
}

fn activation_quad(begin: u32, quad: u32) -> vec4f {
	let i = begin + 4u * quad;
	return vec4f(activations[i], activations[i + 1u], activations[i + 2u], activations[i + 3u]);
}

fn vector_quad(begin: u32, quad: u32) -> vec4f {
	let i = begin + 4u * quad;
	return vec4f(vectors[i], vectors[i + 1u], vectors[i + 2u], vectors[i + 3u]);
}

fn update_quad(quad: u32, moments: Moments) -> vec4f {
	var update = activation_quad(UPDATE, quad);
	if (UPDATE_NORM) {
		update = (update - moments.mean) * moments.scale * vector_quad(UPDATE_WEIGHT, quad);
		if (UPDATE_HAS_BIAS) { update += vector_quad(UPDATE_BIAS, quad); }
	}
	return select(vec4f(), update, present(quad));
}

fn residual_quad(quad: u32, update_moments: Moments) -> vec4f {
	let residual = select(vec4f(), activation_quad(RESIDUAL_IN, quad), present(quad));
	if (UPDATED) { return residual + update_quad(quad, update_moments); }
	return residual;
}

// Collective: the moments of the residual, or of the update alone, whose sum and sum of squares are known.
fn moments_of(sum: f32, squares: f32, is_update: bool, update_moments: Moments, lane: u32) -> Moments {
	if (!LAYER_NORM) { return Moments(0.0, inverseSqrt(squares / f32(HIDDEN) + EPSILON)); }
	let mean = sum / f32(HIDDEN);
	var own = 0.0;
	for (var q = lane; q < INPUT_QUADS; q += LANES) {
		var x = residual_quad(q, update_moments);
		if (is_update) { x = activation_quad(UPDATE, q); }
		let apart = select(vec4f(), x - mean, present(q));
		own += dot(apart, apart);
	}
	return Moments(mean, inverseSqrt(sum_over_lanes(own, lane) / f32(HIDDEN) + EPSILON));
}

// Collective: how the update is normed.
fn update_moments_of(lane: u32) -> Moments {
	if (!UPDATE_NORM) { return Moments(0.0, 1.0); }
	var own = vec4f();
	for (var q = lane; q < INPUT_QUADS; q += LANES) {
		let update = select(vec4f(), activation_quad(UPDATE, q), present(q));
		own += vec4f(dot(update, vec4f(1.0)), dot(update, update), 0.0, 0.0);
	}
	let sums = sums_over_lanes(own, lane);
	return moments_of(sums.x, sums.y, true, Moments(0.0, 1.0), lane);
}

// Collective: all of the above; one workgroup of a kernel `keeps` the residual and reports.
fn norm_residual(keeps: bool, lane: u32) {
	let update_moments = update_moments_of(lane);
	var own = vec4f();
	for (var q = lane; q < INPUT_QUADS; q += LANES) {
		let x = residual_quad(q, update_moments);
		own += vec4f(dot(x, vec4f(1.0)), dot(x, x), 0.0, 0.0);
		if (keeps) {
			if (FRAMES && UPDATED) {
				let update = update_quad(q, update_moments);
				own.z += dot(update, update);
			}
			keep_residual(q, x);
		}
	}
	let sums = sums_over_lanes(own, lane);
	let moments = moments_of(sums.x, sums.y, false, update_moments, lane);
	for (var q = lane; q < INPUT_QUADS; q += LANES) {
		var normed = (residual_quad(q, update_moments) - moments.mean) * moments.scale * vector_quad(NORM_WEIGHT, q);
		if (NORM_HAS_BIAS) { normed += vector_quad(NORM_BIAS, q); }
		put_normed(q, select(vec4f(), normed, present(q)));
	}
	if (FRAMES && keeps && lane == 0u) { report(sqrt(sums.z), sqrt(sums.y)); }
}

fn keep_residual(quad: u32, x: vec4f) {
	let record = ((step.position % RESIDUAL_POSITIONS) * (LAYERS + 1u) + layer.x) * HIDDEN;
	for (var i = 4u * quad; i < min(4u * quad + 4u, HIDDEN); i++) {
		if (UPDATED) { activations[RESIDUAL_OUT + i] = x[i % 4u]; }
		if (RECORDING && AFTER_MLP) { residuals[record + i] = x[i % 4u]; }
	}
}

fn report(update_norm: f32, residual_norm: f32) {
	if (AFTER_ATTENTION) { write_float(LAYER_BLOCKS + layer.x * LAYER_STRIDE + LAYER_ATTENTION_NORM, update_norm); }
	if (AFTER_MLP) {
		let block = LAYER_BLOCKS + (layer.x - 1u) * LAYER_STRIDE;
		write_float(block + LAYER_MLP_NORM, update_norm);
		write_float(block + LAYER_RESIDUAL_NORM, residual_norm);
	}
}
