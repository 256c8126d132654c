/**
 * Fetches a model folder: `config.json` (the architecture), `instrument.json` (what this instrument needs to know of
 * it) and `model.safetensors` (the weights), and checks all three before anything is computed with them.
 */
import { ModelFileError, parseModelConfig, type ModelConfig } from './config';
import { parseModelDescription, type ModelDescription } from './modelDescription';
import { readSafetensors } from './safetensors';
import { readWeights, type ModelWeights } from './weights';

export interface LoadedModel {
	readonly config: ModelConfig;
	readonly description: ModelDescription;
	readonly weights: ModelWeights;
}

export interface LoadProgress {
	receivedBytes: number;
	/** of the weights; 0 when nobody says */
	totalBytes: number;
}

export interface LoadOptions {
	/** the browser's fetch, or a test's */
	fetch: typeof globalThis.fetch;
	/** called for every piece of the weights */
	onProgress?: (progress: LoadProgress) => void;
	signal?: AbortSignal;
}

/**
 * Loads the model in the folder `baseUrl`. Throws a ModelFileError that names the file and says what is wrong with it,
 * or the signal's reason when it was aborted.
 */
export async function loadModel(baseUrl: string, options: LoadOptions): Promise<LoadedModel> {
	const folder = baseUrl.replace(/\/+$/, '');
	const [config, description] = await Promise.all([
		fetchJson(`${folder}/config.json`, options).then((json) => parseModelConfig(json)),
		fetchJson(`${folder}/instrument.json`, options).then((json) => parseModelDescription(json))
	]);
	requireAgreement(config, description);
	const buffer = await fetchWeights(`${folder}/model.safetensors`, description, options);
	const weights = readWeights(readSafetensors(buffer, 'model.safetensors'), config);
	return { config, description, weights };
}

function requireAgreement(config: ModelConfig, { window, selfTest }: ModelDescription): void {
	if (window !== config.slidingWindow) {
		throw new ModelFileError(
			`The model can't be used: instrument.json gives a window of ${window} tokens and config.json one of ${config.slidingWindow}. The two files belong to different models; copy the whole folder again.`
		);
	}
	if ([...selfTest.tokens, ...selfTest.top5].some((token) => token >= config.vocabularySize)) {
		throw new ModelFileError(
			`The model can't be used: the self-test in instrument.json names tokens that a vocabulary of ${config.vocabularySize} does not have. The files belong to different models; copy the whole folder again.`
		);
	}
}

async function fetchJson(url: string, options: LoadOptions): Promise<unknown> {
	const response = await request(url, options);
	const text = await guarded(url, options, () => response.text());
	try {
		return JSON.parse(text) as unknown;
	} catch (error) {
		throw new ModelFileError(
			`The model can't be used: ${url} is no JSON. Copy the model folder again.`,
			{ cause: error }
		);
	}
}

async function fetchWeights(
	url: string,
	{ bytes, sha256 }: ModelDescription,
	options: LoadOptions
): Promise<ArrayBuffer> {
	const response = await request(url, options);
	const buffer = await guarded(url, options, () => readBody(response, bytes, options));
	if (bytes !== undefined && buffer.byteLength !== bytes) {
		throw new ModelFileError(
			`The model can't be used: ${url} is ${buffer.byteLength} bytes long and should be ${bytes}. The download was cut off, or the file is another version; load the page again.`
		);
	}
	if (sha256 !== undefined && canDigest() && (await hexDigest(buffer)) !== sha256) {
		throw new ModelFileError(
			`The model can't be used: ${url} is not the file that instrument.json describes (its SHA-256 differs). Load the page again, or copy the whole folder again.`
		);
	}
	return buffer;
}

async function request(url: string, options: LoadOptions): Promise<Response> {
	const response = await guarded(url, options, () =>
		options.fetch(url, options.signal ? { signal: options.signal } : {})
	);
	if (!response.ok) {
		const meaning = response.status === 404 ? 'there is no such file' : 'the server refused';
		throw new ModelFileError(
			`The model could not be loaded: ${meaning} at ${url} (status ${response.status}). Check the address of the model folder.`
		);
	}
	if (response.headers.get('content-type')?.startsWith('text/html')) {
		throw new ModelFileError(
			`The model could not be loaded: at ${url} the server answers with a web page instead of the file. Check the address of the model folder.`
		);
	}
	return response;
}

/** Runs a network operation; an abort passes through, any other failure becomes a sentence. */
async function guarded<T>(url: string, { signal }: LoadOptions, run: () => Promise<T>): Promise<T> {
	try {
		signal?.throwIfAborted();
		return await run();
	} catch (error) {
		if (signal?.aborted) throw signal.reason;
		throw new ModelFileError(
			`The model could not be loaded: the connection failed at ${url}. Check the network and load the page again.`,
			{ cause: error }
		);
	}
}

/** Reads a body piece by piece. `expected` is its length where instrument.json tells it. */
async function readBody(
	response: Response,
	expected: number | undefined,
	{ onProgress, signal }: LoadOptions
): Promise<ArrayBuffer> {
	/** of a compressed body, this counts other bytes than we will receive */
	const announced = response.headers.has('content-encoding')
		? 0
		: Number(response.headers.get('content-length') ?? 0);
	const totalBytes = expected ?? announced;
	const pieces: Uint8Array[] = [];
	let receivedBytes = 0;
	const reader = response.body?.getReader();
	while (reader) {
		const { done, value } = await reader.read();
		if (done) break;
		pieces.push(value);
		receivedBytes += value.byteLength;
		onProgress?.({ receivedBytes, totalBytes });
		signal?.throwIfAborted();
	}
	const whole = new Uint8Array(receivedBytes);
	let offset = 0;
	for (const piece of pieces) {
		whole.set(piece, offset);
		offset += piece.byteLength;
	}
	return whole.buffer;
}

/** Browsers withhold digests from pages that came over plain http; those go without the check. */
function canDigest(): boolean {
	return (globalThis.crypto as Partial<Crypto> | undefined)?.subtle !== undefined;
}

async function hexDigest(buffer: ArrayBuffer): Promise<string> {
	const digest = await crypto.subtle.digest('SHA-256', buffer);
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
