// Weights in f16, eight to a vector of 16 bytes. Not a kernel.

const WEIGHTS_PER_VECTOR = 8u;

// The weight i of a row, found in its vector i / WEIGHTS_PER_VECTOR.
fn weight_in(row: vec4u, i: u32) -> f32 {
	return unpack2x16float(row[(i / 2u) % 4u])[i % 2u];
}
