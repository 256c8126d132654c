/**
 * A voice whose sound is made by a NoteMachine on the audio thread: notes become messages with absolute frames.
 */
import type { PlayedNote, Voice } from '../clock/voice';
import type { Context } from './tone';
import type { VoiceMessage } from './worklets/noteMachine';

/** The processors that play notes. */
export type NoteProcessorName = 'acid' | 'bowedString' | 'fmBass' | 'organ' | 'pluck' | 'pulseLead';

export interface WorkletVoice extends Voice {
	readonly output: AudioNode;
	/** Resolves when the audio thread has taken everything that was sent. */
	settled(): Promise<void>;
}

/** Makes the voice of the processor `name`, which must be registered on the context. */
export function createWorkletVoice(context: Context, name: NoteProcessorName): WorkletVoice {
	const node = context.createAudioWorkletNode(name, {
		numberOfInputs: 0,
		numberOfOutputs: 1,
		outputChannelCount: [1]
	});
	const { sampleRate } = context;
	const frameOf = (time: number): number => Math.round(time * sampleRate);
	const send = (message: VoiceMessage): void => node.port.postMessage(message);

	let waiting: (() => void)[] = [];
	node.port.onmessage = () => waiting.shift()?.();

	return {
		output: node,
		settled() {
			return new Promise((resolve) => {
				waiting.push(resolve);
				node.port.postMessage('settled?');
			});
		},
		play(note: PlayedNote, time: number) {
			send({
				kind: 'note',
				frame: frameOf(time),
				pitch: note.pitch,
				velocity: note.velocity,
				durationFrames: Math.round(note.durationSeconds * sampleRate),
				accent: note.accent,
				slide: note.slide
			});
		},
		set(parameter, value, time) {
			send({ kind: 'set', frame: frameOf(time), parameter, value });
		},
		silence(time) {
			send({ kind: 'silence', frame: frameOf(time) });
		},
		dispose() {
			waiting = [];
			node.port.postMessage('dispose');
			node.port.close();
			node.disconnect();
		}
	};
}
