// One matrix times one vector: what attention and MLP add to the residual, and the logits.
//
//     activations[OUTPUT ..] = W input + bias                  W [ROWS x COLUMNS]
//
// Group 0: step. Group 1: 0 and 1 as in row_pairs.wgsl, then the input's.

fn put_pair(pair: u32, x: vec2f) {
	activations[OUTPUT + 2u * pair] = x.x;
	if (2u * pair + 1u < ROWS) { activations[OUTPUT + 2u * pair + 1u] = x.y; }
}
