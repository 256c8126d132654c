// Products of every row of x with every row of y; a workgroup for a square of them. It needs product.wgsl.
//
//     result[i][j] = sum over k of x[i][k] y[j][k]                        [X_ROWS x Y_ROWS]
//
// Group 1: 0 x [X_ROWS][4 QUADS], 1 y [Y_ROWS][4 QUADS], 2 result [X_ROWS][STRIDE].

@group(1) @binding(0) var<storage, read> x: array<vec4f>;
@group(1) @binding(1) var<storage, read> y: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) place: vec3u) {
	let square = step.first + group.x;
	let i = (square / step.across) * SIDE + 4u * place.y;
	let j = (square % step.across) * SIDE + 4u * place.x;
	// rows that are not there count as the last
	let xs = min(vec4u(i) + vec4u(0u, 1u, 2u, 3u), vec4u(step.x_rows - 1u)) * step.quads;
	let ys = min(vec4u(j) + vec4u(0u, 1u, 2u, 3u), vec4u(step.y_rows - 1u)) * step.quads;
	var s0 = vec4f();
	var s1 = vec4f();
	var s2 = vec4f();
	var s3 = vec4f();
	for (var part = 0u; part < step.quads; part += PART) {
		var p0 = vec4f();
		var p1 = vec4f();
		var p2 = vec4f();
		var p3 = vec4f();
		for (var k = part; k < min(part + PART, step.quads); k++) {
			let y0 = y[ys.x + k];
			let y1 = y[ys.y + k];
			let y2 = y[ys.z + k];
			let y3 = y[ys.w + k];
			let x0 = x[xs.x + k];
			let x1 = x[xs.y + k];
			let x2 = x[xs.z + k];
			let x3 = x[xs.w + k];
			p0 += vec4f(dot(x0, y0), dot(x0, y1), dot(x0, y2), dot(x0, y3));
			p1 += vec4f(dot(x1, y0), dot(x1, y1), dot(x1, y2), dot(x1, y3));
			p2 += vec4f(dot(x2, y0), dot(x2, y1), dot(x2, y2), dot(x2, y3));
			p3 += vec4f(dot(x3, y0), dot(x3, y1), dot(x3, y2), dot(x3, y3));
		}
		s0 += p0;
		s1 += p1;
		s2 += p2;
		s3 += p3;
	}
	let sums = array<vec4f, 4>(s0, s1, s2, s3);
	for (var a = 0u; a < 4u; a++) {
		for (var b = 0u; b < 4u; b++) {
			if (i + a < step.x_rows && j + b < step.y_rows) { result[(i + a) * step.stride + j + b] = sums[a][b]; }
		}
	}
}
