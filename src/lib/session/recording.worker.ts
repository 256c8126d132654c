/** Writes a recording into the origin's private file system; a file can be written synchronously in a worker alone. */
import { RecordingFile, type SyncFile } from './recordingFile';
import { RECORDINGS_FOLDER, type FromRecorder, type ToRecorder } from './recordingProtocol';

let file: RecordingFile | null = null;
/** messages are worked off one after another: opening takes a while, and sound comes meanwhile */
let work = Promise.resolve();

onmessage = ({ data }: MessageEvent<ToRecorder>) => {
	work = work.then(() => receive(data)).catch(fail);
};

async function receive(message: ToRecorder): Promise<void> {
	switch (message.type) {
		case 'open': {
			const sound = await openFile(`${message.name}.wav`);
			const notes = await openFile(`${message.name}.jsonl`);
			file = new RecordingFile(sound, notes, message.sampleRate);
			return send({ type: 'opened' });
		}
		case 'audio':
			if (file?.addSound(message.left, message.right)) send({ type: 'kept', frames: file.frames });
			if (file?.full) close();
			return;
		case 'notes':
			return file?.addNotes(message.text);
		case 'close':
			return close();
	}
}

function close(): void {
	if (!file) return;
	file.close();
	send({ type: 'closed', frames: file.frames });
	file = null;
}

/** What was written stays; nothing more is. */
function fail(error: unknown): void {
	const failed = file;
	file = null;
	try {
		failed?.close();
	} finally {
		send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
	}
}

async function openFile(name: string): Promise<SyncFile> {
	const root = await navigator.storage.getDirectory();
	const folder = await root.getDirectoryHandle(RECORDINGS_FOLDER, { create: true });
	const handle = await folder.getFileHandle(name, { create: true });
	const inWorker = handle as FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncFile> };
	return inWorker.createSyncAccessHandle();
}

function send(message: FromRecorder): void {
	postMessage(message);
}
