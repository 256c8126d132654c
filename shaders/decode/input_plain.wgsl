// The input of a multiplying kernel, as another kernel left it. Not a kernel.
// Group 1: 2 input [COLUMNS], padded with zeros to whole vectors.

@group(1) @binding(2) var<storage, read> input: array<vec4f, INPUT_QUADS>;

fn input_at(quad: u32) -> vec4f {
	return input[quad];
}

fn prepare_input(group: u32, lane: u32) {}
