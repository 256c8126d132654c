/** What the page and the recording worker say to each other. */

export type ToRecorder =
	| { type: 'open'; name: string; sampleRate: number }
	| { type: 'audio'; left: Float32Array; right: Float32Array }
	| { type: 'notes'; text: string }
	| { type: 'close' };

export type FromRecorder =
	| { type: 'opened' }
	/** frames that lie in the file for certain */
	| { type: 'kept'; frames: number }
	| { type: 'closed'; frames: number }
	| { type: 'failed'; message: string };

/** The folder of the origin's private file system that holds the recordings: `<name>.wav` and `<name>.jsonl`. */
export const RECORDINGS_FOLDER = 'recordings';
