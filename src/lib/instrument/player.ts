/**
 * The sounding half of the instrument: audio context, voices, scheduler, MIDI lane, and the map between the audio clock
 * and the page's. It plays whatever stands on the timeline; it knows no model.
 */
import { AudioPerformanceMap } from '../clock/audioPerformanceMap';
import { outputLatencySeconds, readOutputPair } from '../clock/outputPair';
import {
	AUDIO_HORIZON_SECONDS,
	MIDI_HORIZON_SECONDS,
	Scheduler,
	type Lane,
	type SchedulerOptions
} from '../clock/scheduler';
import { startTicker } from '../clock/ticker';
import type { Voice } from '../clock/voice';
import { PARAMETERS, VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import type { ParameterValues } from '../controls/parameterValues';
import type { AudioBlock, Loudness, SoundBuffer } from '../instrumentHandle';
import type * as RackModule from '../voices/rack';
import { LATENCY_HINTS } from './soundOutput';

/** What Chromium counts of its output (AudioContext.playbackStats of the Web Audio API); others have none yet. */
interface Counting extends AudioContext {
	readonly playbackStats?: { readonly underrunDuration: number };
}

export interface PlayerOptions extends SchedulerOptions {
	values: ParameterValues;
	/** Called at every tick, before notes are handed over, with the beat up to which they will be. */
	onTick(scheduledBeat: number): void;
	/** The browser suspended the audio, or resumed it. */
	onAudioState(running: boolean): void;
	/** Wraps a synth before it is scheduled: the patch bay sits there. */
	patched(track: VoiceTrack, voice: Voice): Voice;
	/** how much sound is kept ready */
	buffer: SoundBuffer;
}

/** Parameters that the rack knows: those of voices, strips and master. */
const RACK_PARAMETERS = PARAMETERS.filter(
	({ id, group, acts }) =>
		acts === 'now' &&
		!id.endsWith('.channel') &&
		(id === 'transport.volume' || VOICE_TRACKS.some((track) => track === group))
).map(({ id }) => id);

/** Opens the audio output in a user gesture and builds the player on it. Throws an Error in words when there is none. */
export async function openPlayer(options: PlayerOptions): Promise<Player> {
	let context: AudioContext;
	try {
		context = new AudioContext({ latencyHint: LATENCY_HINTS[options.buffer] });
	} catch (error) {
		throw new Error(
			`The browser gave no audio output (${error instanceof Error ? error.message : error}). Connect a loudspeaker or headphones, close other programs that hold the sound card, and press Start again.`,
			{ cause: error }
		);
	}
	const resumed = context.resume();
	const rack = await loadRack()
		.then(({ createRack }) => createRack(context))
		.catch(async (error: unknown) => {
			await context.close();
			throw error;
		});
	await resumed;
	return new Player(context, rack, options);
}

/** The voices come in a file of their own, so that the title page is light. */
async function loadRack(): Promise<typeof RackModule> {
	try {
		return await import('../voices/rack');
	} catch (error) {
		throw new Error(
			'The sound engine could not be fetched, so nothing can sound yet. Check the connection and press Play again.',
			{ cause: error }
		);
	}
}

export class Player {
	readonly #context: AudioContext;
	readonly #rack: RackModule.Rack;
	readonly #options: PlayerOptions;
	readonly #scheduler: Scheduler;
	readonly #clocks: AudioPerformanceMap;
	readonly #stopTicker: () => void;
	#midiLane: Lane | null = null;

	constructor(context: AudioContext, rack: RackModule.Rack, options: PlayerOptions) {
		this.#context = context;
		this.#rack = rack;
		this.#options = options;
		this.#scheduler = new Scheduler(options);
		this.#clocks = new AudioPerformanceMap({
			contextTime: context.currentTime,
			performanceTime: performance.now() + outputLatencySeconds(context) * 1000
		});
		for (const id of RACK_PARAMETERS) this.apply(id);
		for (const track of VOICE_TRACKS) {
			this.#scheduler.addLane(
				{
					voice: options.patched(track, rack.voices[track]),
					plays: (other) => other === track,
					horizonSeconds: AUDIO_HORIZON_SECONDS
				},
				context.currentTime
			);
		}
		context.onstatechange = () => options.onAudioState(context.state === 'running');
		this.#stopTicker = startTicker(() => this.#tick());
	}

	/** Starts at beat 0 of the timeline. Resolves when the audio runs. */
	async start(bpm: number): Promise<void> {
		await this.#context.resume();
		this.#rack.setTempo(bpm);
		this.#rack.resetLoudness();
		this.#scheduler.start(this.#context.currentTime, bpm);
		this.#tick();
	}

	/** Goes on after the browser suspended the audio. */
	async resume(): Promise<void> {
		await this.#context.resume();
	}

	async suspend(): Promise<void> {
		await this.#context.suspend();
	}

	stop(): void {
		this.#scheduler.stop(this.#context.currentTime);
		this.#rack.silence(this.#context.currentTime);
	}

	/** Ends it for good: ticker, MIDI lane and audio output. */
	async close(): Promise<void> {
		this.stop();
		this.#stopTicker();
		this.setMidi(null);
		this.#context.onstatechange = null;
		await this.#context.close();
	}

	get playing(): boolean {
		return this.#scheduler.running;
	}

	get repeating(): boolean {
		return this.#scheduler.repeating;
	}

	/** What its output was opened with. */
	get buffer(): SoundBuffer {
		return this.#options.buffer;
	}

	/** Seconds of sound that the browser could not compute in time since the output was opened; 0 where it doesn't count them. */
	get lostSeconds(): number {
		return (this.#context as Counting).playbackStats?.underrunDuration ?? 0;
	}

	get outputLatencySeconds(): number {
		return outputLatencySeconds(this.#context);
	}

	/** The moment of the audio clock that is computed now, in seconds. */
	get audioTime(): number {
		return this.#context.currentTime;
	}

	/** The moment of the audio clock that is heard now, in seconds; for notes, the limiter's delay considered. */
	heardTime(): number {
		const audioTime = this.#clocks.toContext(performance.now()) - this.#rack.latencySeconds;
		return Math.min(audioTime, this.#context.currentTime);
	}

	/** The beat that is heard now. */
	heardBeat(): number {
		return this.#scheduler.beatAt(this.heardTime());
	}

	/** Seconds from now until a beat is played; negative when it has been. */
	secondsUntil(beat: number): number {
		return this.#scheduler.timeAt(beat) - this.#context.currentTime;
	}

	/** When a moment of the audio clock is heard, in `performance.now()` milliseconds; for notes, the limiter's delay included. */
	heardAt(audioTime: number): number {
		return this.#clocks.toPerformance(audioTime + this.#rack.latencySeconds);
	}

	/** Hands the value of a parameter to what it belongs to. */
	apply(id: string): void {
		const { values } = this.#options;
		if (id === 'transport.tempo') {
			this.#rack.setTempo(values.get(id));
			this.#scheduler.setTempo(values.get(id), this.#context.currentTime);
		} else if (RACK_PARAMETERS.includes(id)) {
			this.#rack.set(id, values.get(id), this.#context.currentTime);
		}
	}

	/** Sets a parameter of a voice at the moment of a note, without moving the knob. */
	modulate(id: string, value: number, audioTime: number): void {
		this.#rack.set(id, value, audioTime);
	}

	/** Plays through a MIDI output as well, or through none. */
	setMidi(voice: Voice | null): void {
		const now = this.#context.currentTime;
		if (this.#midiLane) {
			this.#scheduler.removeLane(this.#midiLane, now);
			this.#midiLane.voice.dispose();
		}
		this.#midiLane = voice && {
			voice,
			plays: () => true,
			horizonSeconds: MIDI_HORIZON_SECONDS
		};
		if (this.#midiLane) this.#scheduler.addLane(this.#midiLane, now);
	}

	/** All notes off on the MIDI output, at once: for when the page goes away. */
	panicMidi(): void {
		this.#midiLane?.voice.silence(0);
	}

	level(channel: VoiceTrack | 'master'): number {
		return this.#rack.level(channel);
	}

	loudness(): Loudness {
		return this.#rack.loudness();
	}

	listen(listener: (block: AudioBlock) => void): () => void {
		return this.#rack.listen(listener);
	}

	#tick(): void {
		const pair = readOutputPair(this.#context, performance.now());
		if (pair) this.#clocks.push(pair);
		if (!this.#scheduler.running) return;
		const now = this.#context.currentTime;
		this.#options.onTick(this.#scheduler.beatAt(now + AUDIO_HORIZON_SECONDS));
		this.#scheduler.tick(now);
	}
}
