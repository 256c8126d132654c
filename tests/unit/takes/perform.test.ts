/** A take is played once, from its first note to its last, whatever sounds on after it. */
import { expect, test } from 'vitest';
import type { PlayedNote, Voice } from '../../../src/lib/clock/voice';
import { ParameterValues } from '../../../src/lib/controls/parameterValues';
import { VOICE_TRACKS, type VoiceTrack } from '../../../src/lib/controls/parameters';
import type { NoteEvent } from '../../../src/lib/music/notes';
import type { Rack } from '../../../src/lib/voices/rack';
import { perform, secondsAtBar } from '../../../takes/perform';

const TEMPO = 120;
const BARS = 3;

test('every note sounds once at its time, and nothing after the last bar', async () => {
	const played: { track: VoiceTrack; pitch: number; time: number }[] = [];
	const voiceOf = (track: VoiceTrack): Voice => ({
		play: ({ pitch }: PlayedNote, time) => played.push({ track, pitch, time }),
		set: () => undefined,
		silence: () => undefined,
		dispose: () => undefined
	});
	const rack = {
		voices: Object.fromEntries(VOICE_TRACKS.map((track) => [track, voiceOf(track)])),
		set: () => undefined,
		setTempo: () => undefined,
		settled: () => Promise.resolve()
	} as unknown as Rack;
	const rendering = new PausedRendering();
	const notes = Array.from({ length: 4 * BARS }, (_, beat) => noteAt(beat));

	perform(
		{ tempo: TEMPO, notes, bars: BARS, signals: {} },
		new ParameterValues(),
		VOICE_TRACKS,
		rack,
		rendering as unknown as OfflineAudioContext
	);
	await rendering.run();

	expect(played.map(({ track, pitch }) => [track, pitch])).toEqual(
		notes.map(({ track, pitch }) => [track, pitch])
	);
	played.forEach(({ time }, beat) => {
		expect(time).toBeCloseTo(secondsAtBar(0, TEMPO) + (beat * 60) / TEMPO, 6);
	});
});

function noteAt(beat: number): NoteEvent {
	return {
		track: 'bass',
		pitch: 36 + beat,
		velocity: 0.8,
		beat,
		duration: 0.5,
		accent: false,
		slide: false,
		frames: { first: 0, last: 0 }
	};
}

/** Stops where it was asked to, as an offline rendering does, and goes on when what waits for it has resumed it. */
class PausedRendering {
	currentTime = 0;
	readonly #stops: { time: number; stop: () => void }[] = [];
	#resumed = (): void => undefined;

	suspend(time: number): Promise<void> {
		return new Promise((stop) => this.#stops.push({ time, stop }));
	}

	resume(): Promise<void> {
		this.#resumed();
		return Promise.resolve();
	}

	async run(): Promise<void> {
		for (const { time, stop } of this.#stops) {
			this.currentTime = time;
			const resumed = new Promise<void>((resolve) => (this.#resumed = resolve));
			stop();
			await resumed;
		}
	}
}
