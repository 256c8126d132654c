/** HTTP requests for files of a model, and a sentence for every way in which they fail. */
import { ModelFileError } from '../config';
import { isHuggingFace } from './modelAddress';

/** How files are asked for. */
export interface Network {
	/** the browser's fetch, or a test's */
	readonly fetch: typeof globalThis.fetch;
	readonly signal?: AbortSignal | undefined;
}

/**
 * The answer to a request, or null when the server has no such file. Throws a ModelFileError when it answers with
 * anything but the file, the signal's reason when loading was cancelled.
 */
export async function request(
	url: string,
	network: Network,
	init: RequestInit = {}
): Promise<Response | null> {
	const { fetch, signal } = network;
	const response = await guarded(url, network, () =>
		fetch(url, { ...init, ...(signal && { signal }) })
	);
	if (response.status === 404 || response.status === 410) return null;
	if (response.status === 416) return response;
	if (!response.ok) throw new ModelFileError(refusal(url, response.status));
	if (response.headers.get('content-type')?.startsWith('text/html')) {
		throw new ModelFileError(
			`The model could not be loaded: at ${url} the server answers with a web page instead of the file. Check the address of the model folder.`
		);
	}
	return response;
}

/** Runs a network operation; cancelling passes through, any other failure becomes a sentence. */
export async function guarded<T>(
	url: string,
	{ signal }: Network,
	run: () => Promise<T>
): Promise<T> {
	try {
		signal?.throwIfAborted();
		return await run();
	} catch (error) {
		signal?.throwIfAborted();
		throw new ModelFileError(
			`The model could not be loaded: the connection failed at ${url}. Check the network and the address; the server may also forbid pages of other sites to read its files (CORS).`,
			{ cause: error }
		);
	}
}

function refusal(url: string, status: number): string {
	if (status === 401 || status === 403) {
		return isHuggingFace(url)
			? `The model could not be loaded: Hugging Face refuses ${url} (status ${status}). The model is gated or private, or there is none of that name. If it is gated, accept its terms there, download its files and drop their folder on the page.`
			: `The model could not be loaded: the server wants a permission for ${url} (status ${status}). Download the files with your account and drop their folder on the page.`;
	}
	if (status === 429) {
		return `The model could not be loaded: the server has had too many requests and refuses ${url} (status 429). Wait a few minutes and load it again.`;
	}
	return `The model could not be loaded: the server refused ${url} (status ${status}). Try again later, or check the address of the model folder.`;
}
