/** The messages of a voice as events of its queue: what every worklet voice does with them before it knows its own sound. */
import type { EventQueue } from './eventQueue';
import type { VoiceMessage } from './noteMachine';

/** a: pitch, b: velocity, c: frames that it is held, d: flags */
export const NOTE = 0;
/** a: place of the knob, b: value */
export const SET = 1;
export const SILENCE = 2;
/** the first kind that a voice may use for itself */
export const OWN_EVENT = 3;

/** In the flags of a note. */
export const ACCENT_FLAG = 1;
export const SLIDE_FLAG = 2;

/**
 * Queues a message at its frame. A silence takes the notes with it that were to begin from then on; a knob of which
 * `knobIndex` says -1 is not one of this voice.
 */
export function enqueue(
	queue: EventQueue,
	message: VoiceMessage,
	knobIndex: (name: string) => number
): void {
	const { frame } = message;
	switch (message.kind) {
		case 'note': {
			const { pitch, velocity, durationFrames, accent, slide } = message;
			const flags = (accent ? ACCENT_FLAG : 0) | (slide ? SLIDE_FLAG : 0);
			queue.insert(frame, NOTE, pitch, velocity, durationFrames, flags);
			return;
		}
		case 'set': {
			const knob = knobIndex(message.parameter);
			if (knob >= 0) queue.insert(frame, SET, knob, message.value);
			return;
		}
		case 'silence':
			queue.cancel(NOTE, frame);
			queue.insert(frame, SILENCE);
	}
}
