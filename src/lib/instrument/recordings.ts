/** The recordings of a set: the recorder on the instrument's events, and what the browser keeps. */
import { PARAMETERS } from '../controls/parameters';
import type { Instrument, Recordings } from '../instrumentHandle';
import { FAMILY_RANGES } from '../music/vocabulary';
import { Recorder, type RecordingWorker } from '../session/recorder';
import { RecordingStore } from '../session/recordingStore';
import type { StateStore } from './stateStore';

/** Files of the origin's private file system are written in a worker. */
function recordingWorker(): RecordingWorker {
	return new Worker(new URL('../session/recording.worker.ts', import.meta.url), { type: 'module' });
}

/** What is recorded: the instrument's events, and where it stands. */
type RecordedInstrument = Pick<Instrument, 'on' | 'get' | 'beat'> & { audioTime(): number };

export function createRecordings(
	{ on, get, beat, audioTime }: RecordedInstrument,
	state: StateStore
): Recordings {
	const store = new RecordingStore();
	const recorder = new Recorder({
		onAudio: (listener) => on('audio', listener),
		onNote: (listener) => on('note', listener),
		onSection: (listener) =>
			on('bar', ({ startBeat, tokens }) => {
				const { start, size } = FAMILY_RANGES.SECTION;
				const token = tokens.find((one) => one >= start && one < start + size);
				if (token !== undefined) listener(token - start, startBeat);
			}),
		onTempo: (listener) =>
			on('parameter', ({ id, value }) => {
				if (id === 'transport.tempo') listener(value, beat());
			}),
		onTurn(listener) {
			const off = [
				on('turn', (turn) => listener(turn.id, turn.value, turn.audioTime)),
				on('parameter', ({ id, value }) => listener(id, value, audioTime()))
			];
			return () => off.forEach((stop) => stop());
		},
		onSilence(listener) {
			let playing = false;
			return on('state', ({ phase }) => {
				if (playing && phase !== 'playing') listener(audioTime());
				playing = phase === 'playing';
			});
		},
		now: () => ({ beat: beat(), bpm: get('transport.tempo'), time: audioTime() }),
		knobs: () => Object.fromEntries(PARAMETERS.map(({ id }) => [id, get(id)])),
		onState: (recording) => state.update({ recording }),
		onFailure: (message) =>
			state.notify({ id: 'recording', level: 'error', message, action: null }),
		createWorker: recordingWorker
	});
	return {
		start() {
			state.dismiss('recording');
			recorder.start(new Date());
		},
		stop: () => recorder.stop(),
		list: () => store.list(),
		wav: (name) => store.wav(name),
		midi: (name) => store.midi(name),
		async bounce(name, part, onProgress = () => undefined, signal) {
			const performance = await store.performance(name);
			const { bounce } = await import('./bounce');
			return bounce(name, performance, part, onProgress, signal);
		},
		remove: (name) => store.remove(name)
	};
}
