// Where keys and values of a layer lie in its ring, and how positions turn them. Not a kernel.
//
// Keys lie four channels together, [head][channel / 4][slot][4], so that neighbours in time are neighbours in memory; values
// lie [head][slot][channel]. The channels of a head are filled up to QUADS vectors with zeros, which nobody writes.
// Group 1: 5 keys.

@group(1) @binding(5) var<storage, read_write> keys: array<f32>;

fn key_index(key_head: u32, channel: u32, slot: u32) -> u32 {
	return ((key_head * QUADS + channel / 4u) * CAPACITY + slot) * 4u + channel % 4u;
}

fn value_index(key_head: u32, slot: u32) -> u32 {
	return (key_head * CAPACITY + slot) * QUADS * 4u;
}

// Puts the channels j and j + HALF of this step's key into the ring.
fn put_key(key_head: u32, channel: u32, x: vec2f) {
	let slot = step.position % CAPACITY;
	keys[key_index(key_head, channel, slot)] = x.x;
	keys[key_index(key_head, channel + HALF, slot)] = x.y;
}

// The channels j and j + HALF of a head, turned to the step's position.
fn turned(x: vec2f, channel: u32) -> vec2f {
	if (!ROTARY) { return x; }
	let pair = ROTATION * HALF + channel;
	let two = step.rotations[pair / 2u];
	let turn = select(two.xy, two.zw, pair % 2u == 1u);
	return vec2f(x.x * turn.x - x.y * turn.y, x.y * turn.x + x.x * turn.y);
}
