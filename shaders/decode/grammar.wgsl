// The grammar that says which tokens may follow: src/lib/model/tokenGrammar.ts defines the tables and what they mean.
// Where it stands is in `sequence`. Not a kernel.
//
// Group 1: 0 the tables as integers, behind a table of where each begins (src/lib/model/wgsl/packConstraint.ts).

@group(1) @binding(0) var<storage, read> grammar: array<i32>;

const FORBIDDEN = 255;

fn class_count() -> u32 { return u32(grammar[0]); }
fn register_count() -> u32 { return u32(grammar[1]); }
fn token_class(token: u32) -> u32 { return u32(grammar[u32(grammar[2]) + token]); }
fn token_order(token: u32) -> i32 { return grammar[u32(grammar[3]) + token]; }
fn next_state(kind: u32) -> i32 { return grammar[u32(grammar[4]) + u32(sequence.state) * class_count() + kind]; }
fn class_register(kind: u32) -> i32 { return grammar[u32(grammar[5]) + kind]; }
fn class_resets(kind: u32) -> u32 { return u32(grammar[u32(grammar[6]) + kind]); }
fn class_needs_room(kind: u32) -> u32 { return u32(grammar[u32(grammar[7]) + kind]); }
fn register_max(r: u32) -> i32 { return grammar[u32(grammar[8]) + r]; }
fn temperature_of_state() -> f32 { return bitcast<f32>(grammar[u32(grammar[10]) + u32(sequence.state)]); }
fn scope_of_state() -> u32 { return u32(grammar[u32(grammar[9]) + u32(sequence.state)]); }

fn admits(token: u32) -> bool {
	let kind = token_class(token);
	if (next_state(kind) == FORBIDDEN) { return false; }
	let compared = class_register(kind);
	if (compared >= 0 && token_order(token) <= sequence.registers[compared]) { return false; }
	let needs_room = class_needs_room(kind);
	for (var r = 0u; r < register_count(); r++) {
		if (((needs_room >> r) & 1u) == 1u && sequence.registers[r] >= register_max(r)) { return false; }
	}
	return true;
}

// By one invocation.
fn advance(token: u32) {
	let kind = token_class(token);
	let compared = class_register(kind);
	sequence.state = next_state(kind);
	if (compared >= 0) { sequence.registers[compared] = token_order(token); }
	for (var r = 0u; r < register_count(); r++) {
		if (((class_resets(kind) >> r) & 1u) == 1u) { sequence.registers[r] = -1; }
	}
}
