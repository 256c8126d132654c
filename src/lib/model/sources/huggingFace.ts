/**
 * What Hugging Face tells of the large files of a repository: their length and SHA-256. The header that carries the digest
 * is lost on the way to its file servers, so it is asked of the API, for all files at once.
 * https://huggingface.co/docs/hub/api, "GET /api/models/{repo}/tree/{revision}"
 */
import { ModelFileError } from '../config';
import type { FileExpectation } from '../files';
import { guarded, request, type Network } from './request';

interface ListedFile {
	readonly path?: unknown;
	readonly lfs?: { readonly oid?: unknown; readonly size?: unknown };
}

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Large files of the folder `base` ("https://huggingface.co/owner/model/resolve/main/") by their names. Empty where the
 * list can't be had: files then go without the check.
 */
export async function listedFiles(
	base: string,
	network: Network
): Promise<ReadonlyMap<string, FileExpectation>> {
	const url = listAddress(base);
	try {
		const response = await request(url, network);
		const list =
			response && (await guarded(url, network, () => response.json() as Promise<unknown>));
		return new Map(Array.isArray(list) ? (list as ListedFile[]).flatMap(expectationOf) : []);
	} catch (error) {
		if (error instanceof ModelFileError) return new Map();
		throw error;
	}
}

function expectationOf({ path, lfs }: ListedFile): [string, FileExpectation][] {
	const { oid, size } = lfs ?? {};
	if (typeof path !== 'string' || typeof oid !== 'string' || !DIGEST.test(oid)) return [];
	const name = path.slice(path.lastIndexOf('/') + 1);
	return [[name, { sha256: oid, bytes: typeof size === 'number' ? size : undefined }]];
}

function listAddress(base: string): string {
	const { origin, pathname } = new URL(base);
	const [owner, model, , revision, ...folder] = pathname.split('/').filter(Boolean);
	return `${origin}/api/models/${owner}/${model}/tree/${[revision, ...folder].join('/')}`;
}
