/**
 * A channel of the mixer: side-chain dip, equaliser, level, mute, pan, sends after the fader, and a meter.
 */
import { approach, type Context, Gain, levelToGain, Panner, type ToneAudioNode } from './tone';
import { type Band, BANDS, createKillEq } from './killEq';
import { createPeakMeter } from './peakMeter';

/** Faders reach 95 % of the way in 15 ms, mutes in 5 ms. */
const FADER_TIME_CONSTANT = 0.005;
const MUTE_TIME_CONSTANT = 0.0017;
/** The kick presses the dip in at once and lets it go after 40 ms. */
const DIP_TIME_CONSTANT = 0.004;
const DIP_HOLD_SECONDS = 0.04;
const DIP_RELEASE_TIME_CONSTANT = 0.065;

const FADERS = ['level', 'pan', 'delay', 'reverb'] as const;
type Fader = (typeof FADERS)[number];
export type StripParameter = Fader | `${Band}Eq` | `${Band}Kill`;
export const STRIP_PARAMETERS: readonly StripParameter[] = [
	...FADERS,
	...BANDS.flatMap((band) => [`${band}Eq`, `${band}Kill`] as const)
];

export interface Strip {
	readonly input: ToneAudioNode;
	/**
	 * `level`, `delay` and `reverb` in dB (-60 is off), `pan` -100 left .. 100 right; of each band of the equaliser
	 * `lowEq` in dB and `lowKill` 0 or 1.
	 */
	set(parameter: StripParameter, value: number, time: number): void;
	/** Opens or closes the channel. */
	open(audible: boolean, time: number): void;
	/** Side-chain: lets the channel dip at `time`, a kick of this velocity. */
	dip(velocity: number, time: number): void;
	silence(time: number): void;
	/** Peak since the last call, 0..1. */
	peak(): number;
	dispose(): void;
}

export interface StripDestinations {
	sum: ToneAudioNode;
	delay: ToneAudioNode;
	reverb: ToneAudioNode;
}

/** `dipDecibels`: how far a full kick presses this channel; 0 for not at all. */
export function createStrip(
	context: Context,
	{ sum, delay, reverb }: StripDestinations,
	dipDecibels: number
): Strip {
	const input = new Gain({ context });
	const level = new Gain({ context, gain: 0 });
	const gate = new Gain({ context });
	const panner = new Panner({ context, channelCount: 2 });
	const delaySend = new Gain({ context, gain: 0 });
	const reverbSend = new Gain({ context, gain: 0 });
	const eq = createKillEq(context);
	input.connect(eq.input);
	eq.output.chain(level, gate, panner, sum);
	panner.connect(delaySend);
	panner.connect(reverbSend);
	delaySend.connect(delay);
	reverbSend.connect(reverb);
	const meter = createPeakMeter(context, panner);
	const faders = { level, delay: delaySend, reverb: reverbSend };

	return {
		input,
		set(parameter, value, time) {
			if (!Number.isFinite(value)) return;
			if (parameter === 'pan')
				approach(panner.pan, Math.max(-1, Math.min(1, value / 100)), time, FADER_TIME_CONSTANT);
			else if (isFader(parameter))
				approach(faders[parameter].gain, levelToGain(value), time, FADER_TIME_CONSTANT);
			else
				for (const band of BANDS) {
					if (parameter === `${band}Eq`) eq.setLevel(band, value, time);
					else if (parameter === `${band}Kill`) eq.kill(band, value >= 0.5, time);
				}
		},
		open(audible, time) {
			approach(gate.gain, audible ? 1 : 0, time, MUTE_TIME_CONSTANT);
		},
		dip(velocity, time) {
			if (dipDecibels === 0) return;
			const floor = levelToGain(-dipDecibels * velocity);
			approach(input.gain, floor, time, DIP_TIME_CONSTANT);
			input.gain.setTargetAtTime(1, time + DIP_HOLD_SECONDS, DIP_RELEASE_TIME_CONSTANT);
		},
		silence(time) {
			approach(input.gain, 1, time, DIP_TIME_CONSTANT);
		},
		peak: meter.peak,
		dispose() {
			meter.dispose();
			eq.dispose();
			for (const node of [input, level, gate, panner, delaySend, reverbSend]) node.dispose();
		}
	};
}

function isFader(parameter: StripParameter): parameter is Exclude<Fader, 'pan'> {
	return parameter === 'level' || parameter === 'delay' || parameter === 'reverb';
}
