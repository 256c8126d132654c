import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PluckVoice } from '../../../src/lib/voices/worklets/pluckVoice';
import { noteAt, play, SAMPLE_RATE, turn } from './machine';
import { cents, frequencyNear, peak, rms, spectralCentroid } from './spectrum';

function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

describe('plucked strings', () => {
	test.each([48, 60, 72, 84, 91])('play pitch %i within 4 cents', (pitch) => {
		const voice = new PluckVoice(SAMPLE_RATE);
		turn(voice, { decay: 2000, brightness: 60 });
		voice.schedule(noteAt(0, 1, { pitch }));
		const hertz = 440 * Math.pow(2, (pitch - 69) / 12);
		const measured = frequencyNear(play(voice, 1), frames(0.05), 16_384, hertz, SAMPLE_RATE);
		expect(Math.abs(cents(measured, hertz))).toBeLessThan(4);
	});

	test('fall away in the time that the decay knob names, at every pitch', () => {
		for (const pitch of [50, 74]) {
			const voice = new PluckVoice(SAMPLE_RATE);
			turn(voice, { decay: 1000, brightness: 100 });
			voice.schedule(noteAt(0, 1, { pitch }));
			const samples = play(voice, 1);
			const fall =
				20 *
				Math.log10(rms(samples, frames(0.1), frames(0.2)) / rms(samples, frames(0.5), frames(0.6)));
			expect(fall).toBeGreaterThan(20);
			expect(fall).toBeLessThan(34);
		}
	});

	test('are brighter when the knob is up and when they are plucked hard', () => {
		const centroid = (brightness: number, velocity: number): number => {
			const voice = new PluckVoice(SAMPLE_RATE);
			turn(voice, { brightness });
			voice.schedule(noteAt(0, 1, { pitch: 60, velocity }));
			return spectralCentroid(play(voice, 0.2), 0, 4096, SAMPLE_RATE);
		};
		expect(centroid(80, 0.8)).toBeGreaterThan(1.3 * centroid(20, 0.8));
		expect(centroid(50, 1)).toBeGreaterThan(1.1 * centroid(50, 0.25));
	});

	test('silence ends what sounds and what is planned', () => {
		const voice = new PluckVoice(SAMPLE_RATE);
		turn(voice, { decay: 2000 });
		for (let i = 0; i < 10; i++) voice.schedule(noteAt(i * 0.1, 0.1, { pitch: 60 + i }));
		voice.schedule({ kind: 'silence', frame: frames(0.25) });
		const samples = play(voice, 1.2);
		expect(peak(samples, frames(0.2), frames(0.25))).toBeGreaterThan(0.01);
		expect(peak(samples, frames(0.29))).toBe(0);
	});

	test('stay finite and bounded whatever is sent, and end in exact silence', () => {
		const anyValue = fc.oneof(
			fc.double({ min: -1000, max: 1000, noNaN: true }),
			fc.constantFrom(NaN, Infinity, -Infinity, 0)
		);
		fc.assert(
			fc.property(fc.array(fc.tuple(anyValue, anyValue, anyValue, anyValue)), (events) => {
				const voice = new PluckVoice(SAMPLE_RATE);
				events.forEach(([brightness, decay, pitch, velocity], i) => {
					turn(voice, { brightness, decay }, i * 0.01);
					voice.schedule({ ...noteAt(i * 0.01, 0.1), pitch, velocity });
				});
				turn(voice, { decay: 40 }, 0.3);
				const samples = play(voice, 0.5);
				for (const sample of samples) if (!(Math.abs(sample) < 12)) return false;
				return true;
			}),
			{ numRuns: 40 }
		);
		const voice = new PluckVoice(SAMPLE_RATE);
		voice.schedule(noteAt(0, 0.1));
		expect(peak(play(voice, 1), frames(0.9))).toBe(0);
	});
});
