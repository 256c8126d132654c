/**
 * The record that stands beside every cached file: where its bytes came from and the digest of every block, by which a
 * part can be continued and damage is found. It is written after the blocks that it tells of; others are not there.
 */
import { createDigest } from './digest';
import { existingFile, openWriter } from './privateFiles';

/** Bytes under one digest, and what a cancelled download loses at most. */
export const BLOCK = 1 << 20;

/** Raise it when records change their meaning: those of other versions count as none. */
const VERSION = 1;

const WEIGHTS = '.weights';

/** Where a file came from, as its server told it. */
export interface Origin {
	readonly url: string;
	/** bytes; null where the server did not say */
	readonly size: number | null;
	readonly etag: string | null;
	readonly lastModified: string | null;
}

export interface CacheRecord extends Origin {
	/** SHA-256 of each block that is there, in order */
	readonly blocks: readonly string[];
	/** bytes and SHA-256 of the whole file, once it is complete */
	readonly complete: { readonly bytes: number; readonly sha256: string } | null;
	/** when it was last written to, ms since 1970 */
	readonly time: number;
}

/** Entries are named by the digest of their address: addresses have characters that file names must not have. */
export function entryName(url: string): string {
	const digest = createDigest();
	digest.update(new TextEncoder().encode(url));
	return digest.finish().slice(0, 32);
}

/** The file with an entry's bytes. */
export function weightsFile(entry: string): string {
	return entry + WEIGHTS;
}

export function recordFile(entry: string): string {
	return `${entry}.json`;
}

/** All entries of a folder with their records; null for one that can't be read. */
export async function readRecords(
	folder: FileSystemDirectoryHandle
): Promise<{ entry: string; record: CacheRecord | null }[]> {
	const found = [];
	for await (const file of folder.keys()) {
		if (!file.endsWith(WEIGHTS)) continue;
		const entry = file.slice(0, -WEIGHTS.length);
		found.push({ entry, record: await readRecord(folder, entry) });
	}
	return found;
}

/** The record of an entry, or null when there is none or a crash has cut it off. */
export async function readRecord(
	folder: FileSystemDirectoryHandle,
	entry: string
): Promise<CacheRecord | null> {
	const file = await existingFile(folder, recordFile(entry));
	if (!file) return null;
	const text = await file.text();
	try {
		const { version, ...record } = JSON.parse(text) as CacheRecord & { version: number };
		return version === VERSION ? record : null;
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}

export async function writeRecord(
	folder: FileSystemDirectoryHandle,
	entry: string,
	record: CacheRecord
): Promise<void> {
	const writer = await openWriter(folder, recordFile(entry), 0);
	try {
		const text = JSON.stringify({ version: VERSION, ...record });
		await writer.write(new TextEncoder().encode(text), 0);
	} catch (error) {
		await writer.abandon();
		throw error;
	}
	await writer.close();
}
