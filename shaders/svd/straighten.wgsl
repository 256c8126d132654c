// Makes nearly orthonormal rows more so, by a step of Newton and Schulz; a workgroup for a square of the result. It needs
// product.wgsl.
//
//     result = 3/2 v - 1/2 (v vᵀ) v                                       [X_ROWS][4 QUADS], as v
//
// An error e of v becomes 3/4 e squared (Björck and Bowie 1971). X_ROWS is a multiple of four.
// Group 1: 0 v vᵀ [X_ROWS][STRIDE], 1 v, 2 result.

@group(1) @binding(0) var<storage, read> products: array<vec4f>;
@group(1) @binding(1) var<storage, read> v: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) place: vec3u) {
	let square = step.first + group.x;
	let i = (square / step.across) * SIDE + 4u * place.y;
	let quad = (square % step.across) * (SIDE / 4u) + place.x;
	if (i >= step.x_rows || quad >= step.quads) { return; }
	let product_quads = step.stride / 4u;
	var sums: array<vec4f, 4>;
	for (var part = 0u; part < step.x_rows / 4u; part += PART) {
		// zeros written out: without them some compilers keep the last part's sums
		var parts = array<vec4f, 4>();
		for (var k = part; k < min(part + PART, step.x_rows / 4u); k++) {
			let v0 = v[4u * k * step.quads + quad];
			let v1 = v[(4u * k + 1u) * step.quads + quad];
			let v2 = v[(4u * k + 2u) * step.quads + quad];
			let v3 = v[(4u * k + 3u) * step.quads + quad];
			for (var a = 0u; a < 4u; a++) {
				let p = products[(i + a) * product_quads + k];
				parts[a] += p.x * v0 + p.y * v1 + (p.z * v2 + p.w * v3);
			}
		}
		for (var a = 0u; a < 4u; a++) { sums[a] += parts[a]; }
	}
	for (var a = 0u; a < 4u; a++) {
		let at = (i + a) * step.quads + quad;
		result[at] = 1.5 * v[at] - 0.5 * sums[a];
	}
}
