/**
 * Puts a NoteMachine on the audio thread: messages from the page go into it, its blocks go to every output channel. It
 * answers `settled?` when every message before has been taken, and `dispose` lets the browser retire the node.
 */
import type { NoteMachine, VoiceMessage } from './noteMachine';
import { workletScope } from './workletScope';

/** Registers a processor named `name` around what `create` returns for the context's sample rate. */
export function registerNoteProcessor(
	name: string,
	create: (sampleRate: number) => NoteMachine
): void {
	class NoteProcessor extends workletScope.AudioWorkletProcessor {
		private readonly machine = create(workletScope.sampleRate);
		private alive = true;

		constructor() {
			super();
			this.port.onmessage = ({ data }: MessageEvent<VoiceMessage | 'settled?' | 'dispose'>) => {
				if (data === 'settled?') this.port.postMessage('settled');
				else if (data === 'dispose') this.alive = false;
				else this.machine.schedule(data);
			};
		}

		process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
			const channels = outputs[0]!;
			const first = channels[0]!;
			this.machine.render(first, workletScope.currentFrame);
			for (let channel = 1; channel < channels.length; channel++) channels[channel]!.set(first);
			return this.alive;
		}
	}
	workletScope.registerProcessor(name, NoteProcessor);
}
