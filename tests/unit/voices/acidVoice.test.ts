import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PARAMETERS } from '../../../src/lib/controls/parameters';
import { ACID_PARAMETERS, isAcidParameter } from '../../../src/lib/voices/worklets/acidControls';
import { AcidVoice } from '../../../src/lib/voices/worklets/acidVoice';
import { noteAt, play, SAMPLE_RATE, turn } from './machine';
import { cents, frequencyNear, peak, powerSpectrum, rms, spectralCentroid } from './spectrum';

/** Seconds to frames. */
function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

function hertz(pitch: number): number {
	return 440 * Math.pow(2, (pitch - 69) / 12);
}

/** As steady a tone as the voice can make: nothing moves the filter once the envelope has gone. */
const STEADY = { envMod: 0, decay: 200, resonance: 0, drive: 0, accent: 0, cutoff: 5000 };

describe('oscillator', () => {
	test.each([24, 36, 48, 60, 72])('plays pitch %i within 3 cents', (pitch) => {
		const voice = new AcidVoice(SAMPLE_RATE);
		turn(voice, STEADY);
		voice.schedule(noteAt(0, 3, { pitch }));
		const samples = play(voice, 2);
		const measured = frequencyNear(samples, frames(0.8), 32_768, hertz(pitch), SAMPLE_RATE);
		expect(Math.abs(cents(measured, hertz(pitch)))).toBeLessThan(3);
	});

	test('follows the tuning knob', () => {
		const voice = new AcidVoice(SAMPLE_RATE);
		turn(voice, { ...STEADY, tuning: -5 });
		voice.schedule(noteAt(0, 3, { pitch: 48 }));
		const measured = frequencyNear(play(voice, 2), frames(0.8), 32_768, hertz(43), SAMPLE_RATE);
		expect(Math.abs(cents(measured, hertz(43)))).toBeLessThan(3);
	});

	test.each([
		['saw', 0, 0],
		['square', 1, 0],
		['saw with full drive', 0, 100]
	])('keeps the images of a %s at C5 below -60 dB', (_, waveform, drive) => {
		const voice = new AcidVoice(SAMPLE_RATE);
		turn(voice, { ...STEADY, waveform, drive });
		voice.schedule(noteAt(0, 4, { pitch: 72 }));
		const samples = play(voice, 3);
		const length = 65_536;
		const spectrum = powerSpectrum(samples, frames(1.5), length);
		const perHarmonic = (hertz(72) * length) / SAMPLE_RATE;
		let fundamental = 0;
		let image = 0;
		spectrum.forEach((power, bin) => {
			if (Math.abs(bin - perHarmonic) < 6) fundamental = Math.max(fundamental, power);
			const fromHarmonic = Math.abs(bin - perHarmonic * Math.round(bin / perHarmonic));
			if (fromHarmonic > 12) image = Math.max(image, power);
		});
		expect(10 * Math.log10(image / fundamental)).toBeLessThan(-60);
	});
});

describe('slide', () => {
	test.each([3, 12, 24])('over %i semitones is 99 % done after 55 to 65 ms', (interval) => {
		const voice = new AcidVoice(SAMPLE_RATE);
		voice.schedule(noteAt(0, 0.2, { pitch: 36, slide: true }));
		voice.schedule(noteAt(0.2, 0.2, { pitch: 36 + interval }));
		let reached = NaN;
		const one = new Float32Array(1);
		for (let frame = 0; frame < frames(0.4); frame++) {
			voice.render(one, frame);
			const travelled = 12 * Math.log2(voice.frequencyHz / hertz(36));
			if (Number.isNaN(reached) && travelled > 0.99 * interval) reached = frame / SAMPLE_RATE - 0.2;
		}
		expect(reached).toBeGreaterThan(0.055);
		expect(reached).toBeLessThan(0.065);
	});

	test('does not strike the second note again', () => {
		const centroids = [true, false].map((slide) => {
			const voice = new AcidVoice(SAMPLE_RATE);
			voice.schedule(noteAt(0, 0.3, { slide }));
			voice.schedule(noteAt(0.3, 0.3, { pitch: 36 }));
			return spectralCentroid(play(voice, 0.6), frames(0.303), 2048, SAMPLE_RATE);
		});
		expect(centroids[0]).toBeLessThan(0.7 * centroids[1]!);
	});

	test('ties the two notes without a gap, though the first ends early', () => {
		const voice = new AcidVoice(SAMPLE_RATE);
		turn(voice, { resonance: 0 });
		voice.schedule(noteAt(0, 0.1, { slide: true }));
		voice.schedule(noteAt(0.2, 0.2, { pitch: 38 }));
		const samples = play(voice, 0.4);
		expect(rms(samples, frames(0.15), frames(0.2))).toBeGreaterThan(0.05);
	});

	test('lets go in the end when no second note comes', () => {
		const voice = new AcidVoice(SAMPLE_RATE);
		voice.schedule(noteAt(0, 0.1, { slide: true }));
		expect(peak(play(voice, 1), frames(0.8))).toBe(0);
	});
});

describe('accent', () => {
	const line = (accents: readonly boolean[]): Float32Array => {
		const voice = new AcidVoice(SAMPLE_RATE);
		turn(voice, { accent: 100, resonance: 80 });
		accents.forEach((accent, i) => voice.schedule(noteAt(i * 0.121, 0.08, { accent })));
		return play(voice, accents.length * 0.121);
	};
	const brightness = (samples: Float32Array, note: number): number =>
		spectralCentroid(samples, frames(note * 0.121), 4096, SAMPLE_RATE);

	test('makes each of three accents in a row brighter than the last', () => {
		const samples = line([true, true, true]);
		expect(brightness(samples, 1)).toBeGreaterThan(1.1 * brightness(samples, 0));
		expect(brightness(samples, 2)).toBeGreaterThan(1.03 * brightness(samples, 1));
	});

	test('is forgotten after a bar of plain notes', () => {
		const samples = line([true, true, ...Array<boolean>(16).fill(false), true]);
		const once = brightness(line([true]), 0);
		expect(Math.abs(brightness(samples, 18) / once - 1)).toBeLessThan(0.05);
	});

	test('is louder than a plain note', () => {
		const samples = line([false, true]);
		const plain = rms(samples, 0, frames(0.08));
		expect(rms(samples, frames(0.121), frames(0.201))).toBeGreaterThan(1.25 * plain);
	});
});

describe('safety', () => {
	const ranges = PARAMETERS.flatMap((parameter) => {
		const name = parameter.id.slice('bass.'.length);
		return parameter.group === 'bass' && isAcidParameter(name) ? [{ name, parameter }] : [];
	});

	test('every acid parameter is in the parameter table', () => {
		expect(ranges.map(({ name }) => name).sort()).toEqual([...ACID_PARAMETERS].sort());
	});

	const anyValue = fc.oneof(
		fc.double({ min: -1e4, max: 1e4, noNaN: true }),
		fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e300, -1e300, 1e-310)
	);
	const anyEvent = fc.oneof(
		fc.record({ parameter: fc.constantFrom(...ACID_PARAMETERS), value: anyValue }),
		fc.record({
			pitch: anyValue,
			velocity: anyValue,
			durationFrames: anyValue,
			accent: fc.boolean(),
			slide: fc.boolean()
		})
	);

	test('the output is finite and bounded whatever is sent', () => {
		fc.assert(
			fc.property(fc.array(anyEvent, { minLength: 5, maxLength: 40 }), (events) => {
				const voice = new AcidVoice(SAMPLE_RATE);
				events.forEach((event, i) => {
					const frame = i * 500;
					if ('parameter' in event) voice.schedule({ kind: 'set', frame, ...event });
					else voice.schedule({ kind: 'note', frame, ...event });
				});
				const samples = play(voice, 0.5);
				for (const sample of samples) if (!(Math.abs(sample) < 4)) return false;
				return true;
			}),
			{ numRuns: 60 }
		);
	});

	test('a random walk over all knobs within their ranges stays bounded', () => {
		const step = fc.tuple(
			fc.constantFrom(...ranges),
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.integer({ min: 24, max: 84 }),
			fc.boolean()
		);
		fc.assert(
			fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
				const voice = new AcidVoice(SAMPLE_RATE);
				steps.forEach(([{ name, parameter }, travel, pitch, accent], i) => {
					const [min, max] = parameter.kind === 'number' ? [parameter.min, parameter.max] : [0, 1];
					turn(voice, { [name]: min + travel * (max - min) }, i * 0.03);
					voice.schedule(noteAt(i * 0.03, 0.025, { pitch, accent, slide: pitch % 3 === 0 }));
				});
				return peak(play(voice, 1)) < 2.5;
			}),
			{ numRuns: 40 }
		);
	});

	test('is exactly silent soon after the last note, at full resonance too', () => {
		const voice = new AcidVoice(SAMPLE_RATE);
		turn(voice, { resonance: 100, cutoff: 2000, drive: 100 });
		voice.schedule(noteAt(0, 0.2));
		const samples = play(voice, 1);
		expect(peak(samples, 0, frames(0.2))).toBeGreaterThan(0.1);
		expect(peak(samples, frames(0.2 + 0.08))).toBe(0);
	});

	test('silence ends the note that sounds and those that are planned', () => {
		const voice = new AcidVoice(SAMPLE_RATE);
		for (let i = 0; i < 10; i++) voice.schedule(noteAt(i * 0.1, 0.09));
		voice.schedule({ kind: 'silence', frame: frames(0.25) });
		const samples = play(voice, 1.2);
		expect(peak(samples, frames(0.2), frames(0.25))).toBeGreaterThan(0.05);
		expect(peak(samples, frames(0.3))).toBe(0);
	});

	test('plays again after a silence', () => {
		const voice = new AcidVoice(SAMPLE_RATE);
		voice.schedule({ kind: 'silence', frame: 0 });
		voice.schedule(noteAt(0.1, 0.1));
		expect(peak(play(voice, 0.2))).toBeGreaterThan(0.1);
	});

	test('a note begins on its very sample', () => {
		const early = new AcidVoice(SAMPLE_RATE);
		const late = new AcidVoice(SAMPLE_RATE);
		early.schedule(noteAt(0, 0.1));
		late.schedule({ ...noteAt(0, 0.1), frame: 77 });
		const first = play(early, 0.1);
		const second = play(late, 0.1);
		expect(Array.from(second.subarray(77, 1077))).toEqual(Array.from(first.subarray(0, 1000)));
		expect(peak(second, 0, 77)).toBe(0);
	});
});
