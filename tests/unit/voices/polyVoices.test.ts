/** FM bass, organ, pulse lead and bowed string: what every voice must do, and what makes each of them itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VOICE_PARAMETERS } from '../../../src/lib/controls/voiceParameters';
import { createBowedString } from '../../../src/lib/voices/worklets/bowedString';
import { createFmBass } from '../../../src/lib/voices/worklets/fmBass';
import { frequencyOfPitch, type NoteMachine } from '../../../src/lib/voices/worklets/noteMachine';
import { createOrgan } from '../../../src/lib/voices/worklets/organ';
import { createPulseLead } from '../../../src/lib/voices/worklets/pulseLead';
import { noteAt, play, SAMPLE_RATE, turn } from './machine';
import { cents, frequencyNear, peak, powerSpectrum, rms, spectralCentroid } from './spectrum';

interface Voice {
	name: string;
	create: (sampleRate: number) => NoteMachine;
	/** knobs that leave one steady tone to be measured */
	steady: Record<string, number>;
	/** knobs of the parameter table that belong to it: track and place in the choices of its voice */
	table: { track: string; voice: number };
	pitches: number[];
	/** how far a pitch may be off, cents */
	tolerance: number;
	/** the loudest that may stand between the harmonics at C5, dB: images, and for the bow the noise of its slipping */
	between: number;
}

const VOICES: Voice[] = [
	{
		name: 'FM bass',
		create: createFmBass,
		steady: { fmIndex: 20, fmFeedback: 0 },
		table: { track: 'bass', voice: 1 },
		pitches: [28, 40, 52],
		tolerance: 1,
		between: -60
	},
	{
		name: 'organ',
		create: createOrgan,
		steady: { tremulant: 0, percussion: 0 },
		table: { track: 'chords', voice: 1 },
		pitches: [48, 60, 72, 84],
		tolerance: 1,
		between: -60
	},
	{
		name: 'pulse lead',
		create: createPulseLead,
		steady: { pulseDetune: 0 },
		table: { track: 'lead', voice: 1 },
		pitches: [48, 60, 72, 84],
		tolerance: 2,
		between: -60
	},
	{
		name: 'bowed string',
		create: createBowedString,
		steady: { bowVibrato: 0 },
		table: { track: 'lead', voice: 2 },
		pitches: [55, 62, 69, 76, 81],
		tolerance: 12,
		between: -50
	}
];

function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

function knobsOf({ table }: Voice): string[] {
	return VOICE_PARAMETERS.filter(
		({ group, voice }) => group === table.track && voice === table.voice
	).map(({ id }) => id.slice(table.track.length + 1));
}

describe.each(VOICES)('the $name', (voice) => {
	const { create, steady, pitches, tolerance, between } = voice;

	test('plays in tune', () => {
		for (const pitch of pitches) {
			const machine = create(SAMPLE_RATE);
			turn(machine, steady);
			machine.schedule(noteAt(0, 1.4, { pitch, velocity: 0.8 }));
			const hertz = frequencyOfPitch(pitch);
			const measured = frequencyNear(play(machine, 1.4), frames(0.5), 16_384, hertz, SAMPLE_RATE);
			expect(Math.abs(cents(measured, hertz)), `pitch ${pitch}`).toBeLessThan(tolerance);
		}
	});

	test('stands at a level between -30 and -3 dBFS, begins within 60 ms and ends within a second', () => {
		for (const pitch of pitches) {
			const machine = create(SAMPLE_RATE);
			machine.schedule(noteAt(0.1, 0.5, { pitch }));
			const samples = play(machine, 3);
			expect(peak(samples, 0, frames(0.1))).toBe(0);
			const level = 20 * Math.log10(peak(samples));
			expect(level, `pitch ${pitch}`).toBeGreaterThan(-30);
			expect(level, `pitch ${pitch}`).toBeLessThan(-3);
			expect(peak(samples, frames(0.1), frames(0.16))).toBeGreaterThan(0.1 * peak(samples));
			expect(peak(samples, frames(1.6))).toBeLessThan(1e-4);
		}
	});

	test('has its images far below its tone at C5', () => {
		const machine = create(SAMPLE_RATE);
		turn(machine, steady);
		machine.schedule(noteAt(0, 2, { pitch: 72 }));
		const length = 32_768;
		const spectrum = powerSpectrum(play(machine, 1.6), frames(0.6), length);
		const hertz = frequencyOfPitch(72);
		let harmonic = 0;
		let image = 0;
		spectrum.forEach((power, bin) => {
			const frequency = (bin * SAMPLE_RATE) / length;
			const distance = Math.abs(frequency - hertz * Math.round(frequency / hertz));
			if (distance < 60) harmonic = Math.max(harmonic, power);
			else if (frequency > 100 && distance > 150) image = Math.max(image, power);
		});
		expect(10 * Math.log10(image / harmonic)).toBeLessThan(between);
	});

	test('has every knob of the table, and each changes its sound', () => {
		const sound = (knobs: Record<string, number>): Float32Array => {
			const machine = create(SAMPLE_RATE);
			turn(machine, knobs);
			for (const [i, pitch] of pitches.entries())
				machine.schedule(noteAt(0.02 + 0.4 * i, 0.3, { pitch, accent: i % 2 === 1 }));
			return play(machine, 0.4 * pitches.length + 0.2);
		};
		for (const knob of knobsOf(voice)) {
			const { id, ...parameter } = VOICE_PARAMETERS.find(
				({ id }) => id === `${voice.table.track}.${knob}`
			)!;
			if (parameter.kind !== 'number') throw new Error(`${id} is no number.`);
			const [low, high] = [parameter.min, parameter.max].map((value) => sound({ [knob]: value }));
			const difference = low!.map((sample, i) => sample - high![i]!);
			expect(rms(difference, 0, difference.length), id).toBeGreaterThan(
				0.1 * rms(low!, 0, low!.length)
			);
		}
	});

	test('is louder, and not darker, when it is played harder', () => {
		const played = (velocity: number): Float32Array => {
			const machine = create(SAMPLE_RATE);
			machine.schedule(noteAt(0, 0.6, { pitch: pitches[1]!, velocity }));
			return play(machine, 0.6);
		};
		const [soft, hard] = [played(0.25), played(1)];
		expect(rms(hard, 0, hard.length)).toBeGreaterThan(1.08 * rms(soft, 0, soft.length));
		const brightness = (samples: Float32Array): number =>
			spectralCentroid(samples, 0, 16_384, SAMPLE_RATE);
		expect(brightness(hard)).toBeGreaterThan(0.95 * brightness(soft));
	});

	test('glides into the note after a slide without a new attack', () => {
		const machine = create(SAMPLE_RATE);
		turn(machine, steady);
		const [from, to] = [pitches[0]!, pitches[0]! + 7];
		machine.schedule(noteAt(0, 0.3, { pitch: from, slide: true }));
		machine.schedule(noteAt(0.3, 1, { pitch: to }));
		const samples = play(machine, 1.3);
		expect(rms(samples, frames(0.29), frames(0.33))).toBeGreaterThan(
			0.3 * rms(samples, frames(0.1), frames(0.28))
		);
		const hertz = frequencyOfPitch(to);
		const measured = frequencyNear(samples, frames(0.7), 8192, hertz, SAMPLE_RATE);
		expect(Math.abs(cents(measured, hertz))).toBeLessThan(tolerance + 2);
	});

	test('silence ends what sounds and what is planned, and the next note sounds', () => {
		const machine = create(SAMPLE_RATE);
		for (let i = 0; i < 8; i++) machine.schedule(noteAt(i * 0.1, 0.5, { pitch: pitches[0]! + i }));
		machine.schedule({ kind: 'silence', frame: frames(0.35) });
		machine.schedule(noteAt(1, 0.3, { pitch: pitches[1]! }));
		const samples = play(machine, 1.4);
		expect(peak(samples, frames(0.25), frames(0.35))).toBeGreaterThan(0.01);
		expect(peak(samples, frames(0.4), frames(0.99))).toBe(0);
		expect(peak(samples, frames(1), frames(1.3))).toBeGreaterThan(0.01);
	});

	test('stays finite and bounded whatever is sent, and ends in exact silence', () => {
		const anyValue = fc.oneof(
			fc.double({ min: -1e4, max: 1e4, noNaN: true }),
			fc.constantFrom(NaN, Infinity, -Infinity, 0)
		);
		const message = fc.oneof(
			fc.record({
				kind: fc.constant('note' as const),
				frame: fc.nat(20_000),
				pitch: anyValue,
				velocity: anyValue,
				durationFrames: anyValue,
				accent: fc.boolean(),
				slide: fc.boolean()
			}),
			fc.record({
				kind: fc.constant('set' as const),
				frame: fc.nat(20_000),
				parameter: fc.constantFrom(...knobsOf(voice), 'nothing'),
				value: anyValue
			})
		);
		fc.assert(
			fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
				const machine = create(SAMPLE_RATE);
				for (const one of messages) machine.schedule(one);
				machine.schedule({ kind: 'silence', frame: 30_000 });
				const samples = play(machine, 0.8);
				expect(peak(samples)).toBeLessThan(16);
				expect(samples.every(Number.isFinite)).toBe(true);
				expect(peak(samples, frames(0.75))).toBe(0);
			}),
			{ numRuns: 15 }
		);
	});
});

describe('what makes each voice itself', () => {
	const partials = (samples: Float32Array, hertz: number, count: number): number[] => {
		const length = 16_384;
		const spectrum = powerSpectrum(samples, frames(0.4), length);
		return Array.from({ length: count }, (_, i) => {
			const bin = Math.round(((i + 1) * hertz * length) / SAMPLE_RATE);
			return Math.sqrt(Math.max(...spectrum.slice(bin - 3, bin + 4)));
		});
	};

	test('the organ stands in the registration of the drawbar table', () => {
		const machine = createOrgan(SAMPLE_RATE);
		turn(machine, { tremulant: 0, percussion: 0 });
		machine.schedule(noteAt(0, 1, { pitch: 60 }));
		const strengths = partials(play(machine, 1), frequencyOfPitch(60), 7);
		[1, 0.5, 0.3, 0.15, 0.08, 0.04, 0.02].forEach((expected, i) =>
			expect(strengths[i]! / strengths[0]!).toBeCloseTo(expected, 1)
		);
	});

	test('the organ plays eight keys at once', () => {
		const machine = createOrgan(SAMPLE_RATE);
		turn(machine, { tremulant: 0, percussion: 0 });
		const pitches = [48, 52, 55, 59, 62, 66, 69, 73];
		for (const pitch of pitches) machine.schedule(noteAt(0, 1, { pitch }));
		const samples = play(machine, 1);
		for (const pitch of pitches) {
			const [strength] = partials(samples, frequencyOfPitch(pitch), 1);
			expect(strength).toBeGreaterThan(50);
		}
	});

	test('an accent of the FM bass is brighter', () => {
		const brightness = (accent: boolean): number => {
			const machine = createFmBass(SAMPLE_RATE);
			machine.schedule(noteAt(0, 0.4, { pitch: 36, velocity: 0.7, accent }));
			return spectralCentroid(play(machine, 0.4), 0, 8192, SAMPLE_RATE);
		};
		expect(brightness(true)).toBeGreaterThan(1.1 * brightness(false));
	});

	test('the filter of the pulse lead closes after the attack', () => {
		const machine = createPulseLead(SAMPLE_RATE);
		machine.schedule(noteAt(0, 1, { pitch: 60 }));
		const samples = play(machine, 1);
		const at = (seconds: number): number =>
			spectralCentroid(samples, frames(seconds), 4096, SAMPLE_RATE);
		expect(at(0.01)).toBeGreaterThan(1.3 * at(0.6));
	});

	test('the bowed string has many partials, and its vibrato moves the pitch', () => {
		const bowed = (vibrato: number): Float32Array => {
			const machine = createBowedString(SAMPLE_RATE);
			turn(machine, { bowVibrato: vibrato });
			machine.schedule(noteAt(0, 2, { pitch: 62 }));
			return play(machine, 2);
		};
		const hertz = frequencyOfPitch(62);
		const strengths = partials(bowed(0), hertz, 8);
		const heard = strengths.filter((strength) => strength > 0.02 * Math.max(...strengths));
		expect(heard.length).toBeGreaterThan(4);
		const spread = (samples: Float32Array): number => {
			const pitches = Array.from({ length: 10 }, (_, i) =>
				frequencyNear(samples, frames(1.2 + i * 0.02), 2048, hertz, SAMPLE_RATE)
			);
			return cents(Math.max(...pitches), Math.min(...pitches));
		};
		expect(spread(bowed(100))).toBeGreaterThan(10);
		expect(spread(bowed(100))).toBeGreaterThan(3 * spread(bowed(0)));
	});
});
