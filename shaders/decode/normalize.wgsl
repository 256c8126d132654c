// The residual stream's update and norm as a kernel of its own, of one workgroup: where the kernels that multiply do not
// norm their input themselves. After the MLP it reports on the sparsity too.
//
// Group 0: step. Group 1: 1 vectors, 2 hidden units [MLP], 3 and 4 as in norm_residual.wgsl, 5 normed [HIDDEN].

@group(1) @binding(1) var<storage, read> vectors: array<f32>;
@group(1) @binding(2) var<storage, read> input: array<vec4f>;
@group(1) @binding(5) var<storage, read_write> normed: array<vec4f>;

fn put_normed(quad: u32, value: vec4f) {
	normed[quad] = value;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	if (FRAMES && AFTER_MLP) { report_sparsity(layer.x - 1u, lane); }
	norm_residual(true, lane);
}
