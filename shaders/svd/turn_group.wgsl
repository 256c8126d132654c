// A round of one-sided Jacobi, a workgroup for each pair of columns: for graphics cards and few columns. It needs turn.wgsl.
//
// Group 1: as in turn_lanes.wgsl.

@group(1) @binding(0) var<storage, read_write> left: array<vec4f>;
@group(1) @binding(1) var<storage, read_write> right: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> largest: atomic<u32>;

const GROUP = 8u;
var<workgroup> sums: array<vec3f, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let left_quads = step.left_quads;
	let right_quads = step.right_quads;
	let pair = pair_of(step.first + group.x, step.round, step.players);
	let a = pair.x * left_quads;
	let b = pair.y * left_quads;
	var own = vec3f();
	for (var k = lane; k < left_quads; k += LANES) {
		let x = left[a + k];
		let y = left[b + k];
		own += vec3f(dot(x, x), dot(y, y), dot(x, y));
	}
	sums[lane] = own;
	workgroupBarrier();
	if (lane % GROUP == 0u) {
		for (var i = 1u; i < GROUP; i++) { own += sums[lane + i]; }
		sums[lane] = own;
	}
	workgroupBarrier();
	var total = vec3f();
	for (var i = 0u; i < LANES; i += GROUP) { total += sums[i]; }
	let turn = turn_of(total.x, total.y, total.z);
	if (lane == 0u) { atomicMax(&largest, bitcast<u32>(turn.cosine)); }
	let sine = turn.sine;
	let tau = turn.tau;
	if (sine == 0.0) { return; }
	for (var k = lane; k < left_quads; k += LANES) {
		let x = left[a + k];
		let y = left[b + k];
		left[a + k] = x - sine * (y + tau * x);
		left[b + k] = y + sine * (x - tau * y);
	}
	let c = pair.x * right_quads;
	let d = pair.y * right_quads;
	for (var k = lane; k < right_quads; k += LANES) {
		let x = right[c + k];
		let y = right[d + k];
		right[c + k] = x - sine * (y + tau * x);
		right[d + k] = y + sine * (x - tau * y);
	}
}
