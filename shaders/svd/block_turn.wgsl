// Turns the columns of pairs of blocks: X becomes X Q; a workgroup for each pair across and each TILE quads down. It needs
// turn.wgsl and block.wgsl.
//
// Group 1: 0 columns [BLOCK PLAYERS][4 LEFT_QUADS], of the matrix or of the right vectors, turned in place, 1 turns Q
// [pair][TOGETHER x TOGETHER], 2 whether a pair is to be turned at all.

@group(1) @binding(0) var<storage, read_write> columns: array<vec4f>;
@group(1) @binding(1) var<storage, read> turns: array<vec4f>;
@group(1) @binding(2) var<storage, read> turned: array<u32>;

const TILE = 16u;
// An invocation turns one quad of four columns.
const LANES = TILE * TOGETHER / 4u;
var<workgroup> tile: array<vec4f, TOGETHER * TILE>;
var<workgroup> turn: array<vec4f, PRODUCTS / 4u>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
	let index = step.first + group.x;
	if (turned[index] == 0u) { return; }
	let pair = pair_of(index, step.round, step.players);
	let first = group.y * TILE;
	for (var i = lane; i < TOGETHER * TILE; i += LANES) {
		tile[i] = columns[column_of(pair, i / TILE) * step.left_quads + first + i % TILE];
	}
	for (var i = lane; i < PRODUCTS / 4u; i += LANES) { turn[i] = turns[index * (PRODUCTS / 4u) + i]; }
	workgroupBarrier();
	let quad = lane % TILE;
	let four = lane / TILE;
	var sums: array<vec4f, 4>;
	for (var k = 0u; k < TOGETHER; k++) {
		let x = tile[k * TILE + quad];
		let q = turn[k * (TOGETHER / 4u) + four];
		for (var i = 0u; i < 4u; i++) { sums[i] += x * q[i]; }
	}
	for (var i = 0u; i < 4u; i++) {
		columns[column_of(pair, 4u * four + i) * step.left_quads + first + quad] = sums[i];
	}
}
