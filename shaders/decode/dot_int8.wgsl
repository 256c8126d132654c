// Dot products of weights in int8, sixteen to a vector of 16 bytes, as shares of the row's largest: weights_int8.wgsl says how.
// Not a kernel; it needs a function `input_at`, which gives four values.

// The input's values that meet vector k of a row: 16k .. 16k + 15. Loaded once for several rows.
struct Inputs {
	first: vec4f,
	second: vec4f,
	third: vec4f,
	fourth: vec4f,
}

fn inputs_at(k: u32) -> Inputs {
	return Inputs(input_at(4u * k), input_at(4u * k + 1u), input_at(4u * k + 2u), input_at(4u * k + 3u));
}

fn dot_inputs(row: vec4u, x: Inputs) -> f32 {
	return dot(unpack4x8snorm(row.x), x.first) + dot(unpack4x8snorm(row.y), x.second)
		+ (dot(unpack4x8snorm(row.z), x.third) + dot(unpack4x8snorm(row.w), x.fourth));
}
