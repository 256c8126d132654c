/** The files of a folder that was dropped on the page or chosen, each with its path. */
import type { DroppedFile } from '../generate/protocol';

/** Deeper folders and further files are not looked at: a model lies on top. */
const DEEPEST = 3;
const MOST_FILES = 2000;

/** Whether something that is dragged over the page holds files. */
export function holdsFiles(transfer: DataTransfer | null): transfer is DataTransfer {
	return transfer?.types.includes('Files') ?? false;
}

/** Call it while the drop event lasts; what was dropped can't be seen afterwards. */
export function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
	const items = [...transfer.items].filter(({ kind }) => kind === 'file');
	/** null for files that a program made */
	const entries = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
	return collect(entries.filter((entry) => entry !== null));
}

/** The files of an `<input type="file" webkitdirectory>`. */
export function filesOf(list: FileList | null): DroppedFile[] {
	return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function collect(entries: readonly (FileSystemEntry | File)[]): Promise<DroppedFile[]> {
	const found: DroppedFile[] = [];
	let level: { entry: FileSystemEntry | File; path: string }[] = entries.map((entry) => ({
		entry,
		path: entry.name
	}));
	for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
		const deeper: typeof level = [];
		for (const { entry, path } of level) {
			if (found.length >= MOST_FILES) return found;
			if (entry instanceof File) found.push({ path, file: entry });
			else if (isFile(entry)) found.push({ path, file: await fileOf(entry) });
			else if (isDirectory(entry)) {
				for (const child of await childrenOf(entry)) {
					deeper.push({ entry: child, path: `${path}/${child.name}` });
				}
			}
		}
		level = deeper;
	}
	return found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
	return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
	return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
	return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** Browsers hand out a directory in portions of 100. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
	const reader = directory.createReader();
	const children: FileSystemEntry[] = [];
	for (;;) {
		const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
			reader.readEntries(resolve, reject)
		);
		if (portion.length === 0) return children;
		children.push(...portion);
	}
}
