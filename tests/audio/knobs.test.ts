/** Knobs under a hand that knows no mercy: whatever is turned while music sounds, nothing clicks, jumps or breaks. */
import { describe, expect, test } from 'vitest';
import {
	PARAMETERS,
	VOICE_TRACKS,
	fromTravel,
	type NumberParameter
} from '../../src/lib/controls/parameters';
import type { Rack } from '../../src/lib/voices/rack';
import { houseLoop, playAll } from './houseLoop';
import { bandLevel, peakOf, toDecibels, type Stereo } from './measure';
import { renderRack } from './render';

const SAMPLE_RATE = 48_000;
const TURNED_EVERY_SECONDS = 0.25;

/** Everything that the rack knows. */
const KNOBS = PARAMETERS.filter(
	({ id, group, acts }) =>
		acts === 'now' &&
		!id.endsWith('.channel') &&
		(id === 'transport.volume' || VOICE_TRACKS.some((track) => track === group))
);

function part({ left, right, sampleRate }: Stereo, from: number, to: number): Stereo {
	const cut = (side: Float32Array) =>
		side.slice(Math.round(from * sampleRate), Math.round(to * sampleRate));
	return { left: cut(left), right: cut(right), sampleRate };
}

/** A part that is faded in and out within 8 ms, so that the cut itself is not heard as a click. */
function faded(sound: Stereo, from: number, to: number): Stereo {
	const cut = part(sound, from, to);
	const length = Math.round(0.008 * cut.sampleRate);
	for (const side of [cut.left, cut.right])
		for (let i = 0; i < length; i++) {
			const gain = 0.5 - 0.5 * Math.cos((Math.PI * i) / length);
			side[i]! *= gain;
			side[side.length - 1 - i]! *= gain;
		}
	return cut;
}

/** An organ chord without key click or upper drawbars: nothing of it lies above 4 kHz. */
function holdOrgan(rack: Rack, seconds: number): void {
	for (const [id, value] of [
		['chords.voice', 1],
		['chords.drawbars', 0],
		['chords.percussion', 0],
		['chords.tremulant', 0]
	] as const)
		rack.set(id, value, 0);
	const [{ note }] = houseLoop(['chords'], 1) as [ReturnType<typeof houseLoop>[number]];
	for (const pitch of [48, 55, 60])
		rack.voices.chords.play({ ...note, pitch, durationSeconds: seconds }, 0.1);
}

describe('a knob that is thrown from one end to the other under a held chord', () => {
	const thrown = KNOBS.filter(
		({ id, group, voice = 1 }) =>
			(group === 'chords' || id === 'transport.volume') &&
			voice === 1 &&
			!['chords.voice', 'chords.solo'].includes(id)
	);

	test('clicks no louder than -40 dB', async () => {
		const seconds = 0.6 + 2 * thrown.length * TURNED_EVERY_SECONDS;
		const { sound, latencySeconds } = await renderRack(seconds, SAMPLE_RATE, (rack) => {
			holdOrgan(rack, seconds);
			thrown.forEach((parameter, i) => {
				const time = 0.6 + 2 * i * TURNED_EVERY_SECONDS;
				const far =
					parameter.kind === 'number'
						? parameter.default - parameter.min > parameter.max - parameter.default
							? parameter.min
							: parameter.max
						: 1 - parameter.default;
				rack.set(parameter.id, far, time);
				rack.set(parameter.id, parameter.default, time + TURNED_EVERY_SECONDS);
			});
		});
		const loud = bandLevel(part(sound, 0.3, 0.6), 60, 4000);
		const clicks = thrown.map(({ id }, i) => {
			const time = 0.6 + latencySeconds + 2 * i * TURNED_EVERY_SECONDS;
			const worst = Math.max(
				...[0, TURNED_EVERY_SECONDS].map((later) =>
					bandLevel(faded(sound, time + later - 0.015, time + later + 0.04), 8000, 20_000)
				)
			);
			return { id, decibels: worst - loud };
		});
		console.info(clicks.map(({ id, decibels }) => `${id} ${decibels.toFixed(0)} dB`).join(', '));
		for (const { id, decibels } of clicks) expect(decibels, id).toBeLessThan(-40);
	});
});

describe('a random walk over all knobs', () => {
	/** Numbers that are the same on every machine: a linear congruential generator. */
	function generator(seed: number): () => number {
		let state = seed;
		return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
	}

	test('with whole bounds keeps the music finite and below the ceiling', async () => {
		const random = generator(3);
		const { sound } = await renderRack(10, SAMPLE_RATE, (rack) => {
			playAll(rack, houseLoop(VOICE_TRACKS, 5));
			for (let time = 0.2; time < 9.8; time += 0.02) {
				const parameter = KNOBS[Math.floor(random() * KNOBS.length)]!;
				const value =
					parameter.kind === 'number'
						? fromTravel(parameter, random())
						: parameter.kind === 'choice'
							? Math.floor(random() * parameter.choices.length)
							: Number(random() < 0.3);
				rack.set(parameter.id, value, time);
			}
		});
		for (const side of [sound.left, sound.right])
			expect(side.every((sample) => Number.isFinite(sample))).toBe(true);
		expect(toDecibels(peakOf(sound))).toBeLessThanOrEqual(-0.999);
		expect(peakOf(sound)).toBeGreaterThan(0.05);
	});

	test('in small steps makes no level jump under a held chord', async () => {
		const random = generator(4);
		const walked = KNOBS.filter(
			(parameter): parameter is NumberParameter =>
				parameter.kind === 'number' &&
				parameter.group === 'chords' &&
				(parameter.voice ?? 1) === 1 &&
				!['chords.percussion', 'chords.tremulant'].includes(parameter.id)
		);
		expect(walked.length).toBeGreaterThan(6);
		const travels = new Map(walked.map((parameter) => [parameter.id, 0.6]));
		const seconds = 12;
		const { sound } = await renderRack(seconds, SAMPLE_RATE, (rack) => {
			holdOrgan(rack, seconds);
			for (const parameter of walked) rack.set(parameter.id, fromTravel(parameter, 0.6), 0);
			for (let time = 1; time < seconds - 0.5; time += 0.03) {
				const parameter = walked[Math.floor(random() * walked.length)]!;
				const before = travels.get(parameter.id)!;
				const travel = Math.max(0.45, Math.min(1, before + 0.08 * (random() - 0.5)));
				travels.set(parameter.id, travel);
				rack.set(parameter.id, fromTravel(parameter, travel), time);
			}
		});
		const levels = Array.from({ length: Math.floor((seconds - 1.5) / 0.05) }, (_, i) =>
			bandLevel(part(sound, 1 + i * 0.05, 1.05 + i * 0.05), 0, SAMPLE_RATE / 2)
		);
		const jumps = levels.slice(1).map((level, i) => Math.abs(level - levels[i]!));
		expect(Math.max(...jumps)).toBeLessThan(3.5);
	});
});
