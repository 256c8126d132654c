/**
 * From what a person types or pastes to the folder of a model: an address of a folder on any server, or the page of a
 * model on Hugging Face, whose files lie under `/resolve/<revision>/`.
 */
import { ModelFileError } from '../config';

const HUGGING_FACE = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

/** Parts of a Hugging Face address that show files, and are followed by a revision. */
const FILE_VIEWS = ['resolve', 'tree', 'blob', 'raw'];

/** Files that a person may have pasted the address of, in place of their folder. */
const MODEL_FILE = /\.(json|safetensors)$/;

/**
 * The address of the folder, with a slash at its end and neither query nor fragment. `base` is what relative addresses
 * count from. Throws a ModelFileError for what is no address, or not one of http or https.
 */
export function modelAddress(text: string, base?: string): string {
	const typed = text.trim();
	const url = parsedUrl(withProtocol(typed), base);
	if (!url || typed === '') {
		throw new ModelFileError(
			`"${typed}" is no address. Give the address of a folder with config.json and model.safetensors in it, such as https://huggingface.co/openai-community/gpt2.`
		);
	}
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw new ModelFileError(
			`Models can't be loaded from a ${url.protocol} address. Give one that begins with https://, or choose the folder itself.`
		);
	}
	const path = HUGGING_FACE.includes(url.hostname)
		? huggingFacePath(url.pathname)
		: folderPath(url.pathname);
	return `${url.origin}${path}`;
}

/** Whether the files of a folder come from Hugging Face, whose headers tell the SHA-256 of large files. */
export function isHuggingFace(url: string): boolean {
	return HUGGING_FACE.includes(new URL(url).hostname);
}

/** "huggingface.co/owner/model", as people copy it, lacks the protocol. */
function withProtocol(typed: string): string {
	return HUGGING_FACE.some((host) => typed.startsWith(`${host}/`)) ? `https://${typed}` : typed;
}

function parsedUrl(typed: string, base: string | undefined): URL | null {
	try {
		return new URL(typed, base);
	} catch (error) {
		if (error instanceof TypeError) return null;
		throw error;
	}
}

function folderPath(path: string): string {
	const parts = path.split('/').filter(Boolean);
	if (MODEL_FILE.test(parts.at(-1) ?? '')) parts.pop();
	return parts.length ? `/${parts.join('/')}/` : '/';
}

function huggingFacePath(path: string): string {
	const [owner, model, view, revision = 'main', ...rest] = path.split('/').filter(Boolean);
	if (!owner || !model || (view !== undefined && !FILE_VIEWS.includes(view))) {
		throw new ModelFileError(
			'This address is not that of a model on Hugging Face. It should look like https://huggingface.co/owner/model.'
		);
	}
	return folderPath(`/${[owner, model, 'resolve', revision, ...rest].join('/')}`);
}
