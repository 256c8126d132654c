// Ends a step with a given token, as when an opening is read: appends it and reports what the model thought of it.
//
// One invocation. Group 0: step.

@compute @workgroup_size(1)
fn main() {
	let token = step.forced;
	sequence.token = token;
	frames[step.frame + FRAME_INDEX] = step.position + 1u;
	frames[step.frame + FRAME_TOKEN] = token;
	write_float(FRAME_LOG_PROBABILITY, activations[LOGITS + token] - sequence.log_normalizer);
}
