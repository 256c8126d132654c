/**
 * The composition root: builds the instrument out of its rooms and is the only place that holds its state. The pages, the
 * console and the tests get the handle that this returns, and nothing else.
 */
import { asset } from '$app/paths';
import { Timeline, type PlacedBar } from './clock/timeline';
import { PARAMETERS, VOICE_TRACKS, parameterOf } from './controls/parameters';
import { ParameterValues } from './controls/parameterValues';
import { GenerationClient } from './generate/generationClient';
import { openingOf } from './generate/openings';
import { Author } from './instrument/author';
import { controlsOf } from './instrument/controlsOf';
import { Events } from './instrument/events';
import { MidiConnection } from './instrument/midiConnection';
import { Models } from './instrument/models';
import { createPatch } from './instrument/patch';
import { PatchBay } from './instrument/patchBay';
import { Openings } from './instrument/openings';
import { createRecordings } from './instrument/recordings';
import { openPlayer, type Player } from './instrument/player';
import { ScoreDesk } from './instrument/scores';
import { SoundOutput } from './instrument/soundOutput';
import { StateStore } from './instrument/stateStore';
import type { Instrument, InstrumentEvents } from './instrumentHandle';
import { STYLES, type Track } from './music/vocabulary';

/** Folder of the shipped model, under static/. */
const MODEL = '/models/kqv-small';

/** A knob in motion asks the model again at most this often. */
const CONTROL_INTERVAL_MS = 120;

const AUDIO_PAUSED =
	'The browser paused the sound (another program took the loudspeakers, or the machine slept). Nothing is lost. Press Resume to go on from here.';

export interface InstrumentOptions {
	/** false for a page that plays scores: no model is loaded until one is asked for */
	readonly jams?: boolean;
}

/** Builds the instrument in a page and begins to load the shipped model. Nothing sounds before `start`. */
export function createInstrument({ jams = true }: InstrumentOptions = {}): Instrument {
	const values = new ParameterValues();
	const events = new Events<InstrumentEvents>();
	const timeline = new Timeline();
	const store = new StateStore((state) => events.emit('state', state));
	const output = new SoundOutput(store);
	const openings = new Openings({
		store,
		get: (id) => values.get(id),
		set: (id, value) => void set(id, value),
		setTempo: (bpm) => changed('transport.tempo', values.set('transport.tempo', bpm)),
		followStyleTempo
	});
	const patchBay = new PatchBay({
		values,
		signal: (tap, first, last) =>
			desk.isOpen ? null : (author.frames?.signal(tap, first, last) ?? null),
		turn
	});
	const midi = new MidiConnection(values, store, (voice) => patchBay.midiVoice(voice));
	const models: Models = new Models({
		store,
		author: () => author,
		shipped: { from: 'site', address: new URL(asset(MODEL), location.href).href }
	});
	const author = new Author(
		timeline,
		{
			...models.events,
			onFrames: (frames) => events.emit('frames', frames),
			onBar: announceBar
		},
		(onMessage) => new GenerationClient(onMessage)
	);
	const desk = new ScoreDesk({
		timeline,
		store,
		player: () => player,
		turn,
		setTempo: (bpm) => changed('transport.tempo', values.set('transport.tempo', bpm)),
		knobs: () => Object.fromEntries(PARAMETERS.map(({ id }) => [id, values.get(id)])),
		muted,
		stop,
		onBar: (bar) => announceBar(bar, false)
	});

	let player: Player | null = null;
	/** the person set the tempo, so that styles no longer do */
	let tempoChosen = false;
	let controlTimer: ReturnType<typeof setTimeout> | null = null;
	/** parameters that changed since the model was asked last */
	const changedIds = new Set<string>();
	let stopTap: (() => void) | null = null;

	/** Sets a parameter at a moment, without moving the knob of the person. */
	function turn(id: string, value: number, audioTime: number): void {
		player?.modulate(id, value, audioTime);
		events.emit('turn', { id, value, audioTime });
	}

	function announceBar(placed: PlacedBar, generated: boolean): void {
		const { slot, startBeat, notes, tokens, repeated } = placed;
		const copy = { notes: [...notes], tokens: [...tokens] };
		events.emit('bar', { bar: slot, startBeat, ...copy, generated, repeated });
	}

	function muted(track: Track): boolean {
		if (track === 'guest') return false;
		const soloed = VOICE_TRACKS.some((other) => values.get(`${other}.solo`) === 1);
		return values.get(`${track}.mute`) === 1 || (soloed && values.get(`${track}.solo`) === 0);
	}

	/** The player, opened anew where the person has chosen another buffer since. */
	async function readyPlayer(): Promise<Player> {
		const isRecording = store.current.recording.phase !== 'off';
		if (player && (player.buffer === output.buffer || isRecording)) return player;
		void closePlayer();
		const opened = await openPlayer({
			values,
			timeline,
			swingPercent: () => values.get('transport.swing'),
			muted,
			repeatedBars: () => (desk.isOpen ? 1 : author.repeatedBars),
			onScheduled: ({ durationSeconds, ...note }, audioTime, isMuted) =>
				events.emit('note', {
					note,
					durationSeconds,
					audioTime,
					performanceTime: opened.heardAt(audioTime),
					muted: isMuted
				}),
			onBarDue(bar) {
				if (bar.repeated) announceBar(bar, false);
			},
			onTick: (scheduledBeat) => tick(opened, scheduledBeat),
			onAudioState,
			patched: (track, voice) => patchBay.voice(track, voice),
			buffer: output.buffer
		});
		player = opened;
		midi.attach(opened);
		tapIfHeard();
		return opened;
	}

	function closePlayer(): Promise<void> | undefined {
		stopTap?.();
		stopTap = null;
		const closing = player?.close();
		player = null;
		return closing;
	}

	function tick(playing: Player, scheduledBeat: number): void {
		const heard = playing.heardBeat();
		if (desk.isOpen) desk.tick(scheduledBeat, heard);
		else author.keepAhead(scheduledBeat);
		if (!playing.playing) return;
		output.watch(playing.audioTime, playing.lostSeconds);
		store.settlePending(heard);
		store.update({
			barsAhead: timeline.barsAhead(Math.max(0, heard)),
			repeating: !desk.isOpen && playing.repeating && author.hasWritten,
			outputLatencySeconds: playing.outputLatencySeconds
		});
	}

	function onAudioState(running: boolean): void {
		const { phase } = store.current;
		if (running) {
			store.dismiss('audio');
			if (phase === 'interrupted') store.update({ phase: 'playing' });
		} else if (phase === 'playing') {
			store.update({ phase: 'interrupted' });
			store.notify({
				id: 'audio',
				level: 'warning',
				message: AUDIO_PAUSED,
				action: 'resume audio'
			});
		}
	}

	async function start(): Promise<void> {
		const { phase } = store.current;
		if (phase === 'playing' || phase === 'starting') return;
		if (phase === 'interrupted') {
			await player?.resume();
			return;
		}
		store.update({ phase: 'starting' });
		store.dismiss('audio');
		try {
			const ready = await readyPlayer();
			if (desk.isOpen) desk.begin();
			else {
				followStyleTempo();
				author.begin(controlsOf(values), openings.handed?.tokens);
			}
			await ready.start(values.get('transport.tempo'));
			output.begin(ready.audioTime, ready.lostSeconds);
			store.update({ phase: 'playing', pending: {} });
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			store.update({ phase: 'idle' });
			store.notify({ id: 'audio', level: 'error', message, action: null });
		}
	}

	function stop(): void {
		const { phase } = store.current;
		if (phase !== 'playing' && phase !== 'interrupted') return;
		player?.stop();
		author.rest();
		desk.rest();
		store.dismiss('audio');
		store.update({ phase: 'stopped', pending: {}, barsAhead: 0, repeating: false });
	}

	function set(id: string, value: number): number {
		const parameter = parameterOf(id);
		const before = values.get(id);
		const taken = values.set(id, value);
		if (id === 'transport.tempo' && !desk.isOpen) tempoChosen = true;
		if (taken === before) return taken;
		changed(id, taken);
		desk.takeOver(id, taken);
		if (id === 'model.style') followStyleTempo();
		if (parameter.acts === 'next bar' && store.current.phase === 'playing' && !desk.isOpen) {
			changedIds.add(id);
			controlTimer ??= setTimeout(askModel, CONTROL_INTERVAL_MS);
		}
		return taken;
	}

	function changed(id: string, value: number): void {
		events.emit('parameter', { id, value });
		player?.apply(id);
	}

	/** A style brings its tempo, until the person has chosen one, or a piece has brought its own. */
	function followStyleTempo(): void {
		if (tempoChosen || desk.isOpen || openings.handed) return;
		const { tempo } = openingOf(STYLES[values.get('model.style')]!);
		if (values.get('transport.tempo') === tempo) return;
		changed('transport.tempo', values.set('transport.tempo', tempo));
	}

	function askModel(): void {
		controlTimer = null;
		const playing = player;
		if (store.current.phase !== 'playing' || !playing) return;
		const beat = author.control(controlsOf(values), (at) => playing.secondsUntil(at));
		const asked = Object.fromEntries([...changedIds].map((id) => [id, beat]));
		changedIds.clear();
		store.update({ pending: { ...store.current.pending, ...asked } });
	}

	/** The tap runs while somebody listens and there is something to hear. */
	function tapIfHeard(): void {
		const wanted = events.has('audio');
		if (wanted && player) stopTap ??= player.listen((block) => events.emit('audio', block));
		if (wanted || !stopTap) return;
		stopTap();
		stopTap = null;
	}

	addEventListener('pagehide', () => {
		player?.panicMidi();
		stop();
	});
	values.set('model.seed', randomSeed());
	if (jams) models.load('shipped');

	const on: Instrument['on'] = (event, listener) => {
		const off = events.on(event, listener);
		tapIfHeard();
		return () => {
			off();
			tapIfHeard();
		};
	};

	const beat = (): number => (player?.playing ? Math.max(0, player.heardBeat()) : 0);

	if (jams) openings.restore();
	return {
		parameters: PARAMETERS,
		get state() {
			return store.current;
		},
		start,
		stop,
		get: (id) => values.get(id),
		set,
		newSeed: () => set('model.seed', randomSeed()),
		setSoundBuffer: (buffer) => output.choose(buffer),
		setEngine: (choice) => models.setEngine(choice),
		loadModel: (source) => models.load(source),
		loadTwin: (seed) => models.loadTwin(seed),
		cancelLoad: () => author.cancelLoad(),
		retryModel: () => models.retry(),
		inspect: (question) => author.inspect(question),
		dismissNotice: (id) => store.dismiss(id),
		openWith: (prompt) => openings.take(prompt),
		beat,
		notesBetween: (from, to) => timeline.notesBetween(from, to),
		frame: (position) => author.frames?.frame(position),
		residual: (position) => author.frames?.residual(position),
		noteAt: (position) => timeline.noteAt(position),
		level: (channel) => player?.level(channel) ?? 0,
		loudness: () => player?.loudness() ?? null,
		midi: {
			request: () => midi.request(),
			choose: (outputId) => midi.choose(outputId)
		},
		on,
		patch: createPatch(patchBay, {
			heardTime: () => player?.heardTime() ?? 0,
			onChange: (cables) => events.emit('patch', cables),
			onKept: (patches) => events.emit('patches', patches)
		}),
		recordings: createRecordings(
			{ on, get: (id) => values.get(id), beat, audioTime: () => player?.audioTime ?? 0 },
			store
		),
		scores: desk.handle(),
		async dispose() {
			stop();
			await closePlayer();
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
