/**
 * Opens a model of any family and measures its weights, one tensor at a time; what was measured once is taken from the
 * browser's own storage. It runs in a worker, but knows no worker: messages come in through `receive` and go out through
 * `send`.
 */
import { folderOf } from '../generate/fetchModel';
import type { ModelSource } from '../generate/protocol';
import type { ModelFile, ModelFolder } from '../model/files';
import { fingerprintOf } from '../model/fingerprint';
import type { KeptResults } from '../model/keptResults';
import { nameOf, parameterCount } from '../model/loadModel';
import { readTensors } from '../model/shards';
import { droppedWeights } from '../model/sources/droppedWeights';
import type { ModelCache } from '../model/sources/modelCache';
import type { LoadProgress } from '../model/sources/urlFolder';
import { weightLayout } from '../model/weightNames';
import { readWeights } from '../model/weights';
import { measureModel } from '../sonify/measure';
import type { ModelStatistics } from '../sonify/statistics';
import type { MeasureProgress } from '../sonify/workload';
import type { ValuesEngine } from './browserSvd';
import type { FromWeights, MeasuredModel, ToWeights } from './protocol';

/** Raise it when statistics change their meaning: those of other versions are measured again. */
const VERSION = 1;

/** Time between two reports of progress within a tensor, ms. */
const REPORT_INTERVAL = 200;

interface Surroundings {
	fetch: typeof fetch;
	/** Where weights are kept; null where the browser keeps nothing for this page. */
	cache(): Promise<ModelCache | null>;
	results: KeptResults;
	svd(onNotice: (message: string) => void): Promise<ValuesEngine>;
	send(message: FromWeights): void;
}

/** What is kept of a model that was measured. */
interface Kept {
	readonly statistics: ModelStatistics;
	readonly engine: string;
}

export class WeightsSession {
	readonly #surroundings: Surroundings;
	#measuring: AbortController | null = null;

	constructor(surroundings: Surroundings) {
		this.#surroundings = surroundings;
	}

	/** Handles a message from the page. Returns at once; work goes on by itself. */
	receive(message: ToWeights): void {
		switch (message.type) {
			case 'measure':
				void this.#begin(message.source);
				break;
			case 'cancel':
				this.#measuring?.abort(new Error('Measuring was cancelled.'));
				break;
		}
	}

	async #begin(source: ModelSource): Promise<void> {
		this.#measuring?.abort(new Error('Another model is being opened.'));
		const measuring = new AbortController();
		this.#measuring = measuring;
		const { signal } = measuring;
		const { send } = this.#surroundings;
		try {
			const model = await this.#open(source, signal);
			if (!signal.aborted) send({ type: 'measured', model });
		} catch (error) {
			if (signal.aborted) return;
			send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
		}
	}

	async #open(source: ModelSource, signal: AbortSignal): Promise<MeasuredModel> {
		const { send, fetch, cache, results } = this.#surroundings;
		/** one that was given up has nothing more to say */
		const tell = (message: FromWeights): void => {
			if (!signal.aborted) send(message);
		};
		const opened: ModelFile[] = [];
		const files = {
			fetch,
			cache: await cache(),
			signal,
			onProgress: (progress: LoadProgress) => tell({ type: 'progress', ...progress }),
			onNotice: (message: string) => tell({ type: 'notice', message })
		};
		const folder = remembering(
			source.from === 'files' ? droppedWeights(source.files, signal) : folderOf(source, files),
			opened
		);
		const tensors = await readTensors(folder);
		const layout = weightLayout(tensors, folder.name);
		const weights = readWeights(tensors, layout);
		const key = `weights ${VERSION} ${await fingerprintOf(opened, signal)}`;
		const facts = {
			family: layout.family,
			parameters: parameterCount({ description: null, weights }),
			bytes: bytesOf(opened)
		};
		const known = (await results.get(key)) as Kept | null;
		if (known) return { ...known, ...facts, seconds: 0, kept: true };

		const began = performance.now();
		const svd = await this.#surroundings.svd((message) => tell({ type: 'notice', message }));
		try {
			const statistics = await measureModel(nameOf(folder), weights, {
				singularValues: svd.singularValues,
				signal,
				onProgress: seldom((progress) => tell({ type: 'measuring', ...progress }))
			});
			const { engine } = svd;
			await results.keep(key, { statistics, engine } satisfies Kept);
			const seconds = (performance.now() - began) / 1000;
			return { statistics, engine, ...facts, seconds, kept: false };
		} finally {
			svd.dispose();
		}
	}
}

function bytesOf(files: readonly ModelFile[]): number {
	const weights = files.filter(({ name }) => name.endsWith('.safetensors'));
	return weights.reduce((sum, { size }) => sum + size, 0);
}

/** Reports of progress: of every tensor that is done, and within one now and then. */
function seldom(report: (progress: MeasureProgress) => void): (progress: MeasureProgress) => void {
	let done = 0;
	let told = performance.now();
	return (progress) => {
		const now = performance.now();
		if (progress.done === done && now - told < REPORT_INTERVAL) return;
		done = progress.done;
		told = now;
		report(progress);
	};
}

/** A folder that puts down what was opened of it. */
function remembering(folder: ModelFolder, opened: ModelFile[]): ModelFolder {
	return {
		name: folder.name,
		async open(name, expected) {
			const file = await folder.open(name, expected);
			if (file) opened.push(file);
			return file;
		}
	};
}
