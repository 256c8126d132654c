// Products of the columns of pairs of blocks with each other, over a slice of their length; a workgroup for each pair across
// and each slice down. It needs turn.wgsl and block.wgsl.
//
// Group 1: 0 columns of the matrix [BLOCK PLAYERS][4 LEFT_QUADS], 1 products [pair][slice][TOGETHER x TOGETHER].

@group(1) @binding(0) var<storage, read> left: array<vec4f>;
@group(1) @binding(1) var<storage, read_write> products: array<f32>;

// Quads of every column that are in workgroup memory at a time; LEFT_QUADS is a multiple of it.
const TILE = 16u;
// One more, so that neighbours do not wait for the same bank of memory.
const TILE_STRIDE = TILE + 1u;
var<workgroup> tile: array<vec4f, TOGETHER * TILE_STRIDE>;

@compute @workgroup_size(8, 8)
fn main(
	@builtin(workgroup_id) group: vec3u,
	@builtin(num_workgroups) groups: vec3u,
	@builtin(local_invocation_id) place: vec3u,
	@builtin(local_invocation_index) lane: u32
) {
	let index = step.first + group.x;
	let pair = pair_of(index, step.round, step.players);
	var sums: array<vec4f, 4>;
	let tiles = step.left_quads / TILE;
	for (var t = group.y; t < tiles; t += groups.y) {
		for (var i = lane; i < TOGETHER * TILE; i += 64u) {
			let column = i / TILE;
			tile[column * TILE_STRIDE + i % TILE] = left[column_of(pair, column) * step.left_quads + t * TILE + i % TILE];
		}
		workgroupBarrier();
		for (var k = 0u; k < TILE; k++) {
			let y0 = tile[4u * place.x * TILE_STRIDE + k];
			let y1 = tile[(4u * place.x + 1u) * TILE_STRIDE + k];
			let y2 = tile[(4u * place.x + 2u) * TILE_STRIDE + k];
			let y3 = tile[(4u * place.x + 3u) * TILE_STRIDE + k];
			for (var i = 0u; i < 4u; i++) {
				let x = tile[(4u * place.y + i) * TILE_STRIDE + k];
				sums[i] += vec4f(dot(x, y0), dot(x, y1), dot(x, y2), dot(x, y3));
			}
		}
		workgroupBarrier();
	}
	let at = (index * groups.y + group.y) * PRODUCTS;
	for (var i = 0u; i < 4u; i++) {
		for (var j = 0u; j < 4u; j++) {
			products[at + (4u * place.y + i) * TOGETHER + 4u * place.x + j] = sums[i][j];
		}
	}
}
