/**
 * One generation session: holds the model and the writer, obeys the page's messages between any few tokens, recovers
 * from a lost GPU. It runs in the worker, but knows no worker: messages come in through `receive`, go out through `send`.
 */
import { DeviceLostError } from '../model/decoder';
import { transferOf, type Question } from '../model/questions';
import type { ModelCache } from '../model/sources/modelCache';
import { BarWriter } from './barWriter';
import { describeModel } from './describeModel';
import { chooseEngine, type Engine, type EngineMakers } from './engine';
import { fetchModel, trainedOf, untrainedOf, type FetchedModel } from './fetchModel';
import { inspect } from './inspection';
import type {
	EngineChoice,
	FromWorker,
	GenerationControls,
	ModelDescription,
	ModelSource,
	ToWorker,
	WrittenBar
} from './protocol';

/** Two lost devices within this time mean that the GPU is not to be trusted in this session. */
const DEVICE_LOSS_WINDOW_MS = 60_000;

const LOST_TWICE = 'The graphics device was lost twice within a minute.';
const CANCELLED = 'Loading was cancelled.';
const NO_MODEL =
	'Loading was cancelled, so there is no model yet. Load the shipped one again, or another.';

const NO_TWIN =
	'There is no model yet, so there is no untrained twin of it. Load the shipped one, or another.';

interface Surroundings {
	engines: EngineMakers;
	fetch: typeof fetch;
	/** Where weights are kept; null where the browser keeps nothing for this page. */
	cache(): Promise<ModelCache | null>;
	send(message: FromWorker, transfer?: ArrayBuffer[]): void;
	/** Resolves after waiting messages were received. */
	breathe(): Promise<void>;
}

export class GenerationSession {
	readonly #surroundings: Surroundings;
	#fetched: FetchedModel | null = null;
	#engine: Engine | null = null;
	#choice: EngineChoice = 'auto';
	#writer: BarWriter | null = null;
	#revision = -1;
	#controls: GenerationControls | null = null;
	#untilBar = 0;
	/** work that must happen between tokens, in this order */
	#begin: { opening: number[] } | null = null;
	#rewindTo: number | null = null;
	#loading: AbortController | null = null;
	#running = false;
	/** the writer must come to rest, because its decoder is about to change */
	#halted = false;
	#handedOver: Promise<void> = Promise.resolve();
	#lossTimes: number[] = [];

	constructor(surroundings: Surroundings) {
		this.#surroundings = surroundings;
	}

	/** Handles a message from the page. Returns at once; work goes on by itself. */
	receive(message: ToWorker): void {
		switch (message.type) {
			case 'load':
				this.#choice = message.engine;
				void this.#exchange((signal) => this.#fetch(message.source, signal));
				break;
			case 'twin':
				void this.#exchange(async () => untrainedOf(this.#inUse(), message.seed));
				break;
			case 'trained':
				void this.#exchange(async () => trainedOf(this.#inUse()));
				break;
			case 'cancelLoad':
				this.#loading?.abort(new Error(CANCELLED));
				break;
			case 'engine':
				this.#choice = message.engine;
				/** a load that is under way asks for the choice when it gets there */
				if (!this.#loading) void this.#exchange(async () => this.#fetched);
				break;
			case 'begin':
				this.#revision = message.revision;
				this.#controls = message.controls;
				this.#begin = { opening: message.opening };
				this.#rewindTo = null;
				this.#untilBar = 0;
				this.#run();
				break;
			case 'control':
				this.#revision = message.revision;
				this.#controls = message.controls;
				this.#rewindTo = Math.min(this.#rewindTo ?? message.fromBar, message.fromBar);
				this.#run();
				break;
			case 'write':
				this.#untilBar = Math.max(this.#untilBar, message.untilBar);
				this.#run();
				break;
			case 'rest':
				this.#untilBar = 0;
				break;
			case 'inspect':
				void this.#inspect(message.id, message.question);
				break;
			case 'loseDevice':
				this.#engine?.device?.destroy();
				break;
		}
	}

	/**
	 * Puts the model that `obtain` brings in the place of the one in use, or the same one on another engine. Until that
	 * is ready, and where it fails or is cancelled, everything stays as it is.
	 */
	async #exchange(obtain: (signal: AbortSignal) => Promise<FetchedModel | null>): Promise<void> {
		const { send } = this.#surroundings;
		this.#loading?.abort(new Error(CANCELLED));
		const loading = new AbortController();
		this.#loading = loading;
		try {
			const fetched = await obtain(loading.signal);
			if (fetched) {
				send({ type: 'preparing' });
				const engine = await this.#engineFor(fetched, loading.signal);
				await this.#handOver(engine);
				this.#fetched = fetched;
				send({ type: 'ready', model: this.#describe() });
			}
		} catch (error) {
			if (this.#loading !== loading) return; // what came instead will speak for itself
			const { aborted } = loading.signal;
			if (this.#engine) send({ type: 'kept', message: aborted ? null : sentence(error) });
			else send({ type: 'failed', message: aborted ? NO_MODEL : sentence(error) });
		}
		if (this.#loading === loading) this.#loading = null;
		this.#run();
	}

	async #fetch(source: ModelSource, signal: AbortSignal): Promise<FetchedModel> {
		const { send, fetch, cache } = this.#surroundings;
		return fetchModel(source, {
			fetch,
			cache: await cache(),
			signal,
			onProgress: (progress) => send({ type: 'progress', ...progress }),
			onNotice: (message) => send({ type: 'notice', message, model: null })
		});
	}

	#inUse(): FetchedModel {
		if (!this.#fetched) throw new Error(NO_TWIN);
		return this.#fetched;
	}

	/** The engine of choice; the choice may change while it is being made. */
	async #engineFor({ model }: FetchedModel, signal: AbortSignal): Promise<Engine> {
		for (;;) {
			const choice = this.#choice;
			const engine = await chooseEngine(model, choice, this.#surroundings.engines, signal);
			if (choice === this.#choice && !signal.aborted) return engine;
			engine.dispose();
			signal.throwIfAborted();
		}
	}

	/** One engine takes over at a time. */
	async #handOver(engine: Engine): Promise<void> {
		const taken = this.#handedOver.then(() => this.#takeEngine(engine));
		this.#handedOver = taken.catch(() => undefined); // it is reported to whom it belongs, below
		await taken;
	}

	/** Puts an engine in charge; a set in progress goes on with it, or with the old one when it fails. */
	async #takeEngine(engine: Engine): Promise<void> {
		const old = this.#engine;
		this.#halted = true;
		try {
			while (this.#running) await this.#surroundings.breathe();
			if (this.#writer) await this.#writer.adopt(engine.decoder);
			else this.#writer = new BarWriter(engine.decoder);
			this.#engine = engine;
			old?.dispose();
		} catch (error) {
			engine.dispose();
			if (old) await this.#writer?.adopt(old.decoder);
			throw error;
		} finally {
			this.#halted = false;
		}
	}

	#run(): void {
		if (this.#running || this.#halted || !this.#writer) return;
		this.#running = true;
		void this.#work(this.#writer).finally(() => {
			this.#running = false;
		});
	}

	async #work(writer: BarWriter): Promise<void> {
		const { send, breathe } = this.#surroundings;
		/** Lets messages in; says whether to go on reading the opening: new controls can wait for its end. */
		const betweenReading = async () => {
			await breathe();
			return this.#begin === null && !this.#halted;
		};
		/** The same, of writing a bar. */
		const betweenWriting = async () => (await betweenReading()) && this.#rewindTo === null;
		try {
			while (!this.#halted) {
				const revision = this.#revision;
				if (this.#begin) {
					const { opening } = this.#begin;
					this.#begin = null;
					const bars = await writer.begin(opening, betweenReading);
					send({ type: 'bars', revision, bars, opening: true }, bars.flatMap(buffersOf));
					continue;
				}
				if (this.#rewindTo !== null) {
					const bar = this.#rewindTo;
					this.#rewindTo = null;
					await writer.rewind(bar);
					continue;
				}
				const controls = this.#controls;
				if (!controls || writer.written >= this.#untilBar) return;
				const bar = await writer.writeBar(controls, betweenWriting);
				if (bar) send({ type: 'bars', revision, bars: [bar], opening: false }, buffersOf(bar));
			}
		} catch (error) {
			if (error instanceof DeviceLostError) await this.#recover(writer);
			else send({ type: 'failed', message: sentence(error) });
		}
	}

	async #recover(writer: BarWriter): Promise<void> {
		const { send, engines } = this.#surroundings;
		const now = performance.now();
		this.#lossTimes = [...this.#lossTimes.filter((t) => now - t < DEVICE_LOSS_WINDOW_MS), now];
		const again = this.#lossTimes.length > 1;
		try {
			this.#engine?.dispose();
			const { model } = this.#fetched!;
			const engine = await chooseEngine(model, again ? 'wasm' : 'webgpu', engines);
			this.#engine = again
				? { ...engine, reason: `${LOST_TWICE} ${engine.reason}`.trim() }
				: engine;
			await writer.adopt(engine.decoder);
			send({ type: 'notice', message: recoveryMessage(engine), model: this.#describe() });
			setTimeout(() => this.#run());
		} catch (error) {
			if (error instanceof DeviceLostError) await this.#recover(writer);
			else send({ type: 'failed', message: sentence(error) });
		}
	}

	async #inspect(id: number, question: Question): Promise<void> {
		const { send } = this.#surroundings;
		try {
			const answer = this.#writer ? await inspect(this.#writer, question) : null;
			send({ type: 'inspected', id, answer }, answer ? transferOf(answer) : []);
		} catch (error) {
			send({ type: 'inspected', id, answer: null });
			send({
				type: 'notice',
				message: `Looking into the model failed: ${sentence(error)}`,
				model: null
			});
		}
	}

	#describe(): ModelDescription {
		return describeModel(this.#fetched!, this.#engine!);
	}
}

function recoveryMessage({ decoder }: Engine): string {
	return decoder.capabilities.engine === 'webgpu'
		? 'The graphics device was lost (a driver reset, or the machine slept). A new one has taken over and the music goes on; there is nothing to do.'
		: `The graphics device was lost, so the model now runs on the processor (${decoder.capabilities.device}) and the music goes on. To use the graphics card again, reload the page.`;
}

/** The memory of a bar, to be handed over with it. */
function buffersOf({ frames, residuals }: WrittenBar): ArrayBuffer[] {
	return residuals ? [frames.buffer, residuals.buffer] : [frames.buffer];
}

function sentence(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
