/**
 * Files in the Origin Private File System, the browser's own storage for a page: written in place through sync access
 * handles (in workers of every current browser), through writable streams where those are missing. A stream keeps nothing
 * until it is closed, so there a part survives cancelling, but not a closed tab.
 * https://fs.spec.whatwg.org
 */

export interface FileWriter {
	/** Throws a QuotaExceededError when the disk, or the share of this page, is full. */
	write(bytes: Uint8Array<ArrayBuffer>, at: number): Promise<void>;
	close(): Promise<void>;
	/** Ends after a failure; what was written since opening may be lost. */
	abandon(): Promise<void>;
}

/** What TypeScript tells of files in workers only. */
interface WorkerFileHandle extends FileSystemFileHandle {
	createSyncAccessHandle?(): Promise<SyncAccessHandle>;
}

interface SyncAccessHandle {
	write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
	truncate(size: number): void;
	flush(): void;
	close(): void;
}

/** A file to read, or null when there is none. */
export async function existingFile(
	folder: FileSystemDirectoryHandle,
	name: string
): Promise<File | null> {
	try {
		const handle = await folder.getFileHandle(name);
		return await handle.getFile();
	} catch (error) {
		if (isNamed(error, 'NotFoundError')) return null;
		throw error;
	}
}

/** Opens a file for writing behind its first `kept` bytes; what lies there is taken away. */
export async function openWriter(
	folder: FileSystemDirectoryHandle,
	name: string,
	kept: number
): Promise<FileWriter> {
	const handle: WorkerFileHandle = await folder.getFileHandle(name, { create: true });
	if (handle.createSyncAccessHandle) {
		const access = await handle.createSyncAccessHandle();
		access.truncate(kept);
		return {
			async write(bytes, at) {
				const written = access.write(bytes, { at });
				if (written < bytes.byteLength) throw full();
			},
			async close() {
				access.flush();
				access.close();
			},
			async abandon() {
				access.close();
			}
		};
	}
	const stream = await handle.createWritable({ keepExistingData: kept > 0 });
	await stream.truncate(kept);
	return {
		write: (data, position) => stream.write({ type: 'write', position, data }),
		close: () => stream.close(),
		abandon: () => stream.abort()
	};
}

/** Deletes a file, if there is one. */
export async function removeFile(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
	try {
		await folder.removeEntry(name);
	} catch (error) {
		if (!isNamed(error, 'NotFoundError')) throw error;
	}
}

/** Whether a write failed because there is no room. */
export function isFull(error: unknown): boolean {
	return isNamed(error, 'QuotaExceededError');
}

function full(): DOMException {
	return new DOMException('The file took fewer bytes than it was given.', 'QuotaExceededError');
}

function isNamed(error: unknown, name: string): boolean {
	return error instanceof Error && error.name === name;
}
