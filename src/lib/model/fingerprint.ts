/**
 * By what models are told apart that were measured before: SHA-256 of the names, sizes and contents of their files. A file of
 * up to 64 MB counts whole; of a larger one its first megabyte, where the header of safetensors lies, and 256 pieces of
 * 64 KB evenly spread, so that gigabytes need not be read twice. Files in which none of these differs but another byte does
 * count as the same.
 */
import type { ModelFile } from './files';
import { createDigest } from './sources/digest';

const LARGEST_WHOLE = 64 << 20;
const HEAD = 1 << 20;
const PIECES = 256;
const PIECE = 64 << 10;

/** In hexadecimal. Throws what reading throws, and the signal's reason when it was aborted. */
export async function fingerprintOf(
	files: readonly ModelFile[],
	signal?: AbortSignal
): Promise<string> {
	const digest = createDigest();
	const inOrder = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
	for (const file of inOrder) {
		digest.update(new TextEncoder().encode(`${file.name}\n${file.size}\n`));
		for (const [begin, end] of rangesOf(file.size)) {
			signal?.throwIfAborted();
			digest.update(await file.read(begin, end));
		}
	}
	return digest.finish();
}

/** The stretches of a file of `size` bytes that count. */
function rangesOf(size: number): [begin: number, end: number][] {
	if (size <= LARGEST_WHOLE) {
		const count = Math.ceil(size / HEAD);
		return Array.from({ length: count }, (_, i) => [i * HEAD, Math.min(size, (i + 1) * HEAD)]);
	}
	const step = (size - HEAD - PIECE) / (PIECES - 1);
	const pieces = Array.from({ length: PIECES }, (_, i): [number, number] => {
		const begin = HEAD + Math.floor(i * step);
		return [begin, begin + PIECE];
	});
	return [[0, HEAD], ...pieces];
}
