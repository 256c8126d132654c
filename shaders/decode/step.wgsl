// What every kernel of a decoding step shares, as group 0: the step's own parameters, activations, sequence and frames.
// Not a kernel; it stands before each of them. Constants in capitals come from src/lib/model/wgsl/constants.ts.
//
// A step runs the last token of the sequence at `position` and predicts the token at `position + 1`. Several steps are
// encoded into one submit; each finds its parameters at its own dynamic offset, and its token where the last step left it.

struct Step {
	position: u32,           // of the token that runs; its keys and values go to slot position mod CAPACITY
	frame: u32,              // where this step's frame begins, in words
	forced: u32,             // the given token, or NONE
	seed: u32,
	temperature: f32,
	top_k: u32,              // 0 keeps all
	top_p: f32,
	min_p: f32,
	repetition_penalty: f32,
	repetition_window: u32,
	unused0: u32,
	unused1: u32,
	// [ROTATIONS][HEAD_SIZE / 2] cosine and sine of each pair's angle at `position`, two pairs to a vector
	rotations: array<vec4f, ROTATION_VECTORS>,
}

struct Sequence {
	token: u32,              // the last token
	log_normalizer: f32,     // ln sum exp(logits) of the current step
	state: i32,              // of the grammar, after `token`
	registers: array<i32, REGISTER_COUNT>,
	last_seen: array<u32>,   // [VOCABULARY] position + 1 of each token's latest occurrence, 0 for never
}

// A uniform, because a kernel may bind eight storage buffers at most.
@group(0) @binding(0) var<uniform> step: Step;
// The residual stream and what kernels write a number at a time, one after the other; `activationsOf` in constants.ts says
// where each begins.
@group(0) @binding(1) var<storage, read_write> activations: array<f32>;
@group(0) @binding(2) var<storage, read_write> sequence: Sequence;
// [steps of a submit][FRAME_STRIDE], the slab of src/lib/model/tokenFrame.ts
@group(0) @binding(3) var<storage, read_write> frames: array<u32>;

// Below every score and logit; WGSL has no infinity.
const LOWEST = -3.402823e38;
const NONE = 0xffffffffu;

fn write_float(word: u32, value: f32) {
	frames[step.frame + word] = bitcast<u32>(value);
}
