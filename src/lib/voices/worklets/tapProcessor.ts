/**
 * The recorder tap: passes its input on untouched and, while the page listens, posts it in stereo blocks with the context
 * time of their first sample. The page sends `listen`, `stop` and used blocks, which are filled again, so that the audio
 * thread seldom allocates.
 */
import { workletScope } from './workletScope';

const BLOCK_FRAMES = 2048;
const SPARE_BLOCKS = 16;

export type TapRequest =
	| { kind: 'listen' }
	| { kind: 'stop' }
	| { kind: 'dispose' }
	| { kind: 'return'; left: Float32Array; right: Float32Array };

export interface TapBlock {
	time: number;
	left: Float32Array;
	right: Float32Array;
}

class TapProcessor extends workletScope.AudioWorkletProcessor {
	private readonly spares: { left: Float32Array; right: Float32Array }[] = Array.from(
		{ length: SPARE_BLOCKS },
		newBlock
	);
	private block = newBlock();
	private filled = 0;
	private firstFrame = 0;
	private listening = false;
	private alive = true;

	constructor() {
		super();
		this.port.onmessage = (event: MessageEvent<TapRequest>) => this.receive(event.data);
	}

	process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
		const output = outputs[0]!;
		const left = inputs[0]?.[0];
		const right = inputs[0]?.[1] ?? left;
		if (left && right) {
			output[0]!.set(left);
			output[1]?.set(right);
		}
		if (this.listening) this.keep(output[0]!, output[1] ?? output[0]!);
		return this.alive;
	}

	private receive(request: TapRequest): void {
		switch (request.kind) {
			case 'listen':
				if (!this.listening) this.filled = 0;
				this.listening = true;
				return;
			case 'stop':
				this.listening = false;
				return;
			case 'dispose':
				this.alive = false;
				return;
			case 'return':
				this.spares.push({ left: request.left, right: request.right });
				return;
		}
	}

	private keep(left: Float32Array, right: Float32Array): void {
		if (this.filled === 0) this.firstFrame = workletScope.currentFrame;
		this.block.left.set(left, this.filled);
		this.block.right.set(right, this.filled);
		this.filled += left.length;
		if (this.filled < BLOCK_FRAMES) return;
		const full: TapBlock = { time: this.firstFrame / workletScope.sampleRate, ...this.block };
		this.port.postMessage(full, [full.left.buffer, full.right.buffer]);
		this.block = this.spares.pop() ?? newBlock();
		this.filled = 0;
	}
}

function newBlock(): { left: Float32Array; right: Float32Array } {
	return { left: new Float32Array(BLOCK_FRAMES), right: new Float32Array(BLOCK_FRAMES) };
}

workletScope.registerProcessor('tap', TapProcessor);
