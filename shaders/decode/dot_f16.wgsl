// Dot products of weights in f16, eight to a vector of 16 bytes.
// Not a kernel; it needs a function `input_at`, which gives four values.

// The input's values that meet vector k of a row: 8k .. 8k + 7. Loaded once for several rows.
struct Inputs {
	low: vec4f,
	high: vec4f,
}

fn inputs_at(k: u32) -> Inputs {
	return Inputs(input_at(2u * k), input_at(2u * k + 1u));
}

fn dot_inputs(row: vec4u, x: Inputs) -> f32 {
	return dot(vec4f(unpack2x16float(row.x), unpack2x16float(row.y)), x.low)
		+ dot(vec4f(unpack2x16float(row.z), unpack2x16float(row.w)), x.high);
}
