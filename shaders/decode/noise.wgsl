// Gumbel noise from a hash of (seed, position, token), so that a choice depends on nothing that happened before.
// Not a kernel. The same as in src/lib/model/sampling.ts.

// More than the noise can ever be: u is at most 1 - 2^-24, and -ln(-ln u) at most 16.64.
const MOST_NOISE = 16.7;

// PCG-RXS-M-XS as a hash: Jarzynski and Olano 2020.
fn hash(value: u32) -> u32 {
	let state = value * 747796405u + 2891336453u;
	let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
	return (word >> 22u) ^ word;
}

// ln x to f32 precision for normal x > 0, near 1 as well, where the built-in may be off by 2^-21: x = m 2^e with m within
// sqrt(2) of 1, ln m = 2 artanh((m - 1) / (m + 1)) as a series.
fn precise_log(x: f32) -> f32 {
	let bits = bitcast<u32>(x);
	var e = f32(bits >> 23u) - 126.0;
	var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
	if (m < 0.70710678) {
		m *= 2.0;
		e -= 1.0;
	}
	let s = (m - 1.0) / (m + 1.0);
	let q = s * s;
	let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0))));
	return e * 0.69314718 + 2.0 * s * series;
}

// -ln(-ln u) for the token at `position + 1`; u has 23 bits and is exact.
fn gumbel_noise(token: u32) -> f32 {
	let bits = hash(token + hash(step.position + 1u + hash(step.seed)));
	let uniform_value = (f32(bits >> 9u) + 0.5) / 8388608.0;
	return -precise_log(-precise_log(uniform_value));
}
