/**
 * Holds one model of any family, writes with it and answers questions about its inside. It runs in a worker, but knows
 * no worker: messages come in through `receive` and go out through `send`.
 */
import { chooseEngine, type Engine, type EngineMakers } from '../generate/engine';
import { folderOf } from '../generate/fetchModel';
import type { EngineChoice, ModelSource } from '../generate/protocol';
import type { Decoder, Sampling } from '../model/decoder';
import { loadModel, parameterCount, type LoadedModel } from '../model/loadModel';
import { answerTo, transferOf, type Question } from '../model/questions';
import type { ModelCache } from '../model/sources/modelCache';
import { TokenFrame, type FrameSlab } from '../model/tokenFrame';
import { untrainedTwin } from '../model/untrainedTwin';
import { languageOf, type Language } from './language';
import type { FromInside, InsideModel, ToInside, Writing } from './protocol';

/** Tokens between two looks at the mail. */
const TOKENS_A_TURN = 8;

interface Surroundings {
	engines: EngineMakers;
	fetch: typeof fetch;
	/** Where weights are kept; null where the browser keeps nothing for this page. */
	cache(): Promise<ModelCache | null>;
	send(message: FromInside, transfer?: ArrayBuffer[]): void;
	/** Resolves after waiting messages were received. */
	breathe(): Promise<void>;
}

/** A model and what its tokens mean. */
interface Known {
	readonly model: LoadedModel;
	readonly language: Language;
	/** of an untrained twin: what its weights were drawn with, and the model that it is a twin of */
	readonly untrained: { readonly seed: number; readonly trained: LoadedModel } | null;
}

/** A model that can write. */
interface Open extends Known {
	readonly engine: Engine;
}

export class InsideSession {
	readonly #surroundings: Surroundings;
	#open: Open | null = null;
	#opening: AbortController | null = null;
	/** the text that is being written; another, or none, ends it */
	#writing: Writing | null = null;
	#busy: Promise<void> = Promise.resolve();

	constructor(surroundings: Surroundings) {
		this.#surroundings = surroundings;
	}

	/** Handles a message from the page. Returns at once; work goes on by itself. */
	receive(message: ToInside): void {
		switch (message.type) {
			case 'open':
				void this.#exchange(message.engine, (signal) => this.#load(message.source, signal));
				break;
			case 'twin':
				void this.#exchange(message.engine, async () => this.#twin(message.seed));
				break;
			case 'cancel':
				this.#opening?.abort(new Error('Opening was cancelled.'));
				break;
			case 'write':
				this.#begin(message.writing);
				break;
			case 'stop':
				this.#writing = null;
				break;
			case 'ask':
				void this.#answer(message.id, message.question);
				break;
		}
	}

	/** Puts the model that `obtain` brings in the place of the one in use, which stays if that fails or is cancelled. */
	async #exchange(
		choice: EngineChoice,
		obtain: (signal: AbortSignal) => Promise<Known>
	): Promise<void> {
		this.#opening?.abort(new Error('Another model is being opened.'));
		const opening = new AbortController();
		this.#opening = opening;
		const { send, engines } = this.#surroundings;
		try {
			const known = await obtain(opening.signal);
			const engine = await chooseEngine(known.model, choice, engines, opening.signal);
			if (opening.signal.aborted) {
				engine.dispose();
				return;
			}
			this.#writing = null;
			await this.#busy;
			this.#open?.engine.dispose();
			this.#open = { ...known, engine };
			send({ type: 'opened', model: describe(this.#open) });
		} catch (error) {
			if (!opening.signal.aborted) send({ type: 'failed', message: sentence(error) });
		}
	}

	async #load(source: ModelSource, signal: AbortSignal): Promise<Known> {
		const { send, fetch, cache } = this.#surroundings;
		const onNotice = (notice: string) => send({ type: 'notice', message: notice });
		const folder = folderOf(source, {
			fetch,
			cache: await cache(),
			signal,
			onProgress: (progress) => send({ type: 'progress', ...progress }),
			onNotice
		});
		const model = await loadModel(folder, { onNotice });
		return { model, language: await languageOf(folder, model), untrained: null };
	}

	/** The untrained twin of the model in use, or for null the trained one. They share a language. */
	#twin(seed: number | null): Known {
		if (!this.#open) throw new RangeError('There is no model yet to make an untrained twin of.');
		const { model, language, untrained } = this.#open;
		const trained = untrained?.trained ?? model;
		return seed === null
			? { model: trained, language, untrained: null }
			: { model: untrainedTwin(trained, seed), language, untrained: { seed, trained } };
	}

	#begin(writing: Writing): void {
		const open = this.#open;
		if (!open) return;
		this.#writing = writing;
		const before = this.#busy;
		this.#busy = before.then(() => this.#write(open, writing));
	}

	async #write({ language, engine: { decoder } }: Open, writing: Writing): Promise<void> {
		const { send, breathe } = this.#surroundings;
		if (this.#writing !== writing) return;
		try {
			const tokens = language.encode(writing.text);
			decoder.truncate(0);
			this.#tell(language, await decoder.prefill(tokens), [], true);
			const began = performance.now();
			let written = 0;
			while (written < writing.count && this.#writing === writing) {
				const count = Math.min(TOKENS_A_TURN, writing.count - written, roomOf(decoder));
				if (count === 0) break;
				const slab = await decoder.generate(
					count,
					samplingOf(writing),
					language.constraint(tokens)
				);
				const added = tokensOf(slab);
				this.#tell(language, slab, tokens, false);
				tokens.push(...added);
				written += count;
				if (added.some((token) => language.ends.has(token))) break;
				await breathe();
			}
			send({ type: 'rest', tokensPerSecond: (1000 * written) / (performance.now() - began) });
		} catch (error) {
			send({ type: 'failed', message: sentence(error) });
		}
		if (this.#writing === writing) this.#writing = null;
	}

	/** Sends the frames of tokens that follow `before`, and what each shows. */
	#tell(language: Language, frames: FrameSlab, before: readonly number[], given: boolean): void {
		const tokens = [...before];
		const texts: string[] = [];
		const alternatives: string[][] = [];
		for (let i = 0; i < frames.count; i++) {
			const frame = new TokenFrame(frames, i);
			texts.push(language.show(frame.token, tokens));
			alternatives.push(frame.alternatives.map(({ token }) => language.show(token, tokens)));
			tokens.push(frame.token);
		}
		const { send } = this.#surroundings;
		const first = before.length;
		send({ type: 'tokens', first, texts, alternatives, given, frames }, [frames.buffer]);
	}

	async #answer(id: number, question: Question): Promise<void> {
		const { send } = this.#surroundings;
		try {
			const inspector = this.#open?.engine.decoder.inspector;
			if (!inspector) throw new RangeError('There is no model to look into yet.');
			const answer = await answerTo(inspector, question);
			send({ type: 'answer', id, answer }, transferOf(answer));
		} catch (error) {
			send({ type: 'unanswered', id, message: sentence(error) });
		}
	}
}

function describe({ model, language, untrained, engine }: Open): InsideModel {
	const { config } = model;
	const { engine: name, device } = engine.decoder.capabilities;
	return {
		name: model.name,
		untrainedSeed: untrained?.seed ?? null,
		parameters: parameterCount(model),
		family: config.family,
		layers: config.layers,
		heads: config.heads,
		windows: config.layerWindows,
		vocabularySize: config.vocabularySize,
		language: language.kind,
		engine: name,
		device,
		reason: engine.reason,
		verification: engine.verification,
		tokensPerSecond: engine.tokensPerSecond,
		example: language.example
	};
}

function samplingOf({ temperature, topK, topP, repetitionPenalty, seed }: Writing): Sampling {
	return { temperature, topK, topP, minP: 0, repetitionPenalty, seed };
}

function roomOf({ length, capabilities }: Decoder): number {
	return Math.max(0, capabilities.longestSequence - length);
}

function tokensOf(slab: FrameSlab): number[] {
	return Array.from({ length: slab.count }, (_, i) => new TokenFrame(slab, i).token);
}

function sentence(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
