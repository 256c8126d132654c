/**
 * Where the files of a model lie: on a server, in the browser's own storage, in a folder that was dropped on the page, in
 * memory. Readers ask for byte ranges, so that no file need ever be in memory as a whole.
 */

/** One file of known length. */
export interface ModelFile {
	/** as in the folder, for messages */
	readonly name: string;
	/** bytes */
	readonly size: number;
	/** The bytes begin .. end (exclusive), a view or a copy: not to be written. Throws a ModelFileError when they can't be had. */
	read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** What is known of a file before it is opened; a file that differs is refused. */
export interface FileExpectation {
	readonly bytes?: number | undefined;
	/** of its contents, in hexadecimal */
	readonly sha256?: string | undefined;
}

/** The files of one model. */
export interface ModelFolder {
	/** in words, for messages: an address or a folder's name */
	readonly name: string;
	/**
	 * The file, ready to be read, or null when the folder has none of that name. Throws a ModelFileError when it can't
	 * be had for another reason or is not what was expected, the signal's reason when loading was cancelled.
	 */
	open(name: string, expected?: FileExpectation): Promise<ModelFile | null>;
}

/** A file whose bytes are in memory. */
export function memoryFile(name: string, bytes: Uint8Array<ArrayBuffer>): ModelFile {
	return {
		name,
		size: bytes.byteLength,
		async read(begin, end) {
			return bytes.subarray(begin, end);
		}
	};
}

/** A folder whose files are in memory. */
export function memoryFolder(name: string, files: readonly ModelFile[]): ModelFolder {
	return {
		name,
		async open(wanted) {
			return files.find((file) => file.name === wanted) ?? null;
		}
	};
}
