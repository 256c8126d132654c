/**
 * The writing half of the instrument: the generation worker, the timeline that its bars go to, and their frames. It
 * turns a change of controls into "from which bar on", and keeps bars ahead of the one that sounds. It makes no sound.
 */
import type { Timeline, PlacedBar } from '../clock/timeline';
import { openingFor } from '../generate/openings';
import type {
	Answer,
	EngineChoice,
	FromWorker,
	GenerationControls,
	ModelDescription,
	ModelSource,
	Question,
	ToWorker,
	WrittenBar
} from '../generate/protocol';
import type { ModelLoading } from '../instrumentHandle';
import type { TokenFrame } from '../model/tokenFrame';
import { parseBars } from '../music/bars';
import { notesOfBar } from '../music/notes';
import { BEATS_PER_BAR } from '../music/vocabulary';
import { FrameStore } from '../signals/frameStore';

/** Bars kept written beyond the one that sounds. */
const BARS_AHEAD = 2;

/** Bars over which the time to write one is averaged. */
const PACE_MEMORY = 8;

const NOTHING_YET: ModelLoading = { file: '', receivedBytes: 0, totalBytes: 0, preparing: false };

/** Opens the way to the worker: what it says goes to `onMessage`. */
export type OpenClient = (onMessage: (message: FromWorker) => void) => {
	send(message: ToWorker): void;
};

export interface AuthorEvents {
	onLoading(loading: ModelLoading): void;
	/** A model is ready, first or again, perhaps on another engine. */
	onModel(model: ModelDescription): void;
	/** Loading ended without a new model, and the one in use goes on. Null: it was cancelled. */
	onKept(message: string | null): void;
	onNotice(message: string): void;
	onFailure(message: string): void;
	onFrames(frames: TokenFrame[]): void;
	onBar(bar: PlacedBar, generated: boolean): void;
	onPace(tokensPerSecond: number): void;
}

export class Author {
	readonly #timeline: Timeline;
	readonly #events: AuthorEvents;
	readonly #client: ReturnType<OpenClient>;
	readonly #questions = new Map<number, (answer: Answer | null) => void>();
	#questionsAsked = 0;
	#loading: ModelLoading = NOTHING_YET;
	#model: ModelDescription | null = null;
	#frames: FrameStore | null = null;
	/** bars of the set's opening */
	#openingBars = 0;
	#begun = false;
	#generated = 0;
	#revision = 0;
	/** from which bar on each revision asked for new ones; those that every bar on its way knows of are dropped */
	#revised: { revision: number; fromBar: number }[] = [];
	#askedUntil = 0;
	/** seconds to write a bar, averaged */
	#secondsPerBar = 0.5;

	constructor(timeline: Timeline, events: AuthorEvents, openClient: OpenClient) {
		this.#timeline = timeline;
		this.#events = events;
		this.#client = openClient((message) => this.#receive(message));
	}

	/** Loads a model. Bars go on being written by the one in use meanwhile. */
	load(source: ModelSource, engine: EngineChoice): void {
		this.#report(NOTHING_YET);
		this.#client.send({ type: 'load', source, engine });
	}

	/** Puts the untrained twin of the model in its place. */
	loadTwin(seed: number): void {
		this.#report({ ...NOTHING_YET, preparing: true });
		this.#client.send({ type: 'twin', seed });
	}

	/** Puts the model back in the place of its twin. */
	loadTrained(): void {
		this.#report({ ...NOTHING_YET, preparing: true });
		this.#client.send({ type: 'trained' });
	}

	cancelLoad(): void {
		this.#client.send({ type: 'cancelLoad' });
	}

	/** Puts the model on another engine. */
	setEngine(engine: EngineChoice): void {
		this.#client.send({ type: 'engine', engine });
	}

	/** Looks into the model. Null where what is asked about is not there, or no longer. */
	inspect(question: Question): Promise<Answer | null> {
		const id = this.#questionsAsked++;
		return new Promise((resolve) => {
			this.#questions.set(id, resolve);
			this.#client.send({ type: 'inspect', id, question });
		});
	}

	/** Begins a set with an opening of whole bars: that of the controls' style, key and mode, unless another is given. */
	begin(controls: GenerationControls, tokens: readonly number[] = openingFor(controls)): void {
		this.#timeline.clear();
		this.#frames = this.#model ? new FrameStore(this.#model.window) : null;
		this.#generated = 0;
		this.#askedUntil = 0;
		this.#revise(0);
		const bars = parseBars(tokens);
		this.#openingBars = bars.length;
		bars.forEach((parsed, bar) => {
			const { first, last } = parsed.span;
			const placed = this.#timeline.place({
				bar,
				notes: notesOfBar(parsed, 0, 0),
				tokens: tokens.slice(first, last + 1),
				firstFrame: first
			});
			if (placed) this.#events.onBar(placed, false);
		});
		this.#begun = true;
		const opening = [...tokens];
		this.#client.send({ type: 'begin', revision: this.#revision, opening, controls });
	}

	/** Ends the set: nothing more is written. */
	rest(): void {
		this.#begun = false;
		this.#client.send({ type: 'rest' });
	}

	/**
	 * Asks for new controls from the first bar that can be written again in time, and returns the beat at which they
	 * will act. `secondsUntil` says how far away a beat is.
	 */
	control(controls: GenerationControls, secondsUntil: (beat: number) => number): number {
		let bar = this.#timeline.firstReplaceableBar();
		let slot = this.#timeline.openSlot;
		while (secondsUntil(slot * BEATS_PER_BAR) < this.#secondsPerBar * 1.3 + 0.1) {
			slot++;
			if (bar < this.#timeline.expectedBar) bar++;
		}
		this.#timeline.replaceFrom(bar);
		this.#revise(bar);
		this.#askedUntil = 0;
		this.#client.send({ type: 'control', revision: this.#revision, controls, fromBar: bar });
		return slot * BEATS_PER_BAR;
	}

	/** Keeps bars coming; call it at every tick with the beat that is scheduled. */
	keepAhead(beat: number): void {
		if (!this.#begun) return;
		const missing = BARS_AHEAD - this.#timeline.barsAhead(beat);
		const untilBar = this.#timeline.expectedBar + Math.max(0, missing);
		if (untilBar <= this.#askedUntil) return;
		this.#askedUntil = untilBar;
		this.#client.send({ type: 'write', untilBar });
	}

	/** How many bars to play again where none is written: the opening until the model has begun, then the last. */
	get repeatedBars(): number {
		return this.#generated > 0 ? 1 : this.#openingBars;
	}

	/** Whether the model has written anything in this set. */
	get hasWritten(): boolean {
		return this.#generated > 0;
	}

	get frames(): FrameStore | null {
		return this.#frames;
	}

	loseDevice(): void {
		this.#client.send({ type: 'loseDevice' });
	}

	#revise(fromBar: number): void {
		this.#revision++;
		this.#revised.push({ revision: this.#revision, fromBar });
	}

	#receive(message: FromWorker): void {
		switch (message.type) {
			case 'progress':
				this.#report({ ...message, preparing: false });
				break;
			case 'preparing':
				this.#report({ ...this.#loading, preparing: true });
				break;
			case 'kept':
				this.#events.onKept(message.message);
				break;
			case 'inspected':
				this.#questions.get(message.id)?.(message.answer);
				this.#questions.delete(message.id);
				break;
			case 'ready':
				this.#takeModel(message.model);
				break;
			case 'notice':
				if (message.model) this.#takeModel(message.model);
				this.#events.onNotice(message.message);
				break;
			case 'failed':
				this.#events.onFailure(message.message);
				break;
			case 'bars':
				for (const bar of message.bars) this.#takeBar(bar, message.revision, message.opening);
				break;
		}
	}

	#report({ file, receivedBytes, totalBytes, preparing }: ModelLoading): void {
		this.#loading = { file, receivedBytes, totalBytes, preparing };
		this.#events.onLoading(this.#loading);
	}

	#takeModel(model: ModelDescription): void {
		/** signals and heads of models of another shape don't compare */
		if (this.#model && !isSameShape(this.#model, model)) this.#frames = null;
		this.#model = model;
		this.#secondsPerBar = 100 / model.tokensPerSecond;
		this.#askedUntil = 0;
		this.#events.onModel(model);
	}

	#takeBar(bar: WrittenBar, revision: number, opening: boolean): void {
		this.#revised = this.#revised.filter((later) => later.revision > revision);
		const outdated = this.#revised.some(({ fromBar }) => bar.bar >= fromBar);
		if (!this.#begun || !this.#model || outdated) return;
		this.#frames ??= new FrameStore(this.#model.window);
		const frames = this.#frames.push(bar.frames, bar.residuals);
		this.#events.onFrames(frames);
		if (opening) return;
		const placed = this.#timeline.place(bar);
		if (!placed) return;
		this.#generated++;
		const seconds = Math.max(1e-3, bar.milliseconds / 1000);
		this.#secondsPerBar += (seconds - this.#secondsPerBar) / PACE_MEMORY;
		this.#events.onPace(bar.tokens.length / seconds);
		this.#events.onBar(placed, true);
	}
}

function isSameShape(a: ModelDescription, b: ModelDescription): boolean {
	return a.layers === b.layers && a.heads === b.heads && a.window === b.window;
}
