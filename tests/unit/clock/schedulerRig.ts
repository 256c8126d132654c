/** A scheduler on a small timeline with recording voices, for the tests of the scheduler. */
import { AUDIO_HORIZON_SECONDS, Scheduler, type Lane } from '../../../src/lib/clock/scheduler';
import { Timeline, type PlacedBar } from '../../../src/lib/clock/timeline';
import type { PlayedNote, Voice } from '../../../src/lib/clock/voice';
import type { NoteEvent } from '../../../src/lib/music/notes';
import type { Track } from '../../../src/lib/music/vocabulary';
import { writtenBar } from './written';

/** A voice that writes down what it is told. */
export class RecordingVoice implements Voice {
	played: { note: PlayedNote; time: number }[] = [];
	advances: number[] = [];
	silenced: number[] = [];
	play(note: PlayedNote, time: number): void {
		this.played.push({ note, time });
	}
	set(): void {
		throw new Error('The scheduler sets no parameters.');
	}
	advance(time: number): void {
		this.advances.push(time);
	}
	silence(time: number): void {
		this.silenced.push(time);
	}
	dispose(): void {
		throw new Error('The scheduler does not own its voices.');
	}
	get beats(): number[] {
		return this.played.map(({ note }) => note.beat);
	}
}

/** A scheduler on a timeline of `bars` bars with a note on each beat, played by an audio lane. */
export function setUp(
	bars = 8,
	notes: Partial<NoteEvent>[] = [0, 1, 2, 3].map((beat) => ({ beat }))
) {
	const timeline = new Timeline();
	for (let bar = 0; bar < bars; bar++) timeline.place(writtenBar(bar, notes));
	const settings = { swing: 50, muted: new Set<Track>(), repeatedBars: 1 };
	const announced: { note: NoteEvent; audioTime: number; muted: boolean }[] = [];
	const due: PlacedBar[] = [];
	const scheduler = new Scheduler({
		timeline,
		swingPercent: () => settings.swing,
		muted: (track) => settings.muted.has(track),
		repeatedBars: () => settings.repeatedBars,
		onScheduled: (note, audioTime, muted) => announced.push({ note, audioTime, muted }),
		onBarDue: (bar) => due.push(bar)
	});
	const voice = new RecordingVoice();
	const lane: Lane = { voice, plays: () => true, horizonSeconds: AUDIO_HORIZON_SECONDS };
	scheduler.addLane(lane, 0);
	return { timeline, settings, announced, due, scheduler, voice, lane };
}

/** Ticks every 25 ms over (from, to]. */
export function run(scheduler: Scheduler, from: number, to: number): void {
	for (let i = 1; from + i * 0.025 <= to + 1e-9; i++) scheduler.tick(from + i * 0.025);
}
