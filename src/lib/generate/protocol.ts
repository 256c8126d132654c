/**
 * What the page and the generation worker say to each other: two discriminated unions, each handled by one exhaustive
 * switch. Bars are counted from 0 through the set, the opening included. Every `begin` and `control` carries a greater
 * revision, so that bars which crossed it on their way can be told apart.
 */
import type { EngineName } from '../model/decoder';
import type { Answer, Question } from '../model/questions';
import type { DroppedFile } from '../model/sources/droppedFolder';
import type { LoadProgress } from '../model/sources/urlFolder';
import type { FrameSlab } from '../model/tokenFrame';
import type { NoteEvent } from '../music/notes';
import type { Track } from '../music/vocabulary';

export type EngineChoice = 'auto' | EngineName;

export type { Answer, DroppedFile, Question };

/** Where a model comes from: the site itself, an address that a person gave, a folder of theirs. */
export type ModelSource =
	| { from: 'site'; address: string }
	| { from: 'address'; address: string }
	| { from: 'files'; files: readonly DroppedFile[] };

/** What a person asks of the model. `null` leaves the choice to it. All are indices of their families. */
export interface GenerationControls {
	style: number;
	section: number | null;
	energy: number | null;
	/** BPM of the transport: sets the TEMPO token, not the speed of playback */
	tempo: number;
	key: number | null;
	mode: number | null;
	density: Partial<Record<Track, number | null>>;
	/** 0..1: how strongly pitches outside the bar's own key and mode are held back */
	scaleLock: number;
	temperature: number;
	topP: number;
	/** u32 */
	seed: number;
}

export type ToWorker =
	/** Loads a model; the one in use stays until the new one is ready. */
	| { type: 'load'; source: ModelSource; engine: EngineChoice }
	/** Puts the untrained twin of the model in its place, with weights drawn with `seed`, a u32. */
	| { type: 'twin'; seed: number }
	/** Puts the model back in the place of its untrained twin. */
	| { type: 'trained' }
	/** Gives up the model that is on its way. */
	| { type: 'cancelLoad' }
	/** Puts the model on another engine. */
	| { type: 'engine'; engine: EngineChoice }
	/** Begins a set: forgets the last one, reads the opening as context. */
	| { type: 'begin'; revision: number; opening: number[]; controls: GenerationControls }
	/** New controls from bar `fromBar` on: bars at or after it that are already written are written again. */
	| { type: 'control'; revision: number; controls: GenerationControls; fromBar: number }
	/** Write bars until `untilBar` (exclusive) exist. */
	| { type: 'write'; untilBar: number }
	| { type: 'rest' }
	/** Looks into the model while it writes, with positions of the set; answered by `inspected` with the same id. */
	| { type: 'inspect'; id: number; question: Question }
	/** Destroys the GPU device as a driver reset would, to rehearse the recovery. */
	| { type: 'loseDevice' };

export interface ModelDescription {
	name: string;
	parameters: number;
	/** of the weight files; 0 of an untrained twin, which has none */
	bytes: number;
	from: ModelSource['from'];
	/** the address or folder that it came from */
	place: string;
	/** what the weights of an untrained twin were drawn with; null of a model as it came */
	untrainedSeed: number | null;
	styles: number[];
	layers: number;
	heads: number;
	window: number;
	engine: EngineName;
	/** adapter, "WebAssembly, 2 threads" or "TypeScript" */
	device: string;
	/** what the engine's answers were compared with: a stored answer, TypeScript's, or none */
	verification: 'stored' | 'computed' | 'none';
	/** why this engine and not a faster one; empty when it is the first choice */
	reason: string;
	/** from the self-test */
	tokensPerSecond: number;
}

/** A written bar. Notes are in beats from the start of the bar; frames begin at position `firstFrame`. */
export interface WrittenBar {
	bar: number;
	tokens: number[];
	notes: NoteEvent[];
	firstFrame: number;
	frames: FrameSlab;
	/** for each token what the residuals had in common, laid out by residualFrame.ts; null where none are recorded */
	residuals: Float32Array<ArrayBuffer> | null;
	/** wall time to write it; 0 for an opening bar */
	milliseconds: number;
}

export type FromWorker =
	| ({ type: 'progress' } & LoadProgress)
	/** The weights are there; the engine is being chosen. */
	| { type: 'preparing' }
	| { type: 'ready'; model: ModelDescription }
	| {
			type: 'bars';
			/** the latest `begin` or `control` that these bars know of */
			revision: number;
			bars: WrittenBar[];
			/** the bars of the opening, read and not written */
			opening: boolean;
	  }
	/** Loading ended without a new model, and the one in use goes on: it failed, or was cancelled (null). */
	| { type: 'kept'; message: string | null }
	/** The answer to a question; null where what was asked about is not there, or no longer. */
	| { type: 'inspected'; id: number; answer: Answer | null }
	/** The engine changed while playing, or something else that a person should read. */
	| { type: 'notice'; message: string; model: ModelDescription | null }
	/** Loading or writing ended for good; the message says what happened, what it means and what to do. */
	| { type: 'failed'; message: string };
