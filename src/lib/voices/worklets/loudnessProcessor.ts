/** The loudness meter on the audio thread: it posts a reading ten times a second; `reset` begins a new set. */
import { LoudnessMeter } from './loudnessMeter';
import { workletScope } from './workletScope';

const SILENT_BLOCK = new Float32Array(128);

class LoudnessProcessor extends workletScope.AudioWorkletProcessor {
	private readonly meter = new LoudnessMeter(workletScope.sampleRate);
	private alive = true;

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<'reset' | 'dispose'>) => {
			if (data === 'reset') this.meter.reset();
			else this.alive = false;
		};
	}

	process(inputs: Float32Array[][]): boolean {
		const left = inputs[0]?.[0] ?? SILENT_BLOCK;
		const right = inputs[0]?.[1] ?? left;
		if (this.meter.process(left, right)) this.port.postMessage(this.meter.read());
		return this.alive;
	}
}

workletScope.registerProcessor('loudness', LoudnessProcessor);
