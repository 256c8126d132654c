/** What was recorded is played again offline: the mix as it was, and stems that add up to it. */
import { expect, test } from 'vitest';
import { PARAMETERS, VOICE_TRACKS, type VoiceTrack } from '../../src/lib/controls/parameters';
import { bounce } from '../../src/lib/instrument/bounce';
import type { Performance } from '../../src/lib/session/noteLog';
import { createRack, type Rack } from '../../src/lib/voices/rack';
import { BPM, houseLoop, LOOP_SECONDS, playAll } from './houseLoop';
import { bandLevel, peakOf, stereoOf, type Stereo } from './measure';
import { renderRack } from './render';

const SAMPLE_RATE = 48_000;
const SECONDS = LOOP_SECONDS / 4;
const TURNED_AT = 1.5;

/** Two bars of house in which the bass opens half-way. */
function performance(): Performance {
	const notes = houseLoop(VOICE_TRACKS, 2).map(({ note, time }) => ({
		...{ kind: 'note' as const, time, note }
	}));
	const turn = { kind: 'turn' as const, time: TURNED_AT, id: 'bass.cutoff', value: 3000 };
	const events = [turn, ...notes].sort((a, b) => a.time - b.time);
	const knobs = Object.fromEntries(PARAMETERS.map(({ id, default: value }) => [id, value]));
	return { seconds: SECONDS, bpm: BPM, knobs: { ...knobs, ...SET }, events };
}

/**
 * The knobs before the first note. Without echoes: where Chromium cuts the loop of the delay open, and so whether an echo
 * comes one render quantum later, differs from one rendering to the next.
 */
const SET: Record<string, number> = {
	...Object.fromEntries(VOICE_TRACKS.map((track) => [`${track}.delay`, -60])),
	'bass.cutoff': 500
};

/** The same on a rack, by hand. */
function playOn(rack: Rack): void {
	rack.setTempo(BPM);
	for (const [id, value] of Object.entries(SET)) rack.set(id, value, 0);
	rack.set('bass.cutoff', 3000, TURNED_AT);
	playAll(rack, houseLoop(VOICE_TRACKS, 2));
}

async function decode(file: File): Promise<Stereo> {
	const context = new OfflineAudioContext(2, 1, SAMPLE_RATE);
	return stereoOf(await context.decodeAudioData(await file.arrayBuffer()));
}

/** How far two sounds differ over the music, in dB of the first. */
function difference(a: Stereo, b: Stereo): number {
	const length = Math.round(SECONDS * SAMPLE_RATE);
	const less = (one: Float32Array, other: Float32Array) =>
		Float32Array.from({ length }, (_, i) => one[i]! - other[i]!);
	const rest = { left: less(a.left, b.left), right: less(a.right, b.right) };
	const whole = { left: a.left.slice(0, length), right: a.right.slice(0, length) };
	const level = (sound: Omit<Stereo, 'sampleRate'>) =>
		bandLevel({ ...sound, sampleRate: SAMPLE_RATE }, 20, SAMPLE_RATE / 2);
	return level(rest) - level(whole);
}

test('a bounce sounds as what was played, knobs included, and is made faster than it sounds', async () => {
	const shares: number[] = [];
	const begun = globalThis.performance.now();
	const file = await bounce('set', performance(), 'mix', (share) => shares.push(share));
	const took = (globalThis.performance.now() - begun) / 1000;
	console.info(`${(SECONDS + 3).toFixed(1)} s bounced in ${took.toFixed(1)} s`);
	expect(file!.name).toBe('set bounced.wav');
	const { sound } = await renderRack(SECONDS + 3, SAMPLE_RATE, playOn);
	const bounced = await decode(file!);
	expect(bounced.left.length).toBe(sound.left.length);
	expect(difference(sound, bounced)).toBeLessThan(-30);
	expect(shares.length).toBeGreaterThan(4);
	expect(shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share <= 1)).toBe(true);
});

test('a bounce falls silent where the set was stopped, and sounds again after it', async () => {
	const whole = performance();
	const played = whole.events.filter(({ time }) => time < 1 || time > 2.5);
	const events = [...played, { kind: 'silence' as const, time: 1 }].sort((a, b) => a.time - b.time);
	const sound = await decode((await bounce('set', { ...whole, events }, 'mix', () => {}))!);
	const frames = (seconds: number): number => Math.round(seconds * SAMPLE_RATE);
	expect(peakOf(sound, frames(0.5), frames(0.95))).toBeGreaterThan(0.2);
	expect(peakOf(sound, frames(1.06), frames(2.45))).toBeLessThan(0.001);
	expect(peakOf(sound, frames(2.6), frames(3.4))).toBeGreaterThan(0.2);
});

test('stems add up to the mix before compressor and limiter, side-chain included', async () => {
	const stems: Stereo[] = [];
	for (const track of VOICE_TRACKS) {
		const file = await bounce('set', performance(), track, () => undefined);
		expect(file!.name).toBe(`set ${track}.wav`);
		stems.push(await decode(file!));
	}
	const added = (side: 'left' | 'right') =>
		Float32Array.from(stems[0]![side], (_, i) =>
			stems.reduce((sum, stem) => sum + stem[side][i]!, 0)
		);
	const sum = { left: added('left'), right: added('right'), sampleRate: SAMPLE_RATE };

	const context = new OfflineAudioContext(2, sum.left.length, SAMPLE_RATE);
	const rack = await createRack(context, { mastered: false });
	playOn(rack);
	await rack.settled();
	const whole = stereoOf(await context.startRendering());
	rack.dispose();
	expect(difference(whole, sum)).toBeLessThan(-30);
});

test('a bounce that is given up ends with the reason, hands nothing more over, and frees what it rendered', async () => {
	const begin = OfflineAudioContext.prototype.startRendering;
	let rendering: Promise<AudioBuffer> | null = null;
	OfflineAudioContext.prototype.startRendering = function () {
		return (rendering = begin.call(this));
	};
	const stop = new AbortController();
	const shares: number[] = [];
	const bounced = bounce('set', performance(), 'mix', show, stop.signal);
	function show(share: number): void {
		shares.push(share);
		stop.abort(new Error('enough'));
	}
	try {
		await expect(bounced).rejects.toThrow('enough');
		const sound = stereoOf(await rendering!);
		expect(shares).toHaveLength(1);
		/** it had been told of the notes of the first second, and is silent after */
		expect(peakOf(sound, 2 * SAMPLE_RATE, sound.left.length)).toBeLessThan(1e-3);
	} finally {
		OfflineAudioContext.prototype.startRendering = begin;
	}
});

test('a track without notes gives no stem', async () => {
	const { events, ...rest } = performance();
	const without = (track: VoiceTrack) =>
		events.filter((event) => event.kind !== 'note' || event.note.track !== track);
	expect(
		await bounce('set', { ...rest, events: without('lead') }, 'lead', () => undefined)
	).toBeNull();
});

test('a recording that is too long for the memory of a browser is refused, with what there is instead', async () => {
	const long = { ...performance(), seconds: 3600 };
	await expect(bounce('set', long, 'mix', () => undefined)).rejects.toThrow(/60 minutes long/);
});
