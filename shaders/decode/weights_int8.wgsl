// Weights in int8, sixteen to a vector of 16 bytes, as shares -127/127 .. 127/127 of the row's largest weight, which
// multiplies the sum. Activations stay f32. Not a kernel.

const WEIGHTS_PER_VECTOR = 16u;

// The weight i of a row, found in its vector i / WEIGHTS_PER_VECTOR, still to be multiplied.
fn weight_in(row: vec4u, i: u32) -> f32 {
	return unpack4x8snorm(row[(i / 4u) % 4u])[i % 4u];
}
