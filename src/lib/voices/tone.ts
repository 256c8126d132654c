/**
 * Tone.js without its global side: the package's index creates an AudioContext and a ticking worker of its own on import
 * (`Transport`, `Destination`), so its classes are imported from below the index, and everything gets our context.
 */
import { Context } from 'tone/build/esm/classes.js';
import { setContext } from 'tone/build/esm/core/Global.js';

export {
	Context,
	FMOscillator,
	Filter,
	Gain,
	Oscillator,
	Panner,
	type ToneAudioNode
} from 'tone/build/esm/classes.js';

/**
 * Wraps a native context for Tone. Its clock is off, since time here is always passed in; it counts as offline, so that
 * sources start at once and not when Tone sees the context run; and the `onstatechange` of the page stays in place. It also
 * becomes Tone's default, or Tone would make one while it looks up the defaults of its nodes.
 */
export function wrapContext(context: AudioContext | OfflineAudioContext): Context {
	const { onstatechange } = context;
	const wrapped = new Context({ context, clockSource: 'offline', lookAhead: 0 });
	context.onstatechange = onstatechange;
	Object.assign(wrapped, { isOffline: true });
	setContext(wrapped);
	return wrapped;
}

/** Gain of a level in dB; the bottom of a fader (-60 dB) is off. */
export function levelToGain(decibels: number): number {
	return decibels <= -60 ? 0 : Math.pow(10, decibels / 20);
}

/** The part of an automatable parameter that a smooth change needs. */
interface Automatable {
	cancelScheduledValues(time: number): unknown;
	setTargetAtTime(value: number, time: number, timeConstant: number): unknown;
}

/**
 * Moves `parameter` to `value` from `time` on, exponentially, whatever was planned after. It needs no look at the present
 * value and so works where `cancelAndHoldAtTime` is missing (Firefox).
 */
export function approach(
	parameter: Automatable,
	value: number,
	time: number,
	timeConstantSeconds: number
): void {
	parameter.cancelScheduledValues(time);
	parameter.setTargetAtTime(value, time, timeConstantSeconds);
}
