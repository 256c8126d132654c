// The wide half of the MLP, SwiGLU (Shazeer 2020).
//
//     hidden = silu(W_gate normed) * (W_up normed),   silu(x) = x / (1 + exp(-x))      [MLP]
//
// A pair of rows is the same unit of W_gate (at GATE) and W_up (at UP), each [MLP x HIDDEN] in f16.
// Group 0: step. Group 1: 0 matrices of the layer, 1 normed, 2 hidden.

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read> input: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> hidden: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let unit = pair_of(group.x, lane);
	let row = min(unit, MLP - 1u) * HIDDEN_VECTORS;
	let x = dot_pair(GATE + row, UP + row, HIDDEN_VECTORS, lane);
	if (!holds_result(lane) || unit >= MLP) { return; }
	hidden[unit] = x.x / (1.0 + exp(-x.x)) * x.y;
}
