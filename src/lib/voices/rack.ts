/**
 * The rack: every voice and the mixer on one audio context, and one way to set any of their parameters by its full id. It
 * imports Tone, which needs a browser: import this module dynamically.
 *
 * @example
 * const rack = await createRack(new AudioContext());
 * rack.voices.bass.play({ ...note, durationSeconds: 0.12 }, context.currentTime + 0.1);
 * rack.set('bass.cutoff', 900, context.currentTime + 0.1);
 */
import { PARAMETERS, VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import type { PlayedNote, Voice } from '../clock/voice';
import type { AudioBlock, Loudness } from '../instrumentHandle';
import { DRUM_PIECES } from '../music/vocabulary';
import { type ChosenVoice, createChosenVoice } from './chosenVoice';
import { createDrumKit } from './drumKit';
import { createFmLead } from './fmLead';
import { createMixer } from './mixer';
import { createStringEnsemble } from './stringEnsemble';
import { type Context, wrapContext } from './tone';
import { createWorkletVoice, type NoteProcessorName } from './workletVoice';
import processorsUrl from './worklets/processors.ts?worker&url';

/** The audio thread did not load, so nothing can sound. */
export class AudioThreadError extends Error {
	constructor(cause: unknown) {
		super(
			'The sound engine could not be loaded: the browser refused its audio module. Reload the page; if it happens again, check the connection.',
			{ cause }
		);
		this.name = 'AudioThreadError';
	}
}

export interface Rack {
	readonly voices: Readonly<Record<VoiceTrack, Voice>>;
	/** Sets a voice, strip or volume parameter by its full id from `time` on. Ids of other rooms are ignored. */
	set(id: string, value: number, time: number): void;
	/** Tells the delay the tempo from `time` on; now when there is none. */
	setTempo(bpm: number, time?: number): void;
	/** Peak of the last 43 ms, 0..1. */
	level(channel: VoiceTrack | 'master'): number;
	/** Loudness of what leaves the master, ten times a second. */
	loudness(): Loudness;
	/** Begins to measure the loudness of a new set. */
	resetLoudness(): void;
	/** Calls `listener` with what leaves the master, until the returned function is called. */
	listen(listener: (block: AudioBlock) => void): () => void;
	/** Ends everything that sounds or is scheduled at or after `time`, echoes and reverb included, within 50 ms. */
	silence(time: number): void;
	/** Resolves when the audio thread knows everything asked so far; await it before an offline render. */
	settled(): Promise<void>;
	/** from a note's time to the output of the master */
	readonly latencySeconds: number;
	/** Releases every node; the context stays open. */
	dispose(): void;
}

export interface RackOptions {
	/** With compressor, volume and limiter, as it is heard; otherwise the bare sum, 6 dB lower. */
	mastered: boolean;
}

/** Builds the rack on a native context, every parameter at its default. Throws an AudioThreadError. */
export async function createRack(
	context: AudioContext | OfflineAudioContext,
	{ mastered }: RackOptions = { mastered: true }
): Promise<Rack> {
	const wrapped = wrapContext(context);
	try {
		await wrapped.addAudioWorkletModule(processorsUrl);
	} catch (error) {
		throw new AudioThreadError(error);
	}
	const mixer = createMixer(wrapped, mastered);
	const sounding = createVoices(wrapped);
	for (const track of VOICE_TRACKS) sounding[track].output.connect(mixer.input(track));
	const voices: Record<VoiceTrack, Voice> = {
		...sounding,
		drums: withSideChain(sounding.drums, mixer.kick)
	};

	function set(id: string, value: number, time: number): void {
		if (!Number.isFinite(value)) return;
		if (id === 'transport.volume') return mixer.master.setVolume(value, time);
		const dot = id.indexOf('.');
		const track = id.slice(0, dot);
		const parameter = id.slice(dot + 1);
		if (!isVoiceTrack(track)) return;
		if (!mixer.set(track, parameter, value, time)) voices[track].set(parameter, value, time);
	}

	for (const parameter of PARAMETERS) set(parameter.id, parameter.default, context.currentTime);

	return {
		voices,
		set,
		setTempo: (bpm, time = context.currentTime) => mixer.setTempo(bpm, time),
		level: (channel) => (channel === 'master' ? mixer.master.peak() : mixer.level(channel)),
		loudness: () => mixer.master.loudness(),
		resetLoudness: () => mixer.master.resetLoudness(),
		listen: (listener) => mixer.master.listen(listener),
		silence(time) {
			for (const track of VOICE_TRACKS) voices[track].silence(time);
			mixer.silence(time);
		},
		async settled() {
			await Promise.all(VOICE_TRACKS.map((track) => sounding[track].settled()));
		},
		latencySeconds: mixer.master.latencySeconds,
		dispose() {
			for (const track of VOICE_TRACKS) voices[track].dispose();
			mixer.dispose();
		}
	};
}

/** In the order of the choices of each track's `voice`. */
function createVoices(context: Context): Record<VoiceTrack, ChosenVoice> {
	const worklet = (name: NoteProcessorName) => (on: Context) => createWorkletVoice(on, name);
	return {
		drums: createChosenVoice(context, [createDrumKit]),
		bass: createChosenVoice(context, [worklet('acid'), worklet('fmBass')]),
		chords: createChosenVoice(context, [createStringEnsemble, worklet('organ')]),
		lead: createChosenVoice(context, [createFmLead, worklet('pulseLead'), worklet('bowedString')]),
		arp: createChosenVoice(context, [worklet('pluck')])
	};
}

/** The drums, telling the mixer of every kick. */
function withSideChain(drums: Voice, kick: (velocity: number, time: number) => void): Voice {
	return {
		...drums,
		play(note: PlayedNote, time: number) {
			drums.play(note, time);
			if (note.pitch === DRUM_PIECES[0].note) kick(note.velocity, time);
		}
	};
}

function isVoiceTrack(name: string): name is VoiceTrack {
	return (VOICE_TRACKS as readonly string[]).includes(name);
}
