/**
 * The instrument as its users see it: the pages, live coders at the console (`window.kqv`) and every test. Types only;
 * `instrument.ts` builds it.
 *
 * @example
 * await kqv.start();
 * kqv.set('bass.cutoff', 900);
 * kqv.on('note', ({ note, audioTime }) => console.log(note.track, note.pitch, audioTime));
 */
import type { Parameter, VoiceTrack } from './controls/parameters';
import type {
	Answer,
	EngineChoice,
	ModelDescription,
	ModelSource,
	Question
} from './generate/protocol';
import type { ResidualFrame } from './model/residualFrame';
import type { TokenFrame } from './model/tokenFrame';
import type { NoteEvent } from './music/notes';
import type { Cable } from './signals/patch';
import type { PatchPreset } from './signals/patchPresets';
import type { Prompt } from './sonify/prompt';
import type { PieceName, Score } from './sonify/score';

/** `idle`: before the first Start. `interrupted`: the browser suspended the audio; `start()` resumes. */
export type Phase = 'idle' | 'starting' | 'playing' | 'stopped' | 'interrupted';

/** How much sound is kept ready for the loudspeakers: the least that the browser can, about 30 ms, about 80 ms. */
export type SoundBuffer = 'short' | 'usual' | 'long';

/** A model on its way. */
export interface ModelLoading {
	/** the file that is being fetched; empty before the first */
	file: string;
	receivedBytes: number;
	/** of all its weights; 0 while nobody says */
	totalBytes: number;
	/** everything is there, and the engine is being chosen */
	preparing: boolean;
}

export type ModelState =
	| { phase: 'absent' }
	| ({ phase: 'loading' } & ModelLoading)
	| { phase: 'ready'; model: ModelDescription; tokensPerSecond: number }
	| { phase: 'failed'; message: string };

/** Something that a person should read; `action` names the button beside it. */
export interface Notice {
	id: string;
	level: 'info' | 'warning' | 'error';
	message: string;
	action: 'retry model' | 'resume audio' | 'request midi' | null;
}

export interface MidiPort {
	id: string;
	name: string;
	connected: boolean;
}

export interface MidiState {
	phase: 'unasked' | 'asking' | 'granted' | 'denied' | 'unsupported';
	outputs: MidiPort[];
	/** id of the chosen output, or null for none */
	output: string | null;
}

export interface InstrumentState {
	phase: Phase;
	engineChoice: EngineChoice;
	/** styles that can be played, as values of `model.style`: those of the model, or of the openings until it is there */
	styles: readonly number[];
	model: ModelState;
	/** the model that is on its way while the one in use goes on */
	nextModel: ModelLoading | null;
	midi: MidiState;
	notices: Notice[];
	/** whole bars written beyond the one that sounds */
	barsAhead: number;
	/** the bar that sounds is a repetition, because the model did not keep up */
	repeating: boolean;
	/** parameters that will act later, with the beat at which they do */
	pending: Record<string, number>;
	recording: RecordingState;
	/** bars of a piece with which sets begin, or null: with the opening of their style */
	opening: Prompt | null;
	/** the score that is open, or null: the jam */
	score: ScoreState | null;
	/** how much sound is kept ready from the next Play on */
	soundBuffer: SoundBuffer;
	/** seconds between scheduling and the loudspeaker, as the browser reports it */
	outputLatencySeconds: number;
}

/** A note handed to voice and MIDI port. */
export interface ScheduledNote {
	note: NoteEvent;
	/** how long it is held, as tempo and swing have it there */
	durationSeconds: number;
	/** audio-context seconds */
	audioTime: number;
	/** the same moment in `performance.now()` milliseconds, as heard */
	performanceTime: number;
	/** the track was muted or not soloed: it went nowhere */
	muted: boolean;
}

/** How the score stands that plays in the place of the jam. Bars count from 0. */
export interface ScoreState {
	readonly piece: PieceName;
	/** whose weights it is made of */
	readonly model: string;
	readonly bars: number;
	/** the bar that Play begins with */
	readonly from: number;
	/** bars that it goes round, `to` exclusive */
	readonly loop: { readonly from: number; readonly to: number } | null;
	/** a jump on its way: to which bar, and the beat of the set at which it comes */
	readonly coming: { readonly bar: number; readonly beat: number } | null;
}

/** Scores made of weights, played in the place of the jam on the same voices, mixer and ports. */
export interface Scores {
	/** the score that is open, or null: the jam */
	readonly opened: Score | null;
	/** Ends the set and puts a score in the place of the jam, or for null the jam in its place again. */
	open(score: Score | null): void;
	/**
	 * Goes to a bar, counted from 0: at the next bar line that is not scheduled yet, or when Play begins. Ends a loop that the
	 * bar is not in. Throws a RangeError when no score is open.
	 */
	seek(bar: number): void;
	/**
	 * Goes round these bars, `to` exclusive, and there first when it plays elsewhere; null goes on. Throws a RangeError when
	 * no score is open or it has no such bars.
	 */
	loop(range: { readonly from: number; readonly to: number } | null): void;
	/** The beat of the score that is heard now, or with which Play begins. */
	beat(): number;
	/**
	 * Hands the last of these bars, `to` exclusive, to the jam of this tab: its next set begins with them. Returns what the
	 * model will read. Throws in words when nothing sounds there, a RangeError when no score is open.
	 */
	handOver(range: { readonly from: number; readonly to: number }): Prompt;
	/** The whole score: a track for each part, tempi, sections, and what turns the filters. */
	midi(): Promise<File>;
	/**
	 * The whole score as a 24-bit WAV file, faster than it sounds, with knobs, mutes and tempo as they are now. `onProgress`
	 * hears 0..1. Rejects in words when it is too long, or no track sounds; with the signal's reason when it was aborted.
	 */
	wav(onProgress?: (share: number) => void, signal?: AbortSignal): Promise<File>;
}

export type RecordingState =
	| { phase: 'off' }
	/** seconds that lie in the file for certain */
	| { phase: 'on'; name: string; seconds: number };

/** A recording that the browser keeps for this page. */
export interface Recording {
	name: string;
	seconds: number;
	/** size of its sound */
	bytes: number;
	/** when it was written last, milliseconds since 1970 */
	modified: number;
}

export interface Recordings {
	/** Records sound and notes from now on; nothing is lost but the last half second when the page dies. */
	start(): void;
	/** Ends the recording; the state says when its files are whole. */
	stop(): void;
	/** The latest first, those included that were cut off. */
	list(): Promise<Recording[]>;
	/** 24-bit stereo WAV */
	wav(name: string): Promise<File>;
	/** a track for each part, with tempo and sections */
	midi(name: string): Promise<File>;
	/**
	 * Plays the notes and knobs of a recording again, faster than they sound, into a 24-bit WAV file: the whole mix, or one
	 * track alone (a stem: before compressor and limiter, 6 dB lower). `onProgress` hears 0..1. Null for a track that has
	 * no notes in the recording. Rejects with the signal's reason when it was aborted.
	 */
	bounce(
		name: string,
		part: VoiceTrack | 'mix',
		onProgress?: (share: number) => void,
		signal?: AbortSignal
	): Promise<File | null>;
	remove(name: string): Promise<void>;
}

/** Which signals turn which knobs. `patch.amount` is the depth of all of it. */
export interface Patch {
	readonly cables: readonly Cable[];
	/**
	 * Replaces all cables, and remembers them. A cable that this instrument can't take throws a RangeError, and none is
	 * replaced.
	 */
	set(cables: readonly Cable[]): void;
	/** patches that the person keeps, in the order in which they were first kept */
	readonly kept: readonly PatchPreset[];
	/**
	 * Keeps the cables as they are now under a name, in place of what had that name. Throws a RangeError, in words for people,
	 * when the name is empty, longer than LONGEST_PATCH_NAME, or that of a patch to begin with.
	 */
	keep(name: string): void;
	/** Takes a kept patch out of the list; its cables stay plugged. */
	forget(name: string): void;
	/** What a cable carries with the notes that are heard now, after its curve and smoothing, -1..1; null before its first note. */
	carried(cable: Cable): number | null;
}

/** Loudness as broadcasters measure it: ITU-R BS.1770-4, EBU R 128. */
export interface Loudness {
	/** of the last 400 ms, LUFS; -Infinity in silence */
	momentary: number;
	/** of the last 3 s, LUFS */
	shortTerm: number;
	/** of the set so far, LUFS */
	integrated: number;
	/** the highest of the set so far, dBTP */
	truePeak: number;
}

export interface AudioBlock {
	/** audio-context seconds of the first sample */
	time: number;
	sampleRate: number;
	left: Float32Array;
	right: Float32Array;
}

export interface InstrumentEvents {
	state: InstrumentState;
	/** a parameter changed, by whomever */
	parameter: { id: string; value: number };
	note: ScheduledNote;
	/** frames of a written bar, the opening included, in order of position */
	frames: TokenFrame[];
	/** a bar entered the timeline, or replaced the one that stood there */
	bar: {
		bar: number;
		startBeat: number;
		notes: NoteEvent[];
		tokens: number[];
		generated: boolean;
		repeated: boolean;
	};
	/** the patch bay turns a knob for a note that is scheduled for then; the knob of the person stays where it is */
	turn: { id: string; value: number; audioTime: number };
	/** the cables of the patch bay, after they were replaced */
	patch: readonly Cable[];
	/** the patches that the person keeps, after one was kept or forgotten */
	patches: readonly PatchPreset[];
	/** what the loudspeakers get, block by block, while anybody listens */
	audio: AudioBlock;
}

export interface Instrument {
	readonly parameters: readonly Parameter[];
	readonly state: InstrumentState;
	/** Starts or resumes. Call it in a user gesture. Resolves when sound is running. */
	start(): Promise<void>;
	/** Stops, silences every voice and port, and rewinds. */
	stop(): void;
	get(id: string): number;
	/** Sets a parameter, clamped to its range, and returns the value taken. Throws a RangeError for an unknown id. */
	set(id: string, value: number): number;
	/** Draws a new seed and writes on with it from the next bar. Returns it. */
	newSeed(): number;
	/**
	 * Lets sets begin with bars of a piece, which bring style, key, mode and tempo along; null for the opening of their style
	 * again. Takes effect when Play is next pressed.
	 */
	openWith(prompt: Prompt | null): void;
	/** Chooses how much sound is kept ready; takes effect when Play is next pressed, and not while a recording runs. */
	setSoundBuffer(buffer: SoundBuffer): void;
	/** Chooses the engine; takes effect when it is ready, while the music goes on. */
	setEngine(choice: EngineChoice): void;
	/** Loads another model, or the one that the site ships. The one in use goes on until it is ready. */
	loadModel(source: ModelSource | 'shipped'): void;
	/**
	 * Puts the untrained twin of the model in its place: the same shape, random weights drawn with `seed` (a u32). Null
	 * puts the trained one back. The one in use goes on until the other is ready.
	 */
	loadTwin(seed: number | null): void;
	/** Gives up the model that is on its way. */
	cancelLoad(): void;
	/** Loads again what was asked for last. */
	retryModel(): void;
	/** Looks into the model while it writes. Null where what is asked about is not there, or no longer. */
	inspect(question: Question): Promise<Answer | null>;
	dismissNotice(id: string): void;
	/** The beat that is heard now (output latency considered), from the start of the set. */
	beat(): number;
	/** Notes that begin in [fromBeat, toBeat), as placed on the timeline, sorted by beat; those not yet heard included. */
	notesBetween(fromBeat: number, toBeat: number): NoteEvent[];
	/** The frame at a position of the sequence, while it is kept (the last 64 bars). */
	frame(position: number): TokenFrame | undefined;
	/**
	 * What the residuals of the latest tokens had in common when the one at a position was chosen; undefined where that is
	 * not known: at the beginning of a set, or no longer.
	 */
	residual(position: number): ResidualFrame | undefined;
	/** The note that the token at a position wrote, or undefined for tokens that are not part of a note. */
	noteAt(position: number): NoteEvent | undefined;
	/** Loudness 0..1 (peak since the last call) of a track or the master. */
	level(channel: VoiceTrack | 'master'): number;
	/** How loud the set is; null before the first Start. */
	loudness(): Loudness | null;
	readonly midi: {
		/** Asks the browser for MIDI; call it in a user gesture. */
		request(): Promise<void>;
		/** Chooses the output for all tracks (their channels are parameters), or null for none. */
		choose(outputId: string | null): void;
	};
	readonly patch: Patch;
	readonly recordings: Recordings;
	readonly scores: Scores;
	/** Subscribes; returns the function that unsubscribes. */
	on<K extends keyof InstrumentEvents>(
		event: K,
		listener: (payload: InstrumentEvents[K]) => void
	): () => void;
	/** Stops, and gives the audio output back: for when its page gives way to another. */
	dispose(): Promise<void>;
	/** For rehearsals and tests. */
	readonly rehearse: { loseDevice(): void; suspendAudio(): Promise<void> };
}
