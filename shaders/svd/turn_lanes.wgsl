// A round of one-sided Jacobi, an invocation for each pair of columns: for emulated adapters, whose barriers cost most. It
// needs turn.wgsl.
//
// Group 1: 0 columns of the matrix [PLAYERS][4 LEFT_QUADS], turned in place, 1 columns of the right vectors
// [PLAYERS][4 RIGHT_QUADS], likewise, 2 bits of the largest cosine met.

@group(1) @binding(0) var<storage, read_write> left: array<vec4f>;
@group(1) @binding(1) var<storage, read_write> right: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> largest: atomic<u32>;

@compute @workgroup_size(PAIRS)
fn main(@builtin(global_invocation_id) id: vec3u) {
	if (id.x >= step.count) { return; }
	let left_quads = step.left_quads;
	let right_quads = step.right_quads;
	let pair = pair_of(step.first + id.x, step.round, step.players);
	let a = pair.x * left_quads;
	let b = pair.y * left_quads;
	var alphas = vec4f();
	var betas = vec4f();
	var gammas = vec4f();
	for (var k = 0u; k < left_quads; k++) {
		let x = left[a + k];
		let y = left[b + k];
		alphas += x * x;
		betas += y * y;
		gammas += x * y;
	}
	let ones = vec4f(1.0);
	let turn = turn_of(dot(alphas, ones), dot(betas, ones), dot(gammas, ones));
	atomicMax(&largest, bitcast<u32>(turn.cosine));
	let sine = turn.sine;
	let tau = turn.tau;
	if (sine == 0.0) { return; }
	for (var k = 0u; k < left_quads; k++) {
		let x = left[a + k];
		let y = left[b + k];
		left[a + k] = x - sine * (y + tau * x);
		left[b + k] = y + sine * (x - tau * y);
	}
	let c = pair.x * right_quads;
	let d = pair.y * right_quads;
	for (var k = 0u; k < right_quads; k++) {
		let x = right[c + k];
		let y = right[d + k];
		right[c + k] = x - sine * (y + tau * x);
		right[d + k] = y + sine * (x - tau * y);
	}
}
