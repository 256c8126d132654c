/**
 * Puts a stereo effect on the audio thread. A mono input goes to both sides; without input the effect gets silence, so
 * that its tail goes on. `dispose` lets the browser retire the node; other messages go to the effect.
 */
import { workletScope } from './workletScope';

export interface StereoEffect {
	process(
		inLeft: Float32Array,
		inRight: Float32Array,
		outLeft: Float32Array,
		outRight: Float32Array,
		startFrame: number
	): void;
	receive?(message: unknown): void;
}

export function registerStereoProcessor(
	name: string,
	create: (sampleRate: number) => StereoEffect
): void {
	const nothing = new Float32Array(128);

	class StereoProcessor extends workletScope.AudioWorkletProcessor {
		private readonly effect = create(workletScope.sampleRate);
		private alive = true;

		constructor() {
			super();
			this.port.onmessage = ({ data }: MessageEvent<unknown>) => {
				if (data === 'dispose') this.alive = false;
				else this.effect.receive?.(data);
			};
		}

		process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
			const [outLeft, outRight] = outputs[0]!;
			const inLeft = inputs[0]?.[0] ?? nothing;
			const inRight = inputs[0]?.[1] ?? inLeft;
			this.effect.process(inLeft, inRight, outLeft!, outRight!, workletScope.currentFrame);
			return this.alive;
		}
	}
	workletScope.registerProcessor(name, StereoProcessor);
}
