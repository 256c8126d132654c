/**
 * How much sound is kept ready for the loudspeakers, which the person chooses, and whether it was enough. Nobody plays the
 * instrument note by note, so a little more than the shortest buffer costs nothing that is heard; a busy machine needs
 * still more.
 */
import { recall, remember } from '../controls/remembered';
import type { SoundBuffer } from '../instrumentHandle';
import type { StateStore } from './stateStore';

/** What the browser is asked to keep ready, in seconds or by its own name for the least it can. */
export const LATENCY_HINTS: Readonly<Record<SoundBuffer, AudioContextLatencyCategory | number>> = {
	short: 'interactive',
	usual: 0.03,
	long: 0.08
};

const KEY = 'soundBuffer';
const USUAL: SoundBuffer = 'usual';

/** So much sound lost within so long is heard as a fault; less may be another program's moment. */
const LOST_SECONDS = 0.1;
const WITHIN_SECONDS = 30;

/** While voices are built and the first notes sound, gaps say nothing about the buffer. */
const SETTLING_SECONDS = 5;

const GAPS_MESSAGE: Readonly<Record<SoundBuffer, string>> = {
	short:
		'The sound broke up: this machine could not always compute it in time. Choose the usual or the long sound buffer beside MIDI; Stop and Play puts it in use.',
	usual:
		'The sound broke up: this machine could not always compute it in time. Choose the long sound buffer beside MIDI; Stop and Play puts it in use. Other open programs and tabs may be the cause.',
	long: 'The sound broke up although the buffer is long: this machine is too busy. Close other programs and tabs, or mute a track or two.'
};

export class SoundOutput {
	readonly #store: StateStore;
	/** what was lost lately: when, by the audio clock, and how many seconds */
	#lost: { at: number; seconds: number }[] = [];
	/** seconds lost in all, as counted last */
	#counted = 0;
	#settledAt = 0;
	#told = false;

	constructor(store: StateStore) {
		this.#store = store;
		const remembered = recall(KEY) ?? '';
		store.update({
			soundBuffer: remembered in LATENCY_HINTS ? (remembered as SoundBuffer) : USUAL
		});
	}

	get buffer(): SoundBuffer {
		return this.#store.current.soundBuffer;
	}

	/** Takes effect when Play is next pressed. */
	choose(buffer: SoundBuffer): void {
		remember(KEY, buffer);
		this.#told = false;
		this.#store.update({ soundBuffer: buffer });
		this.#store.dismiss('gaps');
	}

	/** A set begins to sound at `audioTime`, when `lostSeconds` of sound have been lost in all. */
	begin(audioTime: number, lostSeconds: number): void {
		this.#lost = [];
		this.#counted = lostSeconds;
		this.#settledAt = audioTime + SETTLING_SECONDS;
	}

	/** Looks at how much sound has been lost in all, and says once when that can be heard. */
	watch(audioTime: number, lostSeconds: number): void {
		const seconds = lostSeconds - this.#counted;
		this.#counted = lostSeconds;
		if (audioTime < this.#settledAt || this.#told || seconds <= 0) return;
		this.#lost = this.#lost.filter(({ at }) => at > audioTime - WITHIN_SECONDS);
		this.#lost.push({ at: audioTime, seconds });
		if (this.#lost.reduce((sum, one) => sum + one.seconds, 0) < LOST_SECONDS) return;
		this.#told = true;
		const message = GAPS_MESSAGE[this.buffer];
		this.#store.notify({ id: 'gaps', level: 'warning', message, action: null });
	}
}
