/** The recordings that lie in the origin's private file system: those that were finished and those that a crash cut off. */
import { readLog, readPerformance, type Performance } from './noteLog';
import { RECORDINGS_FOLDER } from './recordingProtocol';
import { BYTES_PER_FRAME, framesIn, WAV_HEADER_BYTES, wavHeader } from './wavFile';
import type { Recording } from '../instrumentHandle';

const SOUND = '.wav';
const NOTES = '.jsonl';

export class RecordingStore {
	readonly #root: () => Promise<FileSystemDirectoryHandle>;

	/** @param root the origin's private file system */
	constructor(
		root: () => Promise<FileSystemDirectoryHandle> = () => navigator.storage.getDirectory()
	) {
		this.#root = root;
	}

	/** All recordings, the latest first; none where the browser keeps no files for this page. */
	async list(): Promise<Recording[]> {
		let folder: FileSystemDirectoryHandle;
		try {
			folder = await this.#folder();
		} catch {
			return []; // a private window, or a browser without OPFS: nothing can have been kept
		}
		const found: Recording[] = [];
		for await (const name of namesIn(folder)) {
			if (!name.endsWith(SOUND)) continue;
			const file = await (await folder.getFileHandle(name)).getFile();
			const rate = await sampleRateOf(file);
			if (rate === null) continue;
			found.push({
				name: name.slice(0, -SOUND.length),
				seconds: framesIn(file.size) / rate,
				bytes: file.size,
				modified: file.lastModified
			});
		}
		return found.sort((a, b) => b.modified - a.modified);
	}

	/** The sound as a WAV file whose header fits, even where the recording was cut off. */
	async wav(name: string): Promise<File> {
		const file = await this.#file(name + SOUND);
		const rate = await sampleRateOf(file);
		if (rate === null)
			throw new Error(`The recording "${name}" broke off before any sound was written; delete it.`);
		const frames = framesIn(file.size);
		const end = WAV_HEADER_BYTES + frames * BYTES_PER_FRAME;
		const parts = [wavHeader(frames, rate), file.slice(WAV_HEADER_BYTES, end)];
		return new File(parts, name + SOUND, { type: 'audio/wav' });
	}

	/** The notes as a MIDI file. */
	async midi(name: string): Promise<File> {
		const text = await (await this.#file(name + NOTES)).text();
		const { encodeMidi } = await import('./midiFile');
		const bytes = encodeMidi(readLog(name, text).song);
		return new File([bytes], `${name}.mid`, { type: 'audio/midi' });
	}

	/** What is needed to play it again. Throws an Error in words where the notes are missing. */
	async performance(name: string): Promise<Performance> {
		const read = readPerformance(await (await this.#file(name + NOTES)).text());
		if (!read)
			throw new Error(
				`The notes of "${name}" broke off before the first one, or are of an older version, so it can't be played again.`
			);
		return read;
	}

	/** Deletes sound and notes. */
	async remove(name: string): Promise<void> {
		const folder = await this.#folder();
		for (const ending of [SOUND, NOTES])
			await folder.removeEntry(name + ending).catch((error: unknown) => {
				if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
			});
	}

	async #folder(): Promise<FileSystemDirectoryHandle> {
		return (await this.#root()).getDirectoryHandle(RECORDINGS_FOLDER, { create: true });
	}

	async #file(name: string): Promise<File> {
		return (await (await this.#folder()).getFileHandle(name)).getFile();
	}
}

/** TypeScript's DOM library has no iteration of folders yet. */
function namesIn(folder: FileSystemDirectoryHandle): AsyncIterable<string> {
	return (folder as FileSystemDirectoryHandle & { keys(): AsyncIterable<string> }).keys();
}

/** What the header says; null where there is not even a header. */
async function sampleRateOf(file: File): Promise<number | null> {
	if (file.size < WAV_HEADER_BYTES) return null;
	const header = new DataView(await file.slice(0, WAV_HEADER_BYTES).arrayBuffer());
	const rate = header.getUint32(24, true);
	return rate > 0 ? rate : null;
}
