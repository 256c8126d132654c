/**
 * The delay that all channels share: ping-pong, a dotted eighth long at the tempo of the set, its echoes darker and
 * thinner each time round.
 */
import { approach, type Context, Filter, Gain, Panner, type ToneAudioNode } from './tone';

/** three quarters of a beat */
const LENGTH_BEATS = 0.75;
const LONGEST_SECONDS = 1.6;
const FEEDBACK = 0.38;
const TEMPO_TIME_CONSTANT = 0.05;

export interface TempoDelay {
	readonly input: ToneAudioNode;
	readonly output: ToneAudioNode;
	/** Echoes follow the tempo from `time` on. */
	setTempo(bpm: number, time: number): void;
	/** Empties the lines: no echo of what came before `time` is heard after it. */
	clear(time: number): void;
	dispose(): void;
}

export function createTempoDelay(context: Context, bpm: number): TempoDelay {
	let lengthSeconds = lengthOf(bpm);
	const input = new Gain({ context });
	const highpass = new Filter({ context, type: 'highpass', frequency: 250, Q: 0.5 });
	const lowpass = new Filter({ context, type: 'lowpass', frequency: 4200, Q: 0.5 });
	const feedback = new Gain({ context, gain: FEEDBACK });
	const output = new Gain({ context });
	const sides = [-0.7, 0.7].map((pan) => {
		const delay = context.createDelay(LONGEST_SECONDS);
		delay.delayTime.value = lengthSeconds;
		const panner = new Panner({ context, pan, channelCount: 1 });
		panner.connect(output);
		delay.connect(panner.input as AudioNode);
		return { delay, panner };
	});
	const [first, second] = sides as [(typeof sides)[number], (typeof sides)[number]];
	const mono = new Gain({ context });
	(mono.input as GainNode).channelCount = 1;
	(mono.input as GainNode).channelCountMode = 'explicit';
	input.chain(mono, highpass, lowpass);
	lowpass.connect(first.delay);
	first.delay.connect(second.delay);
	second.delay.connect(feedback.input as AudioNode);
	feedback.connect(highpass);

	return {
		input,
		output,
		setTempo(next, time) {
			lengthSeconds = lengthOf(next);
			for (const { delay } of sides)
				approach(delay.delayTime, lengthSeconds, time, TEMPO_TIME_CONSTANT);
		},
		clear(time) {
			const emptied = time + 2 * lengthSeconds + 0.1;
			approach(output.gain, 0, time, 0.004);
			output.gain.setTargetAtTime(1, emptied, 0.01);
			approach(feedback.gain, 0, time, 0.004);
			feedback.gain.setTargetAtTime(FEEDBACK, emptied, 0.01);
		},
		dispose() {
			for (const { delay, panner } of sides) {
				delay.disconnect();
				panner.dispose();
			}
			for (const node of [input, mono, highpass, lowpass, feedback, output]) node.dispose();
		}
	};
}

function lengthOf(bpm: number): number {
	return Math.min(LONGEST_SECONDS, (LENGTH_BEATS * 60) / Math.max(20, bpm));
}
