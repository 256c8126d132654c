/**
 * Records the set: what leaves the master and every note that is played, into files that outlive the page. It knows the
 * instrument by three things: where sound comes from, where notes come from, and what time it is.
 */
import type { AudioBlock, RecordingState, ScheduledNote } from '../instrumentHandle';
import { SECTIONS } from '../music/vocabulary';
import { noteLine, writeLine, type Knobs } from './noteLog';
import type { FromRecorder, ToRecorder } from './recordingProtocol';

const FULL =
	'The recording has the length that a WAV file can have (four hours at 48 kHz), so it was closed; it is in the list. Press Record to go on in a new one.';

/** The part of a Worker that a recorder needs. */
export interface RecordingWorker {
	postMessage(message: ToRecorder, transfer?: Transferable[]): void;
	onmessage: ((event: MessageEvent<FromRecorder>) => unknown) | null;
	onerror: ((event: ErrorEvent) => unknown) | null;
	terminate(): void;
}

export interface RecorderOptions {
	onAudio(listener: (block: AudioBlock) => void): () => void;
	onNote(listener: (scheduled: ScheduledNote) => void): () => void;
	onSection(listener: (section: number, beat: number) => void): () => void;
	onTempo(listener: (bpm: number, beat: number) => void): () => void;
	/** a knob is turned at a moment of the audio clock, by a hand or by the patch bay */
	onTurn(listener: (id: string, value: number, time: number) => void): () => void;
	/** everything that sounds was cut off at a moment of the audio clock */
	onSilence(listener: (time: number) => void): () => void;
	/** where the set stands, and how fast it goes */
	now(): { beat: number; bpm: number; time: number };
	knobs(): Knobs;
	onState(state: RecordingState): void;
	onFailure(message: string): void;
	createWorker(): RecordingWorker;
}

export class Recorder {
	readonly #options: RecorderOptions;
	#running: { off: (() => void)[]; close: () => void; stopping: boolean } | null = null;

	constructor(options: RecorderOptions) {
		this.#options = options;
	}

	get recording(): boolean {
		return this.#running !== null;
	}

	/** Begins a recording. Its files are named for the moment. */
	start(startedAt: Date): void {
		if (this.#running) return;
		const { onState, onFailure, createWorker } = this.#options;
		const name = `set ${stamp(startedAt)}`;
		const worker = createWorker();
		let sampleRate = 0;
		let opened = false;
		const send = (message: ToRecorder, transfer?: Transferable[]): void =>
			worker.postMessage(message, transfer);
		const note = (text: string): void => send({ type: 'notes', text });
		const end = (): void => {
			for (const stop of off) stop();
			worker.terminate();
			this.#running = null;
			onState({ phase: 'off' });
		};
		const open = (rate: number, time: number): void => {
			opened = true;
			sampleRate = rate;
			send({ type: 'open', name, sampleRate: rate });
			const { beat, bpm } = this.#options.now();
			const knobs = this.#options.knobs();
			note(writeLine({ kind: 'begin', beat: Math.floor(beat), bpm, time, knobs }));
		};
		const off = [
			this.#options.onAudio(({ sampleRate: rate, time, left, right }) => {
				if (!opened) open(rate, time);
				/** the block belongs to all who listen, so the worker gets a copy */
				const copy = { left: left.slice(), right: right.slice() };
				send({ type: 'audio', ...copy }, [copy.left.buffer, copy.right.buffer]);
			}),
			this.#options.onNote((scheduled) => {
				if (!opened || scheduled.muted) return;
				const { note: played, audioTime, durationSeconds } = scheduled;
				note(writeLine(noteLine(played, audioTime, durationSeconds)));
			}),
			this.#options.onSection((section, beat) => {
				if (opened) note(writeLine({ kind: 'section', text: SECTIONS[section]!, beat }));
			}),
			this.#options.onTempo((bpm, beat) => {
				const { time } = this.#options.now();
				if (opened) note(writeLine({ kind: 'tempo', bpm, beat, time }));
			}),
			this.#options.onSilence((time) => {
				const { beat } = this.#options.now();
				if (opened) note(writeLine({ kind: 'silence', beat, time }));
			}),
			this.#options.onTurn((id, value, time) => {
				const { beat } = this.#options.now();
				if (opened) note(writeLine({ kind: 'turn', id, value, beat, time }));
			})
		];
		worker.onmessage = ({ data }) => {
			switch (data.type) {
				case 'opened':
					return;
				case 'kept':
					onState({ phase: 'on', name, seconds: data.frames / sampleRate });
					return;
				case 'closed': {
					const asked = this.#running?.stopping ?? true;
					end();
					if (!asked) onFailure(FULL);
					return;
				}
				case 'failed':
					end();
					onFailure(data.message);
			}
		};
		worker.onerror = () => {
			end();
			onFailure(
				'The recorder could not be loaded, so nothing is being recorded. Check the connection, reload the page, and try again.'
			);
		};
		this.#running = {
			off,
			close: () => (opened ? send({ type: 'close' }) : end()),
			stopping: false
		};
		onState({ phase: 'on', name, seconds: 0 });
	}

	/** Ends the recording; its state is `off` when the files are whole. */
	stop(): void {
		const running = this.#running;
		if (!running) return;
		running.stopping = true;
		for (const stop of running.off) stop();
		running.close();
	}
}

/** "2026-11-21 20.15.03" in local time: sorts by name, and every file system takes it. */
export function stamp(date: Date): string {
	const two = (value: number): string => String(value).padStart(2, '0');
	const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
	return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('.')}`;
}
