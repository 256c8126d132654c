/**
 * A recording on its way into two files: sound and notes. What came in is written at once, and header and files are flushed
 * twice a second: when the page dies, half a second is lost at most, and what is left is a whole WAV file.
 */
import { BYTES_PER_FRAME, encodeFrames, MOST_FRAMES, WAV_HEADER_BYTES, wavHeader } from './wavFile';

/** The part of a FileSystemSyncAccessHandle that is needed; TypeScript's DOM library has it for workers alone. */
export interface SyncFile {
	write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
	truncate(bytes: number): void;
	flush(): void;
	close(): void;
}

const FLUSHES_A_SECOND = 2;

/** The file system took less than it was given. */
export class DiskFullError extends Error {
	constructor() {
		super(
			'The browser has no more room for the recording. What was recorded until now is kept; download it, delete old recordings, and start a new one.'
		);
		this.name = 'DiskFullError';
	}
}

export class RecordingFile {
	#frames = 0;
	#flushedFrames = 0;
	#noteBytes = 0;
	readonly #sound: SyncFile;
	readonly #notes: SyncFile;
	readonly #sampleRate: number;

	constructor(sound: SyncFile, notes: SyncFile, sampleRate: number) {
		this.#sound = sound;
		this.#notes = notes;
		this.#sampleRate = sampleRate;
		sound.truncate(0);
		notes.truncate(0);
		this.#flush();
	}

	/** Frames that lie in the file. */
	get frames(): number {
		return this.#frames;
	}

	/** Whether the file can take no more: its sizes have 32 bits. */
	get full(): boolean {
		return this.#frames >= MOST_FRAMES;
	}

	/** Adds a block of both sides; true when it was flushed. Throws a DiskFullError. */
	addSound(left: Float32Array, right: Float32Array): boolean {
		const room = Math.min(left.length, MOST_FRAMES - this.#frames);
		const bytes = encodeFrames(left.subarray(0, room), right.subarray(0, room));
		put(this.#sound, bytes, WAV_HEADER_BYTES + this.#frames * BYTES_PER_FRAME);
		this.#frames += room;
		if (this.#frames - this.#flushedFrames < this.#sampleRate / FLUSHES_A_SECOND) return false;
		this.#flush();
		return true;
	}

	/** Adds lines of notes. Throws a DiskFullError. */
	addNotes(text: string): void {
		const bytes = new TextEncoder().encode(text);
		put(this.#notes, bytes, this.#noteBytes);
		this.#noteBytes += bytes.length;
	}

	close(): void {
		this.#flush();
		this.#sound.close();
		this.#notes.close();
	}

	#flush(): void {
		put(this.#sound, wavHeader(this.#frames, this.#sampleRate), 0);
		this.#sound.flush();
		this.#notes.flush();
		this.#flushedFrames = this.#frames;
	}
}

function put(file: SyncFile, bytes: Uint8Array<ArrayBuffer>, at: number): void {
	let written: number;
	try {
		written = file.write(bytes, { at });
	} catch (error) {
		if (error instanceof DOMException && error.name === 'QuotaExceededError')
			throw new DiskFullError();
		throw error;
	}
	if (written < bytes.length) throw new DiskFullError();
}
