/**
 * The composition root: builds the instrument out of its rooms and is the only place that holds its state. The pages, the
 * console and the tests get the handle that this returns, and nothing else.
 */
import { Timeline } from './clock/timeline';
import { PARAMETERS, parameterOf, type VoiceTrack } from './controls/parameters';
import { ParameterValues } from './controls/parameterValues';
import { openingOf } from './generate/openings';
import type { EngineChoice } from './generate/protocol';
import { Author } from './instrument/author';
import { controlsOf } from './instrument/controlsOf';
import { Events } from './instrument/events';
import { patchedVoice } from './instrument/patchBay';
import { openPlayer, type Player } from './instrument/player';
import type {
	AudioBlock,
	Instrument,
	InstrumentEvents,
	InstrumentState,
	Notice
} from './instrumentHandle';
import { MidiAccess } from './midi/midiAccess';
import { MidiVoice } from './midi/midiVoice';
import { STYLES, TRACKS, type Track } from './music/vocabulary';

export interface InstrumentOptions {
	/** folder of the model, absolute or from the page's origin */
	modelUrl: string;
}

/** A knob in motion asks the model again at most this often. */
const CONTROL_INTERVAL_MS = 120;

export function createInstrument({ modelUrl }: InstrumentOptions): Instrument {
	const values = new ParameterValues();
	const events = new Events<InstrumentEvents>();
	const timeline = new Timeline();
	values.set('model.seed', randomSeed());

	let player: Player | null = null;
	/** the person set the tempo, so that styles no longer do */
	let tempoChosen = false;
	let controlTimer: ReturnType<typeof setTimeout> | null = null;
	const pendingIds = new Set<string>();
	let stopTap: (() => void) | null = null;

	let state: InstrumentState = {
		phase: 'idle',
		engineChoice: 'auto',
		model: { phase: 'absent' },
		midi: { phase: 'unasked', outputs: [], output: null },
		notices: [],
		barsAhead: 0,
		repeating: false,
		pending: {},
		outputLatencySeconds: 0
	};

	function update(changes: Partial<InstrumentState>): void {
		const keys = Object.keys(changes) as (keyof InstrumentState)[];
		if (keys.every((key) => state[key] === changes[key])) return;
		state = { ...state, ...changes };
		events.emit('state', state);
	}

	function notify(notice: Notice): void {
		update({ notices: [...state.notices.filter(({ id }) => id !== notice.id), notice] });
	}

	function dismissNotice(id: string): void {
		if (!state.notices.some((notice) => notice.id === id)) return;
		update({ notices: state.notices.filter((notice) => notice.id !== id) });
	}

	const author = new Author(timeline, modelUrl, {
		onProgress: (receivedBytes, totalBytes) =>
			update({ model: { phase: 'loading', receivedBytes, totalBytes } }),
		onModel(model) {
			dismissNotice('model');
			update({ model: { phase: 'ready', model, tokensPerSecond: model.tokensPerSecond } });
		},
		onNotice: (message) => notify({ id: 'engine', level: 'info', message, action: null }),
		onFailure(message) {
			update({ model: { phase: 'failed', message } });
			notify({ id: 'model', level: 'error', message, action: 'retry model' });
		},
		onFrames: (frames) => events.emit('frames', frames),
		onBar: ({ slot, startBeat, notes, tokens, repeated }, generated) =>
			events.emit('bar', {
				bar: slot,
				startBeat,
				notes: [...notes],
				tokens: [...tokens],
				generated,
				repeated
			}),
		onPace(tokensPerSecond) {
			if (state.model.phase === 'ready') update({ model: { ...state.model, tokensPerSecond } });
		}
	});

	const midi = new MidiAccess({
		surroundings: {
			supported: 'requestMIDIAccess' in navigator,
			secure: isSecureContext,
			userAgent: navigator.userAgent
		},
		storage: localStorage,
		onChange: midiChanged
	});
	update({ midi: midi.state });

	function midiChanged(): void {
		const { output, problem } = midi;
		if (output?.id !== midiOutputId) {
			midiOutputId = output?.id ?? null;
			connectMidi();
		}
		update({ midi: midi.state });
		if (problem) notify({ id: 'midi', level: 'warning', message: problem, action: 'request midi' });
		else dismissNotice('midi');
	}

	let midiOutputId: string | null = null;

	function connectMidi(): void {
		const { output } = midi;
		const current = player;
		if (!current) return;
		current.setMidi(
			output &&
				new MidiVoice({
					output,
					toPerformance: (audioTime) => current.heardAt(audioTime),
					channelOf: (track) => (track === 'guest' ? 0 : values.get(`${track}.channel`))
				})
		);
	}

	function muted(track: Track): boolean {
		if (track === 'guest') return false;
		const soloed = TRACKS.some((other) => other !== 'guest' && values.get(`${other}.solo`) === 1);
		return values.get(`${track}.mute`) === 1 || (soloed && values.get(`${track}.solo`) === 0);
	}

	async function readyPlayer(): Promise<Player> {
		if (player) return player;
		player = await openPlayer({
			values,
			timeline,
			swingPercent: () => values.get('transport.swing'),
			muted,
			repeatedBars: () => author.repeatedBars,
			onScheduled: (note, audioTime, isMuted) =>
				events.emit('note', {
					note,
					audioTime,
					performanceTime: player?.heardAt(audioTime) ?? Number.NaN,
					muted: isMuted
				}),
			onBarDue({ slot, startBeat, notes, tokens, repeated }) {
				if (!repeated) return;
				events.emit('bar', {
					bar: slot,
					startBeat,
					notes: [...notes],
					tokens: [...tokens],
					generated: false,
					repeated
				});
			},
			onTick,
			onAudioState,
			patched: (track, voice) =>
				patchedVoice(track, voice, {
					values,
					signals: (first, last) => author.frames?.signals(first, last) ?? [],
					turn: (id, value, audioTime) => player?.modulate(id, value, audioTime)
				})
		});
		connectMidi();
		tapIfHeard();
		return player;
	}

	function onTick(scheduledBeat: number): void {
		if (!player) return;
		author.keepAhead(scheduledBeat);
		const heard = player.heardBeat();
		const waiting = Object.entries(state.pending).filter(([, beat]) => beat > heard);
		if (waiting.length < Object.keys(state.pending).length) {
			update({ pending: Object.fromEntries(waiting) });
		}
		update({
			barsAhead: timeline.barsAhead(Math.max(0, heard)),
			repeating: player.repeating && author.hasWritten,
			outputLatencySeconds: player.outputLatencySeconds
		});
	}

	function onAudioState(running: boolean): void {
		if (running) {
			dismissNotice('audio');
			if (state.phase === 'interrupted') update({ phase: 'playing' });
		} else if (state.phase === 'playing') {
			update({ phase: 'interrupted' });
			notify({
				id: 'audio',
				level: 'warning',
				message:
					'The browser paused the sound (another program took the loudspeakers, or the machine slept). Nothing is lost. Press Resume to go on from here.',
				action: 'resume audio'
			});
		}
	}

	async function start(): Promise<void> {
		if (state.phase === 'playing' || state.phase === 'starting') return;
		if (state.phase === 'interrupted') {
			await player?.resume();
			return;
		}
		update({ phase: 'starting' });
		try {
			const current = await readyPlayer();
			followStyleTempo();
			author.begin(controlsOf(values));
			await current.start(values.get('transport.tempo'));
			update({ phase: 'playing', pending: {} });
		} catch (error) {
			update({ phase: 'idle' });
			notify({
				id: 'audio',
				level: 'error',
				message: error instanceof Error ? error.message : String(error),
				action: null
			});
		}
	}

	function stop(): void {
		if (state.phase !== 'playing' && state.phase !== 'interrupted') return;
		player?.stop();
		author.rest();
		dismissNotice('audio');
		update({ phase: 'stopped', pending: {}, barsAhead: 0, repeating: false });
	}

	function set(id: string, value: number): number {
		const parameter = parameterOf(id);
		const before = values.get(id);
		const taken = values.set(id, value);
		if (id === 'transport.tempo') tempoChosen = true;
		if (taken === before) return taken;
		events.emit('parameter', { id, value: taken });
		player?.apply(id);
		if (id === 'model.style') followStyleTempo();
		if (parameter.acts === 'next bar' && state.phase === 'playing') {
			pendingIds.add(id);
			controlTimer ??= setTimeout(askModel, CONTROL_INTERVAL_MS);
		}
		return taken;
	}

	/** A style brings its tempo, until the person has chosen one. */
	function followStyleTempo(): void {
		if (tempoChosen) return;
		const { tempo } = openingOf(STYLES[values.get('model.style')]!);
		if (values.get('transport.tempo') === tempo) return;
		values.set('transport.tempo', tempo);
		events.emit('parameter', { id: 'transport.tempo', value: tempo });
		player?.apply('transport.tempo');
	}

	function askModel(): void {
		controlTimer = null;
		if (state.phase !== 'playing' || !player) return;
		const current = player;
		const beat = author.control(controlsOf(values), (at) => current.secondsUntil(at));
		const asked = Object.fromEntries([...pendingIds].map((id) => [id, beat]));
		pendingIds.clear();
		update({ pending: { ...state.pending, ...asked } });
	}

	/** The tap runs while somebody listens and there is something to hear. */
	function tapIfHeard(): void {
		const wanted = player !== null && events.has('audio');
		if (wanted && !stopTap) {
			stopTap = player!.listen((block: AudioBlock) => events.emit('audio', block));
		} else if (!wanted && stopTap) {
			stopTap();
			stopTap = null;
		}
	}

	function load(engineChoice: EngineChoice): void {
		update({ engineChoice });
		if (state.model.phase !== 'ready') {
			update({ model: { phase: 'loading', receivedBytes: 0, totalBytes: 0 } });
		}
		author.load(engineChoice);
	}

	addEventListener('pagehide', () => {
		player?.panicMidi();
		stop();
	});
	load('auto');

	return {
		parameters: PARAMETERS,
		get state() {
			return state;
		},
		start,
		stop,
		get: (id) => values.get(id),
		set,
		newSeed: () => set('model.seed', randomSeed()),
		setEngine: load,
		retryModel: () => load(state.engineChoice),
		dismissNotice,
		beat: () => (player?.playing ? Math.max(0, player.heardBeat()) : 0),
		notesBetween: (from, to) => timeline.notesBetween(from, to),
		frame: (position) => author.frames?.frame(position),
		noteAt: (position) => timeline.noteAt(position),
		level: (channel: VoiceTrack | 'master') => player?.level(channel) ?? 0,
		midi: {
			request: () => midi.request(),
			choose: (outputId) => midi.choose(outputId)
		},
		on(event, listener) {
			const off = events.on(event, listener);
			tapIfHeard();
			return () => {
				off();
				tapIfHeard();
			};
		},
		rehearse: {
			loseDevice: () => author.loseDevice(),
			suspendAudio: async () => player?.suspend()
		}
	};
}

function randomSeed(): number {
	return crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000;
}
