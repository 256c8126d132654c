// Products of eight f16 weights of two rows with eight values of the input. Not a kernel; it needs the kernel's bindings
// `weights` and `input`.

fn dot_vectors(a: vec4u, b: vec4u, k: u32) -> vec2f {
	let low = input[2u * k];
	let high = input[2u * k + 1u];
	return vec2f(
		dot(vec4f(unpack2x16float(a.x), unpack2x16float(a.y)), low)
			+ dot(vec4f(unpack2x16float(a.z), unpack2x16float(a.w)), high),
		dot(vec4f(unpack2x16float(b.x), unpack2x16float(b.y)), low)
			+ dot(vec4f(unpack2x16float(b.z), unpack2x16float(b.w)), high),
	);
}
