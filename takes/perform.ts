/**
 * Plays a take on a rack as the instrument does: timeline, scheduler and patch bay are its own, and the notes are handed
 * over bar by bar while the rendering pauses.
 */
import { Scheduler, START_LEAD_SECONDS } from '../src/lib/clock/scheduler';
import { Timeline } from '../src/lib/clock/timeline';
import type { ParameterValues } from '../src/lib/controls/parameterValues';
import { PARAMETERS, VOICE_TRACKS, type VoiceTrack } from '../src/lib/controls/parameters';
import { PatchBay } from '../src/lib/instrument/patchBay';
import { barOfBeat, type NoteEvent } from '../src/lib/music/notes';
import { BEATS_PER_BAR } from '../src/lib/music/vocabulary';
import { tapName } from '../src/lib/signals/frameSignals';
import { DEFAULT_PATCH } from '../src/lib/signals/patchPresets';
import type { Rack } from '../src/lib/voices/rack';

export interface Performance {
	/** BPM */
	readonly tempo: number;
	/** in beats from the start of the take, frames as indices of `signals` */
	readonly notes: readonly NoteEvent[];
	readonly bars: number;
	/** of each token of the take, by tap */
	readonly signals: Readonly<Record<string, readonly number[]>>;
}

/** When beat 0 is played, audio-context seconds. */
export const FIRST_BEAT_SECONDS = START_LEAD_SECONDS;

/** The rendering pauses this often, and notes are handed over so far ahead. */
const TICK_SECONDS = 0.25;
const HORIZON_SECONDS = 0.4;

/** Schedules `tracks` of the performance on a rack whose context has not started to render. */
export function perform(
	{ tempo, notes, bars, signals }: Performance,
	values: ParameterValues,
	tracks: readonly VoiceTrack[],
	rack: Rack,
	context: OfflineAudioContext
): void {
	const timeline = new Timeline();
	for (let bar = 0; bar < bars; bar++) {
		const startBeat = bar * BEATS_PER_BAR;
		const moved = notes
			.filter(({ beat }) => barOfBeat(beat) === bar)
			.map((note) => ({ ...note, beat: note.beat - startBeat }));
		timeline.place({ bar, notes: moved, tokens: [], firstFrame: moved[0]?.frames.first ?? 0 });
	}
	// Where bars are missing the scheduler repeats the last ones: what sounds after the end is silence.
	timeline.place({ bar: bars, notes: [], tokens: [], firstFrame: 0 });
	const scheduler = new Scheduler({
		timeline,
		swingPercent: () => values.get('transport.swing'),
		muted: (track) => !(tracks as readonly string[]).includes(track),
		repeatedBars: () => 1,
		onScheduled: () => undefined,
		onBarDue: () => undefined
	});
	for (const { id, acts } of PARAMETERS) {
		if (acts === 'now' && !id.endsWith('.channel')) rack.set(id, values.get(id), 0);
	}
	const patchBay = new PatchBay({
		values,
		signal(tap, first, last) {
			const heard = signals[tapName(tap)]?.slice(first, last + 1) ?? [];
			return heard.length > 0 ? heard.reduce((sum, one) => sum + one, 0) / heard.length : null;
		},
		turn: (id, value, time) => rack.set(id, value, time)
	});
	patchBay.setCables(DEFAULT_PATCH);
	for (const track of VOICE_TRACKS) {
		const voice = patchBay.voice(track, rack.voices[track]);
		const lane = { voice, plays: (other: string) => other === track };
		scheduler.addLane({ ...lane, horizonSeconds: HORIZON_SECONDS }, 0);
	}
	rack.setTempo(tempo);
	scheduler.start(0, tempo);
	scheduler.tick(0);
	const end = secondsAtBar(bars, tempo);
	for (let time = TICK_SECONDS; time < end; time += TICK_SECONDS) {
		void context.suspend(time).then(async () => {
			scheduler.tick(context.currentTime);
			await rack.settled();
			await context.resume();
		});
	}
}

/** When a bar begins on the rack, latency aside. */
export function secondsAtBar(bar: number, tempo: number): number {
	return FIRST_BEAT_SECONDS + (bar * BEATS_PER_BAR * 60) / tempo;
}
