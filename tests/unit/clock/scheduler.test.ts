import { describe, expect, it } from 'vitest';
import {
	AUDIO_HORIZON_SECONDS,
	MIDI_HORIZON_SECONDS,
	START_LEAD_SECONDS
} from '../../../src/lib/clock/scheduler';
import { RecordingVoice, run, setUp } from './schedulerRig';

describe('playing', () => {
	it('begins with beat 0 after a lead, and hands each note over shortly before its time', () => {
		const { scheduler, voice } = setUp();
		scheduler.start(10, 120);
		scheduler.tick(10);
		expect(voice.played).toEqual([]);
		run(scheduler, 10, 11);
		expect(voice.beats).toEqual([0, 1]);
		expect(voice.played[0]!.time).toBeCloseTo(10 + START_LEAD_SECONDS);
		expect(voice.played[1]!.time).toBeCloseTo(10 + START_LEAD_SECONDS + 0.5);
	});

	it('hands nothing over before it is within the horizon of the lane', () => {
		const { scheduler, voice } = setUp();
		scheduler.start(0, 120);
		scheduler.tick(START_LEAD_SECONDS + 0.5 - AUDIO_HORIZON_SECONDS - 0.001);
		expect(voice.beats).not.toContain(1);
		scheduler.tick(START_LEAD_SECONDS + 0.5 - AUDIO_HORIZON_SECONDS + 0.001);
		expect(voice.beats).toContain(1);
	});

	it('serves a MIDI lane later than the audio lane, with the same times', () => {
		const { scheduler, voice } = setUp();
		const midi = new RecordingVoice();
		scheduler.addLane({ voice: midi, plays: () => true, horizonSeconds: MIDI_HORIZON_SECONDS }, 0);
		scheduler.start(0, 120);
		scheduler.tick(START_LEAD_SECONDS - 0.12);
		expect([voice.beats, midi.beats]).toEqual([[0], []]);
		run(scheduler, START_LEAD_SECONDS - 0.12, 3);
		expect(midi.played).toEqual(voice.played.slice(0, midi.played.length));
		expect(midi.played.length).toBeGreaterThan(4);
	});

	it('gives each lane its tracks only', () => {
		const { scheduler } = setUp(2, [
			{ beat: 0, track: 'bass' },
			{ beat: 1, track: 'lead' }
		]);
		const bass = new RecordingVoice();
		scheduler.addLane({ voice: bass, plays: (track) => track === 'bass', horizonSeconds: 0.15 }, 0);
		scheduler.start(0, 120);
		run(scheduler, 0, 3);
		expect(new Set(bass.played.map(({ note }) => note.track))).toEqual(new Set(['bass']));
		expect(bass.beats).toEqual([0, 4]);
	});

	it('says how many seconds a note lasts at the tempo, across a change of it', () => {
		const { scheduler, voice } = setUp(4, [{ beat: 0, duration: 2 }]);
		scheduler.start(0, 120);
		run(scheduler, 0, 2);
		expect(voice.played[0]!.note.durationSeconds).toBeCloseTo(1);
		scheduler.setTempo(60, 2);
		run(scheduler, 2, 3);
		expect(voice.played[1]!.note.durationSeconds).toBeCloseTo(2);
	});

	it('delays the off-sixteenths by the swing of the moment', () => {
		const { scheduler, voice, settings } = setUp(2, [{ beat: 0 }, { beat: 0.25 }, { beat: 0.5 }]);
		settings.swing = 75;
		scheduler.start(0, 60);
		run(scheduler, 0, 2);
		const first = voice.played[0]!.time;
		expect(voice.played.map(({ time }) => time - first)).toEqual([
			0,
			expect.closeTo(0.375),
			expect.closeTo(0.5)
		]);
	});

	it('tells voices that hold messages back how far everything has been handed over', () => {
		const { scheduler, voice } = setUp();
		scheduler.start(0, 120);
		scheduler.tick(1);
		expect(voice.advances).toEqual([1 + AUDIO_HORIZON_SECONDS]);
	});

	it('lets a lane that joins while it plays begin with what comes now', () => {
		const { scheduler } = setUp();
		scheduler.start(0, 120);
		run(scheduler, 0, 2);
		const late = new RecordingVoice();
		scheduler.addLane({ voice: late, plays: () => true, horizonSeconds: 0.1 }, 2);
		run(scheduler, 2, 3);
		expect(late.beats).toEqual([4, 5]);
		expect(late.played.every(({ time }) => time >= 2)).toBe(true);
	});

	it('silences a lane that is taken away, once, and gives it nothing more', () => {
		const { scheduler, voice, lane } = setUp();
		scheduler.start(0, 120);
		run(scheduler, 0, 1);
		const count = voice.played.length;
		scheduler.removeLane(lane, 1);
		scheduler.removeLane(lane, 1);
		run(scheduler, 1, 2);
		expect(voice.silenced).toEqual([1]);
		expect(voice.played).toHaveLength(count);
	});

	it('stops: silences every lane and ticks do nothing until the next start, which begins at beat 0', () => {
		const { scheduler, voice } = setUp();
		scheduler.start(0, 120);
		run(scheduler, 0, 3);
		scheduler.stop(3);
		expect(voice.silenced).toEqual([3]);
		expect(scheduler.running).toBe(false);
		voice.played = [];
		run(scheduler, 3, 4);
		expect(voice.played).toEqual([]);
		scheduler.start(4, 120);
		run(scheduler, 4, 4.5);
		expect(voice.beats[0]).toBe(0);
	});

	it('does nothing while the time of a suspended context stands still', () => {
		const { scheduler, voice } = setUp();
		scheduler.start(0, 120);
		run(scheduler, 0, 1);
		const count = voice.played.length;
		for (let i = 0; i < 100; i++) scheduler.tick(1);
		expect(voice.played).toHaveLength(count);
	});

	it('knows which beat is heard when, and when a beat is heard', () => {
		const { scheduler, settings } = setUp();
		expect(scheduler.beatAt(1)).toBeNaN();
		scheduler.start(0, 120);
		settings.swing = 66;
		expect(scheduler.beatAt(0)).toBeLessThan(0);
		expect(scheduler.timeAt(2)).toBeCloseTo(START_LEAD_SECONDS + 1);
		expect(scheduler.beatAt(scheduler.timeAt(2.25))).toBeCloseTo(2.25);
	});
});

describe('muting', () => {
	it('gives the notes of a muted track to nobody, and announces them as muted', () => {
		const { scheduler, voice, announced, settings } = setUp();
		scheduler.start(0, 120);
		run(scheduler, 0, 0.5);
		settings.muted.add('lead');
		run(scheduler, 0.5, 1);
		settings.muted.clear();
		run(scheduler, 1, 1.5);
		expect(voice.beats).toEqual([0, 2]);
		expect(announced.map(({ note, muted }) => [note.beat, muted])).toEqual([
			[0, false],
			[1, true],
			[2, false]
		]);
	});
});

describe('a change of tempo', () => {
	it('acts behind what was handed over, so that no note is heard before an earlier one', () => {
		const { scheduler, voice } = setUp(
			8,
			Array.from({ length: 48 }, (_, i) => ({ beat: i / 12 }))
		);
		scheduler.start(0, 60);
		run(scheduler, 0, 1);
		const frontier = 1 + AUDIO_HORIZON_SECONDS;
		const beat = scheduler.beatAt(frontier);
		scheduler.setTempo(200, 1);
		expect(scheduler.beatAt(frontier)).toBeCloseTo(beat);
		run(scheduler, 1, 2);
		expect(scheduler.beatAt(frontier + 0.6)).toBeCloseTo(beat + 2);
		const times = voice.played.map(({ time }) => time);
		expect(times).toEqual([...times].sort((a, b) => a - b));
	});
});
