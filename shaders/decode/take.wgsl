// Ends a step with a given token, as when an opening is read.
//
// One workgroup. Group 0: step.

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
	describe(lane);
	if (lane == 0u) { append(step.forced); }
}
