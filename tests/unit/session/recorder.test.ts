import { beforeEach, describe, expect, test } from 'vitest';
import type { AudioBlock, RecordingState, ScheduledNote } from '../../../src/lib/instrumentHandle';
import { Recorder, stamp, type RecordingWorker } from '../../../src/lib/session/recorder';
import type { FromRecorder, ToRecorder } from '../../../src/lib/session/recordingProtocol';

const NOON = new Date(2026, 10, 21, 12, 3, 9);

class FakeWorker implements RecordingWorker {
	onmessage: RecordingWorker['onmessage'] = null;
	onerror: RecordingWorker['onerror'] = null;
	readonly sent: ToRecorder[] = [];
	terminated = false;
	postMessage(message: ToRecorder): void {
		this.sent.push(message);
	}
	terminate(): void {
		this.terminated = true;
	}
	answer(data: FromRecorder): void {
		this.onmessage?.({ data } as MessageEvent<FromRecorder>);
	}
	get notes(): { kind: string; beat: number }[] {
		return this.sent.flatMap((one) =>
			one.type === 'notes' ? [JSON.parse(one.text) as { kind: string; beat: number }] : []
		);
	}
}

function played(beat: number, muted = false): ScheduledNote {
	return {
		note: {
			track: 'lead',
			beat,
			duration: 1,
			pitch: 60,
			velocity: 1,
			accent: false,
			slide: false,
			frames: { first: 0, last: 0 }
		},
		durationSeconds: 0.4,
		audioTime: beat,
		performanceTime: beat,
		muted
	};
}

describe('the recorder', () => {
	let worker: FakeWorker;
	let states: RecordingState[];
	let failures: string[];
	const listeners = {
		audio: new Set<(block: AudioBlock) => void>(),
		note: new Set<(note: ScheduledNote) => void>(),
		section: new Set<(section: number, beat: number) => void>(),
		tempo: new Set<(bpm: number, beat: number) => void>(),
		turn: new Set<(id: string, value: number, time: number) => void>(),
		silence: new Set<(time: number) => void>()
	};
	const subscribe =
		<T>(set: Set<T>) =>
		(listener: T) => {
			set.add(listener);
			return () => set.delete(listener);
		};
	let recorder: Recorder;

	function sound(): void {
		const block = {
			time: 0,
			sampleRate: 48_000,
			left: new Float32Array(8),
			right: new Float32Array(8)
		};
		for (const listener of listeners.audio) listener(block);
	}

	beforeEach(() => {
		worker = new FakeWorker();
		states = [];
		failures = [];
		for (const set of Object.values(listeners)) set.clear();
		recorder = new Recorder({
			onAudio: subscribe(listeners.audio),
			onNote: subscribe(listeners.note),
			onSection: subscribe(listeners.section),
			onTempo: subscribe(listeners.tempo),
			onTurn: subscribe(listeners.turn),
			onSilence: subscribe(listeners.silence),
			now: () => ({ beat: 8.4, bpm: 120, time: 3 }),
			knobs: () => ({ 'bass.cutoff': 700 }),
			onState: (state) => states.push(state),
			onFailure: (message) => failures.push(message),
			createWorker: () => worker
		});
	});

	test('opens its files with the first sound and names them for the moment', () => {
		recorder.start(NOON);
		expect(worker.sent).toEqual([]);
		sound();
		expect(worker.sent[0]).toEqual({
			type: 'open',
			name: 'set 2026-11-21 12.03.09',
			sampleRate: 48_000
		});
		expect(worker.notes[0]).toEqual({
			...{ kind: 'begin', beat: 8, bpm: 120, time: 0 },
			knobs: { 'bass.cutoff': 700 }
		});
		expect(worker.sent.at(-1)!.type).toBe('audio');
	});

	test('keeps the notes that are heard, the tempo and the sections', () => {
		recorder.start(NOON);
		sound();
		for (const listener of listeners.note) {
			listener(played(9));
			listener(played(10, true));
		}
		for (const listener of listeners.tempo) listener(130, 12);
		for (const listener of listeners.section) listener(2, 16);
		for (const listener of listeners.turn) listener('bass.cutoff', 900, 12.5);
		for (const listener of listeners.silence) listener(14);
		expect(worker.notes.map(({ kind, beat }) => [kind, beat])).toEqual([
			['begin', 8],
			['note', 9],
			['tempo', 12],
			['section', 16],
			['turn', 8.4],
			['silence', 8.4]
		]);
		expect(worker.notes[1]).toMatchObject({ time: 9, durationSeconds: 0.4 });
		expect(worker.notes[5]).toMatchObject({ time: 14 });
		expect(worker.notes[4]).toMatchObject({ id: 'bass.cutoff', value: 900, time: 12.5 });
	});

	test('tells how much is safe, and is off when its files are whole', () => {
		recorder.start(NOON);
		sound();
		worker.answer({ type: 'kept', frames: 96_000 });
		expect(states.at(-1)).toMatchObject({ phase: 'on', seconds: 2 });
		recorder.stop();
		expect(worker.sent.at(-1)).toEqual({ type: 'close' });
		expect(recorder.recording).toBe(true);
		worker.answer({ type: 'closed', frames: 96_000 });
		expect(recorder.recording).toBe(false);
		expect(states.at(-1)).toEqual({ phase: 'off' });
		expect(worker.terminated).toBe(true);
		sound();
		expect(worker.sent.at(-1)).toEqual({ type: 'close' });
	});

	test('says what failed and records no more', () => {
		recorder.start(NOON);
		sound();
		worker.answer({ type: 'failed', message: 'The disk is full.' });
		expect(failures).toEqual(['The disk is full.']);
		expect(states.at(-1)).toEqual({ phase: 'off' });
		expect(listeners.audio.size + listeners.note.size).toBe(0);
	});

	test('says so when a recording ends by itself, and not when it was asked to', () => {
		recorder.start(NOON);
		sound();
		worker.answer({ type: 'closed', frames: 1e9 });
		expect(failures[0]).toMatch(/four hours/);
		expect(recorder.recording).toBe(false);
		recorder.start(NOON);
		sound();
		recorder.stop();
		worker.answer({ type: 'closed', frames: 8 });
		expect(failures).toHaveLength(1);
	});

	test('leaves nothing behind when nothing ever sounded', () => {
		recorder.start(NOON);
		recorder.stop();
		expect(worker.sent).toEqual([]);
		expect(worker.terminated).toBe(true);
		expect(recorder.recording).toBe(false);
	});

	test('a worker that does not load is told in words', () => {
		recorder.start(NOON);
		worker.onerror?.({} as ErrorEvent);
		expect(failures[0]).toMatch(/nothing is being recorded/);
	});
});

test('a stamp sorts by time and has nothing that a file system refuses', () => {
	expect(stamp(NOON)).toBe('2026-11-21 12.03.09');
	expect(stamp(NOON)).not.toMatch(/[:/\\]/);
});
