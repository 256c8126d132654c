/** One file of the model cache, while its lock is held: to look at, to read, to continue, to throw away. */
import { ModelFileError } from '../config';
import type { ModelFile } from '../files';
import {
	BLOCK,
	readRecord,
	recordFile,
	weightsFile,
	writeRecord,
	type CacheRecord,
	type Origin
} from './cacheRecord';
import { digestOf, type RunningDigest } from './digest';
import { existingFile, openWriter, removeFile, type FileWriter } from './privateFiles';

/** Blocks between two writings of the record. */
const BLOCKS_A_RECORD = 16;

/** Blocks that are read and hashed together: reading one at a time waits more than it reads. */
const BLOCKS_A_READ = 8;

export class CacheEntry {
	readonly #folder: FileSystemDirectoryHandle;
	readonly #name: string;

	constructor(folder: FileSystemDirectoryHandle, name: string) {
		this.#folder = folder;
		this.#name = name;
	}

	/** What is known of the file, or null when it is not there. */
	record(): Promise<CacheRecord | null> {
		return readRecord(this.#folder, this.#name);
	}

	/**
	 * Reads the blocks of a record up to the first that is damaged, gives the sound ones to `digest` and returns how many
	 * they are. Throws the signal's reason when it is aborted.
	 */
	async soundBlocks(
		{ blocks, complete }: CacheRecord,
		signal?: AbortSignal,
		digest?: RunningDigest
	): Promise<number> {
		const file = await existingFile(this.#folder, weightsFile(this.#name));
		if (!file || (complete && file.size !== complete.bytes)) return 0;
		for (let first = 0; first < blocks.length; first += BLOCKS_A_READ) {
			signal?.throwIfAborted();
			const expected = blocks.slice(first, first + BLOCKS_A_READ);
			const bytes = await bytesOf(file.slice(first * BLOCK, (first + expected.length) * BLOCK));
			const parts = expected.map((_, i) => bytes.subarray(i * BLOCK, (i + 1) * BLOCK));
			const found = await Promise.all(parts.map(digestOf));
			const sound = found.findIndex((each, i) => each !== expected[i]);
			for (const part of sound < 0 ? parts : parts.slice(0, sound)) digest?.update(part);
			if (sound >= 0) return first + sound;
		}
		return blocks.length;
	}

	/** The file, for reading under the name `name`. */
	async open(name: string): Promise<ModelFile> {
		const file = await existingFile(this.#folder, weightsFile(this.#name));
		if (!file) throw lost(name);
		return {
			name,
			size: file.size,
			async read(begin, end) {
				try {
					return await bytesOf(file.slice(begin, end));
				} catch (error) {
					throw lost(name, error);
				}
			}
		};
	}

	/** Begins to write behind the blocks `kept`. */
	async write(origin: Origin, kept: readonly string[]): Promise<EntryWriter> {
		const writer = await openWriter(this.#folder, weightsFile(this.#name), kept.length * BLOCK);
		return new EntryWriter(writer, origin, kept, (record) =>
			writeRecord(this.#folder, this.#name, record)
		);
	}

	async remove(): Promise<void> {
		await removeFile(this.#folder, recordFile(this.#name));
		await removeFile(this.#folder, weightsFile(this.#name));
	}
}

/** Writes a file block by block, in order. All methods but `abandon` throw a QuotaExceededError when there is no room. */
export class EntryWriter {
	readonly #writer: FileWriter;
	readonly #origin: Origin;
	readonly #blocks: string[];
	readonly #save: (record: CacheRecord) => Promise<void>;
	readonly #block = new Uint8Array(BLOCK);
	#filled = 0;

	constructor(
		writer: FileWriter,
		origin: Origin,
		kept: readonly string[],
		save: (record: CacheRecord) => Promise<void>
	) {
		this.#writer = writer;
		this.#origin = origin;
		this.#blocks = [...kept];
		this.#save = save;
	}

	async add(piece: Uint8Array): Promise<void> {
		for (let at = 0; at < piece.byteLength;) {
			const part = piece.subarray(at, at + BLOCK - this.#filled);
			this.#block.set(part, this.#filled);
			this.#filled += part.byteLength;
			at += part.byteLength;
			if (this.#filled === BLOCK) await this.#flush();
		}
	}

	/** Ends with the file complete. */
	async finish(sha256: string): Promise<void> {
		const bytes = this.#blocks.length * BLOCK + this.#filled;
		if (this.#filled > 0) await this.#flush();
		await this.#writer.close();
		await this.#record({ bytes, sha256 });
	}

	/** Ends before the file is complete; its whole blocks stay, to be continued. */
	async pause(): Promise<void> {
		await this.#writer.close();
		await this.#record(null);
	}

	/** Ends for an entry that is going to be removed. */
	abandon(): Promise<void> {
		return this.#writer.abandon();
	}

	async #flush(): Promise<void> {
		const block = this.#block.subarray(0, this.#filled);
		const digest = await digestOf(block);
		await this.#writer.write(block, this.#blocks.length * BLOCK);
		this.#blocks.push(digest);
		this.#filled = 0;
		if (this.#blocks.length % BLOCKS_A_RECORD === 0) await this.#record(null);
	}

	#record(complete: CacheRecord['complete']): Promise<void> {
		return this.#save({ ...this.#origin, blocks: this.#blocks, complete, time: Date.now() });
	}
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await blob.arrayBuffer());
}

function lost(file: string, cause?: unknown): ModelFileError {
	return new ModelFileError(
		`The model can't be read any more: the browser has lost its copy of ${file}, perhaps because site data were cleared or another tab replaced it. Load the model again.`,
		{ cause }
	);
}
