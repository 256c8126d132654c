/**
 * A MIDI output as a Voice. Note-ons go out at once with their timestamp; note-offs are held back until their time comes
 * within the scheduler's horizon, because a sent message cannot be recalled in Chrome and a later note may still change
 * when an earlier one has to end: a slide holds its note into the next, and a pitch that is struck again ends first.
 */
import type { Output } from 'webmidi';
import type { PlayedNote, Voice } from '../clock/voice';
import type { Track } from '../music/vocabulary';

export interface MidiVoiceOptions {
	output: Pick<Output, 'send' | 'state'>;
	/** audio-context seconds → `performance.now()` milliseconds, as heard */
	toPerformance(audioTime: number): number;
	/** channel of a track, 0-15 */
	channelOf(track: Track): number;
}

const NOTE_OFF = 0x80;
const NOTE_ON = 0x90;
const CONTROL_CHANGE = 0xb0;
const ALL_SOUND_OFF = 120;
const ALL_NOTES_OFF = 123;

/** How long a slid note sounds on into the next: long enough for any synth to hear legato. */
const LEGATO_SECONDS = 0.02;

/** How long after its written end a slid note waits for the note that it glides into. */
const SLIDE_WAIT_SECONDS = 0.5;

/** Between the end of a note and the next one of the same pitch. */
const RETRIGGER_SECONDS = 0.002;

/**
 * Between a note-on and the earliest message that may end it, in milliseconds. The map between the clocks is refined all
 * the time: an end that is mapped later than its beginning could otherwise come out before it, and the note would hang.
 */
const AFTER_ON_MILLISECONDS = 1;

/** The shortest note, and the longest: four bars at 60 BPM, and a little more. */
const SHORTEST_SECONDS = 0.005;
const LONGEST_SECONDS = 20;

/** A note whose note-off has not been sent. Times are audio-context seconds. */
interface HeldNote {
	track: Track;
	channel: number;
	pitch: number;
	onTime: number;
	offTime: number;
	/** the timestamp of its note-on, `performance.now()` milliseconds */
	onPerformance: number;
	/** waits for the next note of its track */
	slide: boolean;
}

export class MidiVoice implements Voice {
	readonly #options: MidiVoiceOptions;
	#held: HeldNote[] = [];
	/** channels that have been played on */
	readonly #channels = new Set<number>();

	constructor(options: MidiVoiceOptions) {
		this.#options = options;
	}

	play(note: PlayedNote, time: number): void {
		const channel = this.#options.channelOf(note.track);
		for (const held of this.#held) {
			if (held.slide && held.track === note.track && held.onTime < time) {
				held.slide = false;
				held.offTime = time + LEGATO_SECONDS;
			}
		}
		const released = this.#release(
			(held) => held.channel === channel && held.pitch === note.pitch,
			(held) => Math.min(held.offTime, Math.max(held.onTime, time - RETRIGGER_SECONDS))
		);
		const velocity = Math.max(1, Math.min(127, Math.round(note.velocity * 127)));
		this.#channels.add(channel);
		const onPerformance = Math.max(released, this.#performanceAt(time));
		this.#send(NOTE_ON | channel, note.pitch, velocity, onPerformance);
		const gate = note.durationSeconds - RETRIGGER_SECONDS;
		const length = Math.max(SHORTEST_SECONDS, Math.min(LONGEST_SECONDS, gate));
		this.#held.push({
			track: note.track,
			channel,
			pitch: note.pitch,
			onTime: time,
			offTime: time + length + (note.slide ? SLIDE_WAIT_SECONDS : 0),
			onPerformance,
			slide: note.slide
		});
	}

	/** Sends a controller, 0-127, on the channel of a track. */
	control(track: Track, controller: number, value: number, time: number): void {
		const channel = this.#options.channelOf(track);
		this.#send(CONTROL_CHANGE | channel, controller, value, this.#performanceAt(time));
	}

	/** Hardware keeps its own knobs: parameters of the synths mean nothing to it. */
	set(): void {
		return;
	}

	advance(time: number): void {
		this.#release(
			(held) => held.offTime <= time,
			(held) => held.offTime
		);
	}

	/**
	 * Ends everything from `time` on; 0 is at once (when the page goes away). A note-on that was sent for later than
	 * `time` cannot be recalled: its note-off follows it directly.
	 */
	silence(time: number): void {
		const from = time > 0 ? this.#performanceAt(time) : 0;
		const lastOn = Math.max(0, ...this.#held.map(({ onPerformance }) => onPerformance));
		this.#release(
			() => true,
			(held) => Math.max(time, held.onTime)
		);
		for (const at of new Set([from, Math.max(from, lastOn + AFTER_ON_MILLISECONDS)])) {
			for (const channel of this.#channels) {
				this.#send(CONTROL_CHANGE | channel, ALL_NOTES_OFF, 0, at);
				this.#send(CONTROL_CHANGE | channel, ALL_SOUND_OFF, 0, at);
			}
		}
	}

	dispose(): void {
		this.silence(0);
	}

	/** Sends the note-offs of the held notes that `ends` picks, at the time that `at` gives. Returns the latest timestamp. */
	#release(ends: (held: HeldNote) => boolean, at: (held: HeldNote) => number): number {
		const ending = this.#held.filter(ends);
		let latest = 0;
		if (ending.length === 0) return latest;
		this.#held = this.#held.filter((held) => !ending.includes(held));
		for (const held of ending.sort((a, b) => at(a) - at(b))) {
			const earliest = held.onPerformance + AFTER_ON_MILLISECONDS;
			const offPerformance = Math.max(earliest, this.#performanceAt(at(held)));
			this.#send(NOTE_OFF | held.channel, held.pitch, 0, offPerformance);
			latest = Math.max(latest, offPerformance);
		}
		return latest;
	}

	/** `performance.now()` milliseconds at which a moment of the audio context is heard. */
	#performanceAt(audioTime: number): number {
		return Math.max(0, this.#options.toPerformance(audioTime));
	}

	/** A port that was pulled out throws at a send; it holds no note any more either. */
	#send(status: number, data1: number, data2: number, performanceTime: number): void {
		const { output } = this.#options;
		if (output.state !== 'connected') return;
		output.send([status, data1, data2], { time: performanceTime });
	}
}
