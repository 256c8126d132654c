// Blocks of columns that are turned together: what their three kernels share. Not a kernel; it needs turn.wgsl.
//
// A pair of blocks has TOGETHER = 2 BLOCK columns X. Their products G = Xᵀ X are made diagonal in workgroup memory, by
// Q' G Q, and X becomes X Q: one reading of the columns does what BLOCK rounds of single columns would, and most of the work
// is multiplication of small matrices (Bečka, Okša and Vajteršic 2002).

const BLOCK = 16u;
const TOGETHER = 2u * BLOCK;
const PRODUCTS = TOGETHER * TOGETHER;

// The i-th column of a pair of blocks.
fn column_of(pair: vec2u, i: u32) -> u32 {
	return select(pair.y * BLOCK + i - BLOCK, pair.x * BLOCK + i, i < BLOCK);
}
