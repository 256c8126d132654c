import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIO_HORIZON_SECONDS } from '../../../src/lib/clock/scheduler';
import { RecordingVoice, setUp } from './schedulerRig';

describe('whatever the ticks, the tempo and the swing do', () => {
	const notes = fc.uniqueArray(fc.integer({ min: 0, max: 47 }), {
		minLength: 1,
		maxLength: 20,
		size: 'max'
	});
	const tick = fc.record({
		afterMilliseconds: fc.integer({ min: 1, max: 95 }),
		bpm: fc.option(fc.integer({ min: 60, max: 200 }), { freq: 3 })
	});

	it('each note is handed over exactly once in each lane, in order of time, in time and at its time', () => {
		fc.assert(
			fc.property(
				notes,
				fc.array(tick, { minLength: 20, maxLength: 120, size: 'max' }),
				fc.integer({ min: 50, max: 75 }),
				(steps, ticks, swing) => {
					const set = setUp(
						60,
						steps.map((step) => ({ beat: step / 12 }))
					);
					const midi = new RecordingVoice();
					set.scheduler.addLane({ voice: midi, plays: () => true, horizonSeconds: 0.1 }, 0);
					set.settings.swing = swing;
					set.scheduler.start(0, 124);
					let now = 0;
					for (const { afterMilliseconds, bpm } of ticks) {
						now += afterMilliseconds / 1000;
						for (const { played } of [set.voice, midi]) played.length = 0;
						const cursors = [
							set.scheduler.beatAt(now - afterMilliseconds / 1000 + 0.15),
							set.scheduler.beatAt(now - afterMilliseconds / 1000 + 0.1)
						];
						set.scheduler.tick(now);
						[set.voice, midi].forEach((voice, lane) => {
							const horizon = lane === 0 ? 0.15 : 0.1;
							const from = now === afterMilliseconds / 1000 ? 0 : cursors[lane]!;
							const expected = set.timeline.notesBetween(from, set.scheduler.beatAt(now + horizon));
							expect(voice.beats).toEqual(expected.map(({ beat }) => beat));
							let last = now;
							for (const { note, time } of voice.played) {
								expect(time).toBeGreaterThanOrEqual(last);
								expect(time).toBeLessThanOrEqual(now + horizon + 1e-9);
								expect(time).toBeCloseTo(set.scheduler.timeAt(note.beat), 9);
								last = time;
							}
						});
						if (bpm !== null) set.scheduler.setTempo(bpm, now);
					}
					expect(set.scheduler.late).toEqual({ played: 0, moved: 0, dropped: 0 });
				}
			),
			{ numRuns: 60 }
		);
	});

	/**
	 * Straightened from full swing at 60 BPM a note comes up to 125 ms earlier, where the horizon is 150: after a longer
	 * pause it would be later than 20 ms, and wait for the next sixteenth as it should.
	 */
	const tickInTime = fc.record({
		afterMilliseconds: fc.integer({ min: 1, max: 44 }),
		bpm: fc.option(fc.integer({ min: 60, max: 200 }), { freq: 3 })
	});

	it('over a whole run none is doubled and none is left out, with the swing knob in motion too', () => {
		fc.assert(
			fc.property(
				notes,
				fc.array(fc.record({ step: tickInTime, swing: fc.integer({ min: 50, max: 75 }) }), {
					minLength: 20,
					maxLength: 150,
					size: 'max'
				}),
				(steps, ticks) => {
					const set = setUp(
						60,
						steps.map((step) => ({ beat: step / 12 }))
					);
					set.scheduler.start(0, 124);
					let now = 0;
					let reached = 0;
					for (const { step, swing } of ticks) {
						now += step.afterMilliseconds / 1000;
						set.settings.swing = swing;
						set.scheduler.tick(now);
						reached = Math.max(reached, set.scheduler.beatAt(now + AUDIO_HORIZON_SECONDS));
						if (step.bpm !== null) set.scheduler.setTempo(step.bpm, now);
					}
					const expected = set.timeline.notesBetween(0, reached).map(({ beat }) => beat);
					expect(set.voice.beats).toEqual(expected);
					expect(set.announced.map(({ note }) => note.beat)).toEqual(expected);
				}
			),
			{ numRuns: 60 }
		);
	});
});
