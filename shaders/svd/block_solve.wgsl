// The turn that makes the columns of a pair of blocks orthogonal, from their products; a workgroup for each pair. It needs
// turn.wgsl and block.wgsl.
//
// Two-sided Jacobi on G in workgroup memory, SWEEPS times at most: in a round, 16 turns are found at once, and every 2 x 2
// block of G is turned from both sides by one invocation. Cosines are those of the columns, so small columns count as much as
// large ones (Demmel and Veselić 1992).
// Group 1: 0 products [pair][SLICES][TOGETHER x TOGETHER], 1 turns Q [pair][TOGETHER x TOGETHER], 2 whether a pair is to be
// turned at all, 3 bits of the largest cosine met. step.left_quads is SLICES here.

@group(1) @binding(0) var<storage, read> products: array<f32>;
@group(1) @binding(1) var<storage, read_write> turns: array<f32>;
@group(1) @binding(2) var<storage, read_write> turned: array<u32>;
@group(1) @binding(3) var<storage, read_write> largest: atomic<u32>;

const LANES = BLOCK * BLOCK;
const STRIDE = TOGETHER + 1u;
// After a sweep that met no larger cosine the columns are orthogonal: cosines are squared by it.
const SETTLED = 1e-4;

var<workgroup> gram: array<f32, TOGETHER * STRIDE>;
var<workgroup> together: array<f32, TOGETHER * STRIDE>;
var<workgroup> found: array<Turn, BLOCK>;
var<workgroup> met: atomic<u32>;
var<workgroup> met_before: f32;

// Collective: the largest cosine met since the last call.
fn largest_met(lane: u32) -> f32 {
	workgroupBarrier();
	if (lane == 0u) { met_before = bitcast<f32>(atomicExchange(&met, 0u)); }
	return workgroupUniformLoad(&met_before);
}

// The pair (x, y) of values after a turn of their columns.
fn turned_values(values: vec2f, turn: Turn) -> vec2f {
	return values + turn.sine * vec2f(-values.y - turn.tau * values.x, values.x - turn.tau * values.y);
}

fn turn_gram(lane: u32, round: u32) {
	let row = lane / BLOCK;
	let column = lane % BLOCK;
	let i = pair_of(row, round, TOGETHER) * STRIDE;
	let j = pair_of(column, round, TOGETHER);
	if (row == column) {
		let turn = found[row];
		if (turn.sine == 0.0) { return; }
		let shift = turn.tangent * gram[i.x + j.y];
		gram[i.x + j.x] -= shift;
		gram[i.y + j.y] += shift;
		gram[i.x + j.y] = 0.0;
		gram[i.y + j.x] = 0.0;
		return;
	}
	let upper = turned_values(vec2f(gram[i.x + j.x], gram[i.x + j.y]), found[column]);
	let lower = turned_values(vec2f(gram[i.y + j.x], gram[i.y + j.y]), found[column]);
	let first = turned_values(vec2f(upper.x, lower.x), found[row]);
	let second = turned_values(vec2f(upper.y, lower.y), found[row]);
	gram[i.x + j.x] = first.x;
	gram[i.y + j.x] = first.y;
	gram[i.x + j.y] = second.x;
	gram[i.y + j.y] = second.y;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let index = step.first + group.x;
	let slices = step.left_quads;
	for (var e = lane; e < PRODUCTS; e += LANES) {
		var sum = 0.0;
		for (var slice = 0u; slice < slices; slice++) { sum += products[(index * slices + slice) * PRODUCTS + e]; }
		let i = e / TOGETHER;
		let j = e % TOGETHER;
		gram[i * STRIDE + j] = sum;
		together[i * STRIDE + j] = select(0.0, 1.0, i == j);
	}
	workgroupBarrier();
	for (var e = lane; e < PRODUCTS; e += LANES) {
		let i = e / TOGETHER;
		let j = e % TOGETHER;
		if (i >= j) { continue; }
		let turn = turn_of(gram[i * STRIDE + i], gram[j * STRIDE + j], gram[i * STRIDE + j]);
		atomicMax(&met, bitcast<u32>(turn.cosine));
	}
	let cosine = largest_met(lane);
	if (lane == 0u) {
		atomicMax(&largest, bitcast<u32>(cosine));
		turned[index] = select(0u, 1u, cosine >= ORTHOGONAL);
	}
	if (cosine < ORTHOGONAL) { return; }

	for (var sweep = 0u; sweep < SWEEPS; sweep++) {
		for (var round = 0u; round < TOGETHER - 1u; round++) {
			if (lane < BLOCK) {
				let pair = pair_of(lane, round, TOGETHER);
				let turn = turn_of(
					gram[pair.x * STRIDE + pair.x],
					gram[pair.y * STRIDE + pair.y],
					gram[pair.x * STRIDE + pair.y]
				);
				found[lane] = turn;
				atomicMax(&met, bitcast<u32>(turn.cosine));
			}
			workgroupBarrier();
			turn_gram(lane, round);
			for (var e = lane; e < TOGETHER * BLOCK; e += LANES) {
				let row = (e / BLOCK) * STRIDE;
				let pair = pair_of(e % BLOCK, round, TOGETHER);
				let values = turned_values(vec2f(together[row + pair.x], together[row + pair.y]), found[e % BLOCK]);
				together[row + pair.x] = values.x;
				together[row + pair.y] = values.y;
			}
			workgroupBarrier();
		}
		if (largest_met(lane) < SETTLED) { break; }
	}
	for (var e = lane; e < PRODUCTS; e += LANES) {
		turns[index * PRODUCTS + e] = together[(e / TOGETHER) * STRIDE + e % TOGETHER];
	}
}
