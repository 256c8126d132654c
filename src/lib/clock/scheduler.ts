/**
 * The scheduler: at every tick, hands the notes that begin soon to the voices, each with its time. It reads no clock
 * itself; `nowSeconds` (audio-context seconds) is always given. Swing is applied here, when beats become times.
 *
 * Tempo changes take effect behind what has been handed over already (at most the longest horizon, 0.15 s), so that notes
 * keep their order. When the writer is late, bars are repeated: never silence, never a burst.
 */
import type { NoteEvent } from '../music/notes';
import type { PlayedNote } from './voice';
import { BEATS_PER_BAR, type Track } from '../music/vocabulary';
import { BeatMap } from './beatMap';
import { LaneCursor, type LaneClock, type LateCounts } from './laneCursor';
import { swing, unswing } from './swing';
import type { PlacedBar, Timeline } from './timeline';
import type { Voice } from './voice';

/** How long before its time a note is handed over. MIDI that was sent cannot be recalled in Chrome: it goes later. */
export const AUDIO_HORIZON_SECONDS = 0.15;
export const MIDI_HORIZON_SECONDS = 0.1;

/** From `start` to the first beat, so that even the first notes are scheduled ahead. */
export const START_LEAD_SECONDS = 0.2;

/** One voice, the tracks it plays, and how far ahead it is served. */
export interface Lane {
	voice: Voice;
	plays(track: Track): boolean;
	horizonSeconds: number;
}

export interface SchedulerOptions {
	timeline: Timeline;
	/** transport.swing, % */
	swingPercent(): number;
	/** whether a track goes nowhere at the moment: muted, or another one is solo */
	muted(track: Track): boolean;
	/** How many bars are repeated in turn where the writer is late: the last one, or the opening until it has begun. */
	repeatedBars(): number;
	/** Told once of every note, muted or not, as early as the audio horizon. Late and dropped as in a lane of that horizon. */
	onScheduled(note: PlayedNote, audioTime: number, muted: boolean): void;
	/** Told once of every bar when its beginning is about to be scheduled; `bar.repeated` where the writer was late. */
	onBarDue(bar: PlacedBar): void;
}

export class Scheduler {
	readonly #options: SchedulerOptions;
	readonly #lanes = new Map<Lane, LaneCursor>();
	#announcer = new LaneCursor(0);
	#map: BeatMap | null = null;
	/** audio-context seconds up to which notes have been handed to some lane */
	#frontierSeconds = 0;
	/** the next slot of the timeline whose beginning will come due */
	#nextSlot = 0;
	#repeating = false;

	constructor(options: SchedulerOptions) {
		this.#options = options;
	}

	get running(): boolean {
		return this.#map !== null;
	}

	/** Whether the bar that was due last is a repetition, because the writer did not keep up. */
	get repeating(): boolean {
		return this.#repeating;
	}

	/** What became of late notes since the start, as announced. */
	get late(): Readonly<LateCounts> {
		return this.#announcer.late;
	}

	/** Starts with beat 0 of the timeline at START_LEAD_SECONDS from now. Throws a RangeError for a tempo ≤ 0. */
	start(nowSeconds: number, bpm: number): void {
		this.#map = new BeatMap(bpm, nowSeconds + START_LEAD_SECONDS);
		this.#frontierSeconds = nowSeconds;
		this.#nextSlot = 0;
		this.#repeating = false;
		this.#announcer = new LaneCursor(0);
		for (const lane of this.#lanes.keys()) this.#lanes.set(lane, new LaneCursor(0));
	}

	/** Stops and silences every lane. The timeline is left as it is. */
	stop(nowSeconds: number): void {
		this.#map = null;
		this.#repeating = false;
		for (const { voice } of this.#lanes.keys()) voice.silence(nowSeconds);
	}

	/** Adds a lane; while playing it joins in with what begins from now on. */
	addLane(lane: Lane, nowSeconds: number): void {
		this.#lanes.set(lane, new LaneCursor(this.#map ? Math.max(0, this.beatAt(nowSeconds)) : 0));
	}

	/** Takes a lane away and silences its voice. */
	removeLane(lane: Lane, nowSeconds: number): void {
		if (this.#lanes.delete(lane)) lane.voice.silence(nowSeconds);
	}

	/** Changes the tempo, from the first moment that is not handed over yet. Does nothing while stopped. */
	setTempo(bpm: number, nowSeconds: number): void {
		this.#map?.setTempo(bpm, Math.max(nowSeconds, this.#frontierSeconds));
	}

	/** Audio-context seconds at which a beat of the timeline is played, swing included; NaN while stopped. */
	timeAt(beat: number): number {
		return this.#map ? this.#map.timeAt(swing(beat, this.#options.swingPercent())) : NaN;
	}

	/** The beat of the timeline that is played at a moment: the inverse of `timeAt`. Negative in the lead; NaN while stopped. */
	beatAt(timeSeconds: number): number {
		return this.#map ? unswing(this.#map.beatAt(timeSeconds), this.#options.swingPercent()) : NaN;
	}

	/** Hands over everything that begins within the horizons, once. Call it at every tick, about 25 ms apart. */
	tick(nowSeconds: number): void {
		if (!this.#map) return;
		const options = this.#options;
		const clock: LaneClock = {
			nowSeconds,
			timeAt: (beat) => this.timeAt(beat),
			beatAt: (timeSeconds) => this.beatAt(timeSeconds),
			notesBetween: (fromBeat, toBeat) => options.timeline.notesBetween(fromBeat, toBeat)
		};
		const horizons = [...this.#lanes.keys()].map((lane) => lane.horizonSeconds);
		const frontier = nowSeconds + Math.max(AUDIO_HORIZON_SECONDS, ...horizons);
		this.#frontierSeconds = Math.max(this.#frontierSeconds, frontier);
		this.#closeBarsBefore(this.beatAt(this.#frontierSeconds));

		const played = (note: NoteEvent): PlayedNote => ({
			...note,
			durationSeconds: this.timeAt(note.beat + note.duration) - this.timeAt(note.beat)
		});
		this.#announcer.advance(clock, nowSeconds + AUDIO_HORIZON_SECONDS, (note, time) =>
			options.onScheduled(played(note), time, options.muted(note.track))
		);
		for (const [lane, cursor] of this.#lanes) {
			const until = nowSeconds + lane.horizonSeconds;
			cursor.advance(clock, until, (note, time) => {
				if (!lane.plays(note.track) || options.muted(note.track)) return;
				lane.voice.play(played(note), time);
			});
			lane.voice.advance?.(until);
		}
	}

	/** Makes every bar that begins before `beat` final, repeating the latest where the writer was late. */
	#closeBarsBefore(beat: number): void {
		const { timeline } = this.#options;
		for (; this.#nextSlot * BEATS_PER_BAR < beat; this.#nextSlot++) {
			const bar =
				timeline.barAt(this.#nextSlot) ??
				timeline.repeat(this.#nextSlot, this.#options.repeatedBars());
			timeline.close(this.#nextSlot);
			this.#repeating = bar?.repeated ?? false;
			if (bar) this.#options.onBarDue(bar);
		}
	}
}
