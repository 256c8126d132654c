/**
 * What the audio thread asks of a synthesiser, and the messages that reach it from the page. Plain DSP: it runs in a
 * worklet and in Node alike. Frames are absolute sample positions of the context.
 */
export type VoiceMessage =
	| {
			kind: 'note';
			frame: number;
			pitch: number;
			velocity: number;
			durationFrames: number;
			accent: boolean;
			slide: boolean;
	  }
	| { kind: 'set'; frame: number; parameter: string; value: number }
	| { kind: 'silence'; frame: number };

export interface NoteMachine {
	/** Takes an event. Not later than the render of its frame; a late one acts at once. */
	schedule(message: VoiceMessage): void;
	/** Fills a block whose first sample is `startFrame`. Allocates nothing. */
	render(output: Float32Array, startFrame: number): void;
}

/** Time for a voice to fade when it is silenced. */
export const SILENCE_SECONDS = 0.005;

/** Share of the way that a one-pole follower with this time constant goes in one sample. */
export function followerRate(timeConstantSeconds: number, sampleRate: number): number {
	return 1 - Math.exp(-1 / (timeConstantSeconds * sampleRate));
}

export function frequencyOfPitch(pitch: number): number {
	return 440 * Math.pow(2, (pitch - 69) / 12);
}

/** `value` within its bounds; `standard` when it is not a number. */
export function bounded(value: number, min: number, max: number, standard: number): number {
	return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : standard;
}
