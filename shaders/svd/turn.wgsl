// What the kernels of one-sided Jacobi share. Not a kernel.
//
// Pairs of columns are turned against each other until all are orthogonal (Hestenes 1958). In a round every column, or every
// block of columns, is in one pair; PLAYERS - 1 rounds are a sweep, in which each meets each once: the circle method of
// tournaments. Columns lie one behind the other, four values together, zeros behind the last.
//
// A turn of a and b by an angle whose sine is s, with tau = s / (1 + cosine), is computed as
//
//     a' = a - s (b + tau a),   b' = b + s (a - tau b)                     Rutishauser 1966
//
// since in f32 small turns would otherwise lose what they change: errors of singular values fall a hundredfold.
// Group 0: 0 which part of which round this dispatch is.

struct Step {
	// of the pairs, the first of this dispatch and how many there are
	first: u32,
	count: u32,
	round: u32,
	// columns, or blocks of columns: an even number
	players: u32,
	// of a column of the turned matrix, and of the right vectors
	left_quads: u32,
	right_quads: u32,
}

struct Turn {
	sine: f32,
	tau: f32,
	tangent: f32,
	// of the angle between the columns before
	cosine: f32,
}

// Columns at a smaller cosine count as orthogonal: f32 tells no more.
const ORTHOGONAL = 1.5e-7;
// Columns of a smaller squared length are zero beside others, of which the longest have about 1.
const ZERO = 1e-30;

@group(0) @binding(0) var<uniform> step: Step;

// The players of a pair in a round, the lower first.
fn pair_of(index: u32, round: u32, players: u32) -> vec2u {
	let ring = players - 1u;
	if (index == 0u) { return vec2u(round, ring); }
	let one = (round + index) % ring;
	let other = (round + ring - index) % ring;
	return vec2u(min(one, other), max(one, other));
}

// The turn that makes two columns orthogonal: from their squared lengths and their product.
fn turn_of(alpha: f32, beta: f32, gamma: f32) -> Turn {
	if (alpha < ZERO || beta < ZERO) { return Turn(); }
	let cosine = abs(gamma) / (sqrt(alpha) * sqrt(beta));
	if (cosine < ORTHOGONAL) { return Turn(0.0, 0.0, 0.0, cosine); }
	let zeta = (beta - alpha) / (2.0 * gamma);
	let steep = abs(zeta);
	// beyond this the square is lost beside 1, or is infinite
	var tangent = 0.5 / steep;
	if (steep < 1e4) { tangent = 1.0 / (steep + sqrt(1.0 + steep * steep)); }
	if (zeta < 0.0) { tangent = -tangent; }
	let cosine_of_turn = inverseSqrt(1.0 + tangent * tangent);
	let sine = cosine_of_turn * tangent;
	return Turn(sine, sine / (1.0 + cosine_of_turn), tangent, cosine);
}
