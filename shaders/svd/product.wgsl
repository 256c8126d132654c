// What the kernels that multiply matrices share. Not a kernel.
//
// An invocation computes 4 x 4 results from rows that it reads itself, a workgroup SIDE x SIDE: no barrier, so that emulated
// adapters run it too, and neighbours find each other's rows in the cache. Sums are made of parts of PART quads, which keeps
// their rounding small.
// Group 0: 0 which squares of the result this dispatch computes.

struct Step {
	// of the squares, counted along the rows of the result: the first of this dispatch and how many there are
	first: u32,
	count: u32,
	// squares in a row of the result
	across: u32,
	x_rows: u32,
	y_rows: u32,
	// of a row of x
	quads: u32,
	// from one row of the result to the next
	stride: u32,
}

const SIDE = 32u;
const PART = 16u;

@group(0) @binding(0) var<uniform> step: Step;
