/** SHA-256 of files that are never in memory as a whole, and the check of a file against what is known of it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { ModelFileError } from '../config';
import type { FileExpectation, ModelFile } from '../files';

/** Bytes read at a time where a whole file is read. */
const PIECE = 4 << 20;

/** A digest that takes a file piece by piece; browsers have none of their own. About 145 MB/s. */
export interface RunningDigest {
	update(bytes: Uint8Array): void;
	/** in hexadecimal; nothing may be added afterwards */
	finish(): string;
}

export function createDigest(): RunningDigest {
	const hash = sha256.create();
	return {
		update: (bytes) => void hash.update(bytes),
		finish: () => hexadecimal(hash.digest())
	};
}

/** The digest of bytes in memory, by the browser itself: ten times as fast, and only on secure pages. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
	return hexadecimal(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Reads `file` and throws a ModelFileError when it is not the one that was expected. */
export async function requireExpected(
	file: ModelFile,
	{ bytes, sha256: digest }: FileExpectation,
	signal?: AbortSignal
): Promise<void> {
	requireLength(file.name, file.size, bytes);
	if (digest === undefined) return;
	const running = createDigest();
	for (let at = 0; at < file.size; at += PIECE) {
		signal?.throwIfAborted();
		running.update(await file.read(at, Math.min(file.size, at + PIECE)));
	}
	requireDigest(file.name, running.finish(), digest);
}

/** Throws a ModelFileError unless a file has the length that is expected, where one is. */
export function requireLength(file: string, bytes: number, expected: number | undefined): void {
	if (expected === undefined || bytes === expected) return;
	throw new ModelFileError(
		`The model can't be used: ${file} is ${bytes} bytes long and should be ${expected}. The download was cut off, or the file is another version; load the model again.`
	);
}

/** Throws a ModelFileError unless a file has the SHA-256 that is expected, where one is. */
export function requireDigest(file: string, digest: string, expected: string | undefined): void {
	if (expected === undefined || digest === expected) return;
	throw new ModelFileError(
		`The model can't be used: ${file} is not the file that was published (its SHA-256 differs). Load the model again, or copy the whole folder again.`
	);
}

function hexadecimal(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
