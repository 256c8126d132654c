// Begins a step: the last token's embedding becomes the residual stream.
//
//     residual = E[token] · EMBEDDING_SCALE + P[position]      [HIDDEN], E [VOCABULARY x HIDDEN], P where positions are learned
//
// A large E lies in several buffers; each dispatch has the ROWS rows from FIRST_ROW on, and only the one that holds the token
// does anything. Group 0: step. Group 1: 0 rows of E, 1 vectors: scales of int8 rows, 2 P, 4 recorded residuals.

@group(1) @binding(0) var<storage, read> matrix: array<vec4u>;
@group(1) @binding(1) var<storage, read> vectors: array<f32>;
@group(1) @binding(2) var<storage, read> positions: array<vec4u>;
@group(1) @binding(4) var<storage, read_write> residuals: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
	let token = sequence.token;
	if (token < FIRST_ROW || token >= FIRST_ROW + ROWS) { return; }
	let record = (step.position % RESIDUAL_POSITIONS) * (LAYERS + 1u) * HIDDEN;
	for (var i = lane; i < HIDDEN; i += 64u) {
		let vector = i / WEIGHTS_PER_VECTOR;
		var x = weight_in(matrix[(token - FIRST_ROW) * ROW_VECTORS + vector], i);
		if (HAS_SCALES) { x *= vectors[SCALES + token]; }
		x *= EMBEDDING_SCALE;
		if (HAS_POSITIONS) {
			var p = weight_in(positions[step.position * ROW_VECTORS + vector], i);
			if (HAS_SCALES) { p *= vectors[POSITION_SCALES + step.position]; }
			x += p;
		}
		activations[RESIDUAL + i] = x;
		if (RECORDING) { residuals[record + i] = x; }
	}
}
