// The input of a multiplying kernel that normalises it itself: each workgroup adds the update to the residual stream and
// norms the sum in its own memory, which is cheaper on a graphics card than a kernel of its own. The first workgroup keeps
// the new residual and reports. Not a kernel; it needs norm_residual.wgsl.

var<workgroup> staged: array<vec4f, INPUT_QUADS>;

fn input_at(quad: u32) -> vec4f {
	return staged[quad];
}

fn put_normed(quad: u32, value: vec4f) {
	staged[quad] = value;
}

fn prepare_input(group: u32, lane: u32) {
	norm_residual(KEEPS_RESIDUAL && group == 0u, lane);
	workgroupBarrier();
}
