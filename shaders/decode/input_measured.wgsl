// The input of the MLP's second half, which is also what the frame's sparsity is about: the first workgroup measures it.
// Not a kernel; it needs sparsity.wgsl.
// Group 1: 2 input [MLP], padded with zeros to whole vectors, 3 which layer this is.

@group(1) @binding(2) var<storage, read> input: array<vec4f, INPUT_QUADS>;
@group(1) @binding(3) var<uniform> layer: vec4u;

fn input_at(quad: u32) -> vec4f {
	return input[quad];
}

fn prepare_input(group: u32, lane: u32) {
	if (group == 0u) { report_sparsity(layer.x, lane); }
}
