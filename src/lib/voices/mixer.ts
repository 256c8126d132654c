/**
 * The mixer: a strip for every voice track, the shared delay and reverb, the side-chain from the kick, mute and solo, and
 * the master.
 */
import { VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import { createMaster, type Master } from './master';
import { createStrip, type Strip, STRIP_PARAMETERS, type StripParameter } from './strip';
import { createTempoDelay } from './tempoDelay';
import { approach, type Context, Gain, type ToneAudioNode } from './tone';

/** How far a full kick presses each channel, dB. */
const DIP_DECIBELS: Record<VoiceTrack, number> = {
	drums: 0,
	bass: 3,
	chords: 5,
	lead: 1.5,
	arp: 2
};
const STARTING_BPM = 124;
/** By then the voices have faded, so that the reverb can be emptied for good. */
const VOICES_FADED_SECONDS = 0.03;

export interface Mixer {
	readonly master: Master;
	/** Where a track's voice connects to. */
	input(track: VoiceTrack): ToneAudioNode;
	/** Sets a parameter of a track's strip, or its `mute` or `solo`; tells whether there is such a parameter. */
	set(track: VoiceTrack, parameter: string, value: number, time: number): boolean;
	setTempo(bpm: number, time: number): void;
	/** A kick sounds at `time`: the other channels dip. */
	kick(velocity: number, time: number): void;
	level(track: VoiceTrack): number;
	/** Empties delay and reverb. */
	silence(time: number): void;
	dispose(): void;
}

export function createMixer(context: Context, mastered = true): Mixer {
	const master = createMaster(context, mastered);
	const delay = createTempoDelay(context, STARTING_BPM);
	const reverb = context.createAudioWorkletNode('reverb', {
		numberOfInputs: 1,
		numberOfOutputs: 1,
		outputChannelCount: [2],
		channelCount: 2,
		channelCountMode: 'explicit'
	});
	const reverbInput = new Gain({ context });
	const reverbReturn = new Gain({ context });
	reverbInput.connect(reverb);
	reverb.connect(reverbReturn.input as AudioNode);
	reverbReturn.connect(master.input);
	delay.output.connect(master.input);

	const destinations = { sum: master.input, delay: delay.input, reverb: reverbInput };
	const strips = Object.fromEntries(
		VOICE_TRACKS.map((track) => [track, createStrip(context, destinations, DIP_DECIBELS[track])])
	) as Record<VoiceTrack, Strip>;
	const muted = new Set<VoiceTrack>();
	const soloed = new Set<VoiceTrack>();

	function openStrips(time: number): void {
		for (const track of VOICE_TRACKS)
			strips[track].open(!muted.has(track) && (soloed.size === 0 || soloed.has(track)), time);
	}

	return {
		master,
		input: (track) => strips[track].input,
		set(track, parameter, value, time) {
			if (isStripParameter(parameter)) {
				strips[track].set(parameter, value, time);
				return true;
			}
			if (parameter !== 'mute' && parameter !== 'solo') return false;
			const tracks = parameter === 'mute' ? muted : soloed;
			if (value >= 0.5) tracks.add(track);
			else tracks.delete(track);
			openStrips(time);
			return true;
		},
		setTempo: delay.setTempo,
		kick(velocity, time) {
			for (const track of VOICE_TRACKS) strips[track].dip(velocity, time);
		},
		level: (track) => strips[track].peak(),
		silence(time) {
			for (const track of VOICE_TRACKS) strips[track].silence(time);
			delay.clear(time);
			const faded = time + VOICES_FADED_SECONDS;
			reverb.port.postMessage({ clearAt: Math.round(faded * context.sampleRate) });
			approach(reverbReturn.gain, 0, time, 0.004);
			reverbReturn.gain.setTargetAtTime(1, faded + 0.01, 0.004);
		},
		dispose() {
			for (const track of VOICE_TRACKS) strips[track].dispose();
			delay.dispose();
			reverb.port.postMessage('dispose');
			reverb.port.close();
			reverb.disconnect();
			reverbInput.dispose();
			reverbReturn.dispose();
			master.dispose();
		}
	};
}

function isStripParameter(name: string): name is StripParameter {
	return (STRIP_PARAMETERS as readonly string[]).includes(name);
}
