/**
 * What the page for looking inside a model and its worker say to each other. The worker holds one model and one
 * sequence; tokens are counted from its beginning. Every question about the inside has a number, and gets one answer.
 */
import type { Verification } from '../generate/engine';
import type { EngineChoice, ModelSource } from '../generate/protocol';
import type { EngineName } from '../model/decoder';
import type { Answer, Question } from '../model/questions';
import type { FrameSlab } from '../model/tokenFrame';
import type { LanguageKind } from './language';

/** How to go on from a text. */
export interface Writing {
	/** what was typed: the sequence begins anew with it */
	text: string;
	/** tokens to write at most */
	count: number;
	temperature: number;
	/** 0 keeps all */
	topK: number;
	topP: number;
	repetitionPenalty: number;
	/** u32 */
	seed: number;
}

export type ToInside =
	/** Opens a model beside the one in use, which stays until the new one can write. */
	| { type: 'open'; source: ModelSource; engine: EngineChoice }
	/** Puts the untrained twin of the model in its place, with weights drawn with `seed`; null: the trained one again. */
	| { type: 'twin'; seed: number | null; engine: EngineChoice }
	/** Ends the opening under way; the model in use stays. */
	| { type: 'cancel' }
	| { type: 'write'; writing: Writing }
	| { type: 'stop' }
	| { type: 'ask'; id: number; question: Question };

export interface InsideModel {
	name: string;
	/** what the weights of an untrained twin were drawn with; null of a model as it came */
	untrainedSeed: number | null;
	/** number of weights */
	parameters: number;
	family: string;
	layers: number;
	heads: number;
	/** [layers] keys that a query sees */
	windows: readonly number[];
	vocabularySize: number;
	language: LanguageKind;
	engine: EngineName;
	device: string;
	/** why this engine and not a faster one; empty when it is the first choice */
	reason: string;
	/** what the engine's answers were compared with: a stored answer, TypeScript's, or none */
	verification: Verification;
	tokensPerSecond: number;
	/** a text to begin with */
	example: string;
}

export type FromInside =
	| { type: 'progress'; file: string; receivedBytes: number; totalBytes: number }
	| { type: 'opened'; model: InsideModel }
	/**
	 * The tokens from position `first` on and their frames; the sequence ends behind them. `texts` are what each token
	 * shows, `alternatives` what those of its frame would have shown in its place.
	 */
	| {
			type: 'tokens';
			first: number;
			texts: string[];
			alternatives: string[][];
			/** given by the person, not written by the model */
			given: boolean;
			frames: FrameSlab;
	  }
	/** Writing came to its end. */
	| { type: 'rest'; tokensPerSecond: number }
	| { type: 'answer'; id: number; answer: Answer }
	/** A question that has no answer (any more). */
	| { type: 'unanswered'; id: number; message: string }
	| { type: 'notice'; message: string }
	/** Something was asked that can't be done; all is as before. */
	| { type: 'failed'; message: string };
