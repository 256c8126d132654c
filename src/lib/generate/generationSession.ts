/**
 * One generation session: holds the model and the writer, obeys the page's messages between any few tokens, recovers
 * from a lost GPU. It runs in the worker, but knows no worker: messages come in through `receive`, go out through `send`.
 */
import { ModelFileError } from '../model/config';
import { DeviceLostError } from '../model/decoder';
import { loadModel, type LoadedModel } from '../model/loadModel';
import { STYLES, VOCABULARY_SIZE } from '../music/vocabulary';
import { BarWriter } from './barWriter';
import { chooseEngine, cpuEngine, type Engine } from './engine';
import type {
	EngineChoice,
	FromWorker,
	GenerationControls,
	ModelDescription,
	ToWorker
} from './protocol';

/** Two lost devices within this time mean that the GPU is not to be trusted in this session. */
const DEVICE_LOSS_WINDOW_MS = 60_000;

interface Surroundings {
	gpu: GPU | undefined;
	fetch: typeof fetch;
	send(message: FromWorker, transfer?: ArrayBuffer[]): void;
	/** Resolves after waiting messages were received. */
	breathe(): Promise<void>;
}

export class GenerationSession {
	readonly #surroundings: Surroundings;
	#model: LoadedModel | null = null;
	#engine: Engine | null = null;
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
	#lossTimes: number[] = [];

	constructor(surroundings: Surroundings) {
		this.#surroundings = surroundings;
	}

	/** Handles a message from the page. Returns at once; work goes on by itself. */
	receive(message: ToWorker): void {
		switch (message.type) {
			case 'load':
				void this.#load(message.modelUrl, message.engine);
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
			case 'loseDevice':
				this.#engine?.device?.destroy();
				break;
		}
	}

	async #load(modelUrl: string, choice: EngineChoice): Promise<void> {
		this.#loading?.abort();
		const loading = new AbortController();
		this.#loading = loading;
		const { send, fetch, gpu } = this.#surroundings;
		try {
			this.#model ??= await loadModel(modelUrl, {
				fetch,
				signal: loading.signal,
				onProgress: ({ receivedBytes, totalBytes }) =>
					send({ type: 'progress', receivedBytes, totalBytes })
			});
			const { vocabularySize } = this.#model.config;
			if (vocabularySize !== VOCABULARY_SIZE) {
				this.#model = null;
				throw new ModelFileError(
					`The model at ${modelUrl} has ${vocabularySize} tokens, but the music language of this version has ${VOCABULARY_SIZE}. It was trained for another version; use the model that comes with this one.`
				);
			}
			const engine = await chooseEngine(this.#model, choice, gpu);
			if (loading.signal.aborted) {
				engine.decoder.dispose();
				return;
			}
			await this.#takeEngine(engine);
			send({ type: 'ready', model: this.#describe() });
			this.#run();
		} catch (error) {
			if (!loading.signal.aborted) send({ type: 'failed', message: sentence(error) });
		}
	}

	/** Puts an engine in charge; a set in progress goes on with it. */
	async #takeEngine(engine: Engine): Promise<void> {
		this.#halted = true;
		while (this.#running) await this.#surroundings.breathe();
		this.#halted = false;
		this.#engine?.decoder.dispose();
		this.#engine?.device?.destroy();
		this.#engine = engine;
		if (this.#writer) await this.#writer.adopt(engine.decoder);
		else this.#writer = new BarWriter(engine.decoder);
	}

	#run(): void {
		if (this.#running || !this.#writer) return;
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
					send({ type: 'bars', revision, bars, opening: true }, bars.map(bufferOf));
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
				if (bar) send({ type: 'bars', revision, bars: [bar], opening: false }, [bufferOf(bar)]);
			}
		} catch (error) {
			if (error instanceof DeviceLostError) await this.#recover(writer);
			else send({ type: 'failed', message: sentence(error) });
		}
	}

	async #recover(writer: BarWriter): Promise<void> {
		const { send, gpu } = this.#surroundings;
		const model = this.#model!;
		const now = performance.now();
		this.#lossTimes = [...this.#lossTimes.filter((t) => now - t < DEVICE_LOSS_WINDOW_MS), now];
		const again = this.#lossTimes.length > 1;
		try {
			const engine = again
				? await cpuEngine(model, 'The graphics device was lost twice within a minute.')
				: await chooseEngine(model, 'webgpu', gpu);
			this.#engine = engine;
			await writer.adopt(engine.decoder);
			send({ type: 'notice', message: recoveryMessage(engine), model: this.#describe() });
			setTimeout(() => this.#run());
		} catch (error) {
			if (error instanceof DeviceLostError) await this.#recover(writer);
			else send({ type: 'failed', message: sentence(error) });
		}
	}

	#describe(): ModelDescription {
		const { description, config } = this.#model!;
		const { decoder, reason, tokensPerSecond } = this.#engine!;
		return {
			name: description.name,
			parameters: description.parameters,
			styles: STYLES.flatMap((style, i) => (description.styles.includes(style) ? [i] : [])),
			layers: config.layers,
			heads: config.heads,
			window: config.slidingWindow,
			engine: decoder.capabilities.engine,
			device: decoder.capabilities.device,
			reason,
			tokensPerSecond
		};
	}
}

function recoveryMessage({ decoder }: Engine): string {
	return decoder.capabilities.engine === 'webgpu'
		? 'The graphics device was lost (a driver reset, or the machine slept). A new one has taken over and the music goes on; there is nothing to do.'
		: 'The graphics device was lost, so the model now runs on the CPU and the music goes on. To use the graphics card again, reload the page.';
}

function bufferOf({ frames }: { frames: { buffer: ArrayBuffer } }): ArrayBuffer {
	return frames.buffer;
}

function sentence(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
