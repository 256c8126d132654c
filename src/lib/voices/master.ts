/**
 * The end of the mixer: multiband and glue compressors, volume, limiter at -1 dBFS, meters, recorder tap, loudspeakers.
 */
import type { AudioBlock, Loudness } from '../instrumentHandle';
import { approach, type Context, Gain, levelToGain, type ToneAudioNode } from './tone';
import { createPeakMeter } from './peakMeter';
import type { TapBlock, TapRequest } from './worklets/tapProcessor';

/** Frames of look-ahead in the limiter, see worklets/limiter.ts. */
const LIMITER_LOOKAHEAD_SECONDS = 0.003;
const LIMITER_PEAK_FRAMES = 6;
const VOLUME_TIME_CONSTANT = 0.008;

/** Without a limiter nothing else keeps the sum of the strips from clipping. */
const UNMASTERED_GAIN = 0.5;

const STEREO: AudioWorkletNodeOptions = {
	numberOfInputs: 1,
	numberOfOutputs: 1,
	outputChannelCount: [2],
	channelCount: 2,
	channelCountMode: 'explicit'
};

const SILENCE: Loudness = {
	momentary: -Infinity,
	shortTerm: -Infinity,
	integrated: -Infinity,
	truePeak: -Infinity
};

export interface Master {
	readonly input: ToneAudioNode;
	readonly latencySeconds: number;
	/** dB; -60 is off */
	setVolume(decibels: number, time: number): void;
	/** Peak of what leaves, 0..1. */
	peak(): number;
	/** How loud what leaves is; nothing but silence before the first reading. */
	loudness(): Loudness;
	/** Begins to measure the loudness of a new set. */
	resetLoudness(): void;
	/** Calls `listener` with every block that leaves, until the returned function is called. */
	listen(listener: (block: AudioBlock) => void): () => void;
	dispose(): void;
}

/** @param mastered false: what comes in goes out, 6 dB lower, past compressors, volume and limiter */
export function createMaster(context: Context, mastered = true): Master {
	const input = new Gain({ context });
	const dynamics = context.createAudioWorkletNode('dynamics', STEREO);
	const volume = new Gain({ context });
	const limiter = context.createAudioWorkletNode('limiter', STEREO);
	const tap = context.createAudioWorkletNode('tap', STEREO);
	const output = new Gain({ context });
	const latencySeconds =
		(Math.round(LIMITER_LOOKAHEAD_SECONDS * context.sampleRate) + LIMITER_PEAK_FRAMES) /
		context.sampleRate;
	const bare = new Gain({ context, gain: UNMASTERED_GAIN });
	if (mastered) {
		input.connect(dynamics);
		dynamics.connect(volume.input as AudioNode);
		volume.connect(limiter);
		limiter.connect(tap);
	} else {
		/** as late as through the limiter, so that a stem lies where it lies in the mix */
		const late = context.createDelay(0.05);
		late.delayTime.value = latencySeconds;
		input.connect(bare);
		bare.connect(late);
		late.connect(tap);
	}
	tap.connect(output.input as AudioNode);
	output.connect(context.rawContext.destination as unknown as AudioNode);
	const meter = createPeakMeter(context, output);
	const loudness = context.createAudioWorkletNode('loudness', STEREO);
	limiter.connect(loudness);
	loudness.connect(output.input as AudioNode); // it is silent, but what leads nowhere may not be run
	let reading = SILENCE;
	loudness.port.onmessage = ({ data }: MessageEvent<Loudness>) => {
		reading = data;
	};

	const listeners = new Set<(block: AudioBlock) => void>();
	const ask = (request: TapRequest, transfer: Transferable[] = []): void =>
		tap.port.postMessage(request, transfer);
	tap.port.onmessage = ({ data }: MessageEvent<TapBlock>) => {
		const { time, left, right } = data;
		for (const listener of listeners)
			listener({ time, sampleRate: context.sampleRate, left: left.slice(), right: right.slice() });
		ask({ kind: 'return', left, right }, [left.buffer, right.buffer]);
	};

	return {
		input,
		latencySeconds,
		setVolume(decibels, time) {
			approach(volume.gain, levelToGain(decibels), time, VOLUME_TIME_CONSTANT);
		},
		peak: meter.peak,
		loudness: () => reading,
		resetLoudness() {
			reading = SILENCE;
			loudness.port.postMessage('reset');
		},
		listen(listener) {
			listeners.add(listener);
			if (listeners.size === 1) ask({ kind: 'listen' });
			return () => {
				listeners.delete(listener);
				if (listeners.size === 0) ask({ kind: 'stop' });
			};
		},
		dispose() {
			listeners.clear();
			meter.dispose();
			for (const node of [dynamics, limiter, loudness]) node.port.postMessage('dispose');
			ask({ kind: 'dispose' });
			for (const node of [dynamics, limiter, loudness, tap]) {
				node.port.close();
				node.disconnect();
			}
			for (const node of [input, bare, volume, output]) node.dispose();
		}
	};
}
