/** The sound carries the signal: from the audio alone it is told which activations turned the knobs. */
import { expect, test } from 'vitest';
import { ParameterValues } from '../../src/lib/controls/parameterValues';
import type { VoiceTrack } from '../../src/lib/controls/parameters';
import { PatchBay } from '../../src/lib/instrument/patchBay';
import { SIGNALS, type Signal } from '../../src/lib/signals/frameSignals';
import { DEFAULT_PATCH } from '../../src/lib/signals/patchPresets';
import type { Rack } from '../../src/lib/voices/rack';
import { houseLoop } from './houseLoop';
import type { Stereo } from './measure';
import { renderRack } from './render';

const SAMPLE_RATE = 48_000;

/** Notes of a trial, and their distance: sixteenths at 124 BPM. */
const NOTES = 6;
const NOTE_SECONDS = 0.121;
/** Between trials the echoes of the last one die away. */
const TRIAL_SECONDS = NOTES * NOTE_SECONDS + 0.15;

/** What the model did at each note of a trial. */
type Trace = Record<Signal, number>[];

/** Numbers that are the same on every machine: mulberry32. */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

/** Signals as the normaliser gives them: the logistic of something near a standard normal deviate. */
function drawTrace(random: () => number): Trace {
	const deviate = () =>
		Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
	return Array.from(
		{ length: NOTES },
		() =>
			Object.fromEntries(
				SIGNALS.map((signal) => [signal, 1 / (1 + Math.exp(-deviate()))])
			) as Trace[number]
	);
}

/** Traces that are handed over at a time: a queue of the audio thread holds 4,096 events. */
const HANDED_OVER = 40;

/** Plays the same notes once for every trace, one trace after the other, through the patch that everybody gets. */
function playTraces(
	rack: Rack,
	context: OfflineAudioContext,
	track: VoiceTrack,
	pitch: number,
	traces: readonly Trace[]
): void {
	const frames = traces.flat();
	const bay = new PatchBay({
		values: new ParameterValues(),
		signal: ({ signal }, first) => frames[first]![signal],
		turn: (id, value, time) => rack.set(id, value, time)
	});
	bay.setCables(DEFAULT_PATCH);
	const voice = bay.voice(track, rack.voices[track]);
	const [{ note }] = houseLoop([track], 1) as [ReturnType<typeof houseLoop>[number]];
	function playFrom(trace: number): void {
		const end = Math.min(traces.length, trace + HANDED_OVER) * NOTES;
		for (let i = trace * NOTES; i < end; i++) {
			const time = 0.1 + Math.floor(i / NOTES) * TRIAL_SECONDS + (i % NOTES) * NOTE_SECONDS;
			const durationSeconds = 0.6 * NOTE_SECONDS;
			const played = { ...note, pitch, durationSeconds, accent: false, slide: false };
			voice.play({ ...played, frames: { first: i, last: i } }, time);
		}
	}
	playFrom(0);
	for (let trace = HANDED_OVER; trace < traces.length; trace += HANDED_OVER) {
		void context.suspend(trace * TRIAL_SECONDS).then(async () => {
			playFrom(trace);
			await rack.settled();
			await context.resume();
		});
	}
}

/** Where the energy of a note's first 80 ms lies, ln Hz: the mean of its derivative against the mean of itself. */
function brightness({ left, sampleRate }: Stereo, time: number): number {
	let energy = 0;
	let slope = 0;
	const from = Math.round(time * sampleRate);
	for (let i = from; i < from + Math.round(0.08 * sampleRate); i++) {
		energy += left[i]! ** 2;
		slope += (left[i + 1]! - left[i]!) ** 2;
	}
	return 0.5 * Math.log(slope / (energy + 1e-12));
}

test.each([
	{ track: 'bass', pitch: 36, signal: 'attentionEntropy', trials: 200 },
	{ track: 'lead', pitch: 69, signal: 'surprise', trials: 40 },
	{ track: 'arp', pitch: 72, signal: 'uncertainty', trials: 40 }
] as const)(
	'of two renderings of the $track, the brighter notes tell which trace was whose in 95 of 100 trials',
	async ({ track, pitch, signal, trials }) => {
		const random = generator(7);
		const traces = Array.from({ length: 2 * trials }, () => drawTrace(random));
		const seconds = 0.4 + traces.length * TRIAL_SECONDS;
		const { sound, latencySeconds } = await renderRack(seconds, SAMPLE_RATE, (rack, context) => {
			rack.set(`${track}.delay`, -60, 0);
			rack.set(`${track}.reverb`, -60, 0);
			playTraces(rack, context, track, pitch, traces);
		});
		const heard = (trial: number, note: number): number =>
			brightness(sound, 0.1 + latencySeconds + trial * TRIAL_SECONDS + note * NOTE_SECONDS);
		let right = 0;
		for (let trial = 0; trial < traces.length; trial += 2) {
			let agreement = 0;
			for (let note = 0; note < NOTES; note++) {
				const asked = traces[trial]![note]![signal] - traces[trial + 1]![note]![signal];
				agreement += asked * (heard(trial, note) - heard(trial + 1, note));
			}
			right += Number(agreement > 0);
		}
		console.info(`${track}: ${right} of ${trials} traces told apart`);
		expect(right / trials).toBeGreaterThanOrEqual(0.95);
	}
);
