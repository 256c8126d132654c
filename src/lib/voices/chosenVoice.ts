/**
 * A track whose voice can be exchanged while it plays (parameter `voice`: the place in `makers`). A voice is made when it is
 * first chosen and learns then how all knobs stand; what an older one still sounds dies away by itself.
 */
import type { Voice } from '../clock/voice';
import { type Context, Gain, type ToneAudioNode } from './tone';

/** A voice with its place to connect from. */
export type ConnectedVoice = Voice & {
	readonly output: ToneAudioNode | AudioNode;
	/** resolves when the audio thread has taken everything that was sent; absent where nothing is sent there */
	settled?(): Promise<void>;
};

export interface ChosenVoice extends Voice {
	readonly output: ToneAudioNode;
	settled(): Promise<void>;
}

export function createChosenVoice(
	context: Context,
	makers: readonly ((context: Context) => ConnectedVoice)[]
): ChosenVoice {
	const output = new Gain({ context });
	const made = new Map<number, ConnectedVoice>();
	const knobs = new Map<string, number>();

	function voiceAt(index: number, time: number): ConnectedVoice {
		const known = made.get(index);
		if (known) return known;
		const voice = makers[index]!(context);
		connect(voice.output, output);
		for (const [parameter, value] of knobs) voice.set(parameter, value, time);
		made.set(index, voice);
		return voice;
	}

	let current = voiceAt(0, context.currentTime);

	return {
		output,
		play: (note, time) => current.play(note, time),
		set(parameter, value, time) {
			if (!Number.isFinite(value)) return;
			if (parameter === 'voice') {
				const index = Math.max(0, Math.min(makers.length - 1, Math.round(value)));
				current = voiceAt(index, time);
				return;
			}
			knobs.set(parameter, value);
			for (const voice of made.values()) voice.set(parameter, value, time);
		},
		advance(time) {
			for (const voice of made.values()) voice.advance?.(time);
		},
		silence(time) {
			for (const voice of made.values()) voice.silence(time);
		},
		async settled() {
			await Promise.all([...made.values()].map((voice) => voice.settled?.()));
		},
		dispose() {
			for (const voice of made.values()) voice.dispose();
			output.dispose();
		}
	};
}

function connect(source: ToneAudioNode | AudioNode, destination: ToneAudioNode): void {
	if (source instanceof AudioNode) source.connect(destination.input as AudioNode);
	else source.connect(destination);
}
