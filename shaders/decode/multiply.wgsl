// One matrix times one activation vector: what attention and MLP add to the residual, and the logits.
//
//     output = W input                         W [ROWS x COLUMNS] in f16, at MATRIX; output among the activations
//
// Group 0: step. Group 1: 0 the buffer that holds W, 1 input [COLUMNS], padded with zeros to whole vectors.

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read> input: array<vec4f>;

const PAIRS = (ROWS + 1u) / 2u;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let pair = pair_of(group.x, lane);
	let first = 2u * min(pair, PAIRS - 1u);
	let second = min(first + 1u, ROWS - 1u);
	let x = dot_pair(MATRIX + first * COLUMN_VECTORS, MATRIX + second * COLUMN_VECTORS, COLUMN_VECTORS, lane);
	if (!holds_result(lane) || pair >= PAIRS) { return; }
	activations[OUTPUT + first] = x.x;
	if (first + 1u < ROWS) { activations[OUTPUT + first + 1u] = x.y; }
}
