/** The whole rack, rendered offline: what a listener of the default mix gets. */
import { describe, expect, test } from 'vitest';
import { PARAMETERS, VOICE_TRACKS, type VoiceTrack } from '../../src/lib/controls/parameters';
import type { AudioBlock } from '../../src/lib/instrumentHandle';
import { DRUM_PIECES } from '../../src/lib/music/vocabulary';
import { createRack, type Rack } from '../../src/lib/voices/rack';
import { STRIP_PARAMETERS } from '../../src/lib/voices/strip';
import { BPM, houseLoop, kickTimes, LOOP_SECONDS, type LoopNote, playAll } from './houseLoop';
import {
	bandLevel,
	correlation,
	integratedLoudness,
	onsetAfter,
	peakOf,
	type Stereo,
	toDecibels
} from './measure';
import { renderRack, type Rendering } from './render';

const SAMPLE_RATE = 48_000;

function render(
	seconds: number,
	notes: readonly LoopNote[],
	direct: (rack: Rack) => void = () => {},
	sampleRate = SAMPLE_RATE
): Promise<Rendering> {
	return renderRack(seconds, sampleRate, (rack) => {
		rack.setTempo(BPM);
		playAll(rack, notes);
		direct(rack);
	});
}

function frames(seconds: number): number {
	return Math.round(seconds * SAMPLE_RATE);
}

const BAR_SECONDS = LOOP_SECONDS / 8;

describe('eight bars of house through the default mix', async () => {
	const { sound, speed, readySeconds } = await render(LOOP_SECONDS + 0.5, houseLoop(VOICE_TRACKS));
	const loudness = integratedLoudness(sound);
	const peak = toDecibels(peakOf(sound));
	console.info(
		`rack ready in ${readySeconds.toFixed(2)} s, rendered at ${speed.toFixed(1)} times real time, ` +
			`${loudness.toFixed(1)} LUFS, peak ${peak.toFixed(2)} dBFS, sides ${correlation(sound).toFixed(2)} alike`
	);

	test('are as loud as a house mix: -14 LUFS, give or take 2', () => {
		expect(loudness).toBeGreaterThan(-16);
		expect(loudness).toBeLessThan(-12);
	});

	test('never leave the ceiling of -1 dBFS', () => {
		expect(peak).toBeLessThanOrEqual(-0.999);
		expect(peak).toBeGreaterThan(-6);
	});

	test('have bass, middle and treble in proportion', () => {
		const sub = bandLevel(sound, 30, 120);
		const low = bandLevel(sound, 120, 500);
		const middle = bandLevel(sound, 500, 2500);
		const high = bandLevel(sound, 2500, 16_000);
		expect(sub - low).toBeGreaterThan(0);
		expect(sub - low).toBeLessThan(12);
		expect(low - middle).toBeGreaterThan(-4);
		expect(low - middle).toBeLessThan(9);
		expect(middle - high).toBeGreaterThan(0);
		expect(middle - high).toBeLessThan(14);
	});

	test('stay whole in mono, and below 120 Hz hardly differ from it', () => {
		expect(correlation(sound)).toBeGreaterThan(0.3);
		const { left, right, sampleRate } = sound;
		const side = right.map((sample) => -sample);
		const sum = bandLevel(sound, 20, 120);
		const difference = bandLevel({ left, right: side, sampleRate }, 20, 120);
		expect(sum - difference).toBeGreaterThan(20);
	});

	test('have no offset', () => {
		const mean = sound.left.reduce((sum, sample) => sum + sample, 0) / sound.left.length;
		expect(Math.abs(mean)).toBeLessThan(0.002);
	});
});

test.each([44_100, 96_000])('a device at %i Hz gets the same loudness', async (sampleRate) => {
	const notes = houseLoop(VOICE_TRACKS, 2);
	const [usual, other] = await Promise.all([
		render(2 * BAR_SECONDS, notes),
		render(2 * BAR_SECONDS, notes, () => {}, sampleRate)
	]);
	const difference = integratedLoudness(other!.sound) - integratedLoudness(usual!.sound);
	expect(Math.abs(difference)).toBeLessThan(0.7);
	expect(toDecibels(peakOf(other!.sound))).toBeLessThanOrEqual(-0.999);
});

describe('time', () => {
	test('kicks sound within 3 ms of the grid, the known latency aside', async () => {
		const kicks = houseLoop(['drums'], 2).filter(({ note }) => note.pitch === 36);
		const { sound, latencySeconds } = await render(2 * BAR_SECONDS + 0.3, kicks);
		for (const time of kickTimes(kicks)) {
			const onset = onsetAfter(sound, time - 0.02, 0.1) - latencySeconds;
			expect(Math.abs(onset - time)).toBeLessThan(0.003);
		}
	});

	test.each(['bass', 'lead', 'arp', 'chords'] as const)(
		'a note of the %s is heard within 10 ms of its time',
		async (track) => {
			const [first] = houseLoop([track], 1);
			const { sound, latencySeconds } = await render(0.6, [{ ...first!, time: 0.3 }], (rack) =>
				rack.set('chords.attack', 5, 0)
			);
			const onset = onsetAfter(sound, 0, peakOf(sound) / 30) - latencySeconds;
			expect(onset).toBeGreaterThan(0.2999);
			expect(onset).toBeLessThan(0.312);
		}
	);
});

describe('the drums', () => {
	const hit = (pitch: number, time: number, velocity = 1): LoopNote => ({
		...houseLoop(['drums'], 1)[0]!,
		time,
		note: { ...houseLoop(['drums'], 1)[0]!.note, pitch, velocity }
	});

	test('every piece of the kit sounds', async () => {
		const hits = DRUM_PIECES.map(({ note }, i) => hit(note, 0.1 + i * 0.3));
		const { sound } = await render(7, hits, (rack) => rack.set('drums.reverb', -60, 0));
		for (const { time } of hits)
			expect(peakOf(sound, frames(time), frames(time + 0.1))).toBeGreaterThan(0.03);
	});

	test('every kick is the same', async () => {
		const { sound } = await render(2, [hit(36, 0.5), hit(36, 1.5)], (rack) =>
			rack.set('drums.reverb', -60, 0)
		);
		for (let i = 0; i < frames(0.1); i++) {
			const difference = sound.left[frames(0.5) + i]! - sound.left[frames(1.5) + i]!;
			expect(Math.abs(difference)).toBeLessThan(1e-3);
		}
	});

	test('with flam a softer stroke comes before an accent of the snare, and before nothing else', async () => {
		const accent = hit(38, 0.3);
		accent.note.accent = true;
		const plain = hit(38, 0.3, 0.5);
		plain.note.accent = false;
		const onsetOf = async (note: LoopNote, flam: number): Promise<number> => {
			const { sound, latencySeconds } = await render(0.5, [], (rack) => {
				rack.set('drums.flam', flam, 0);
				playAll(rack, [note]);
			});
			return onsetAfter(sound, 0, 0.03) - latencySeconds;
		};
		expect(Math.abs((await onsetOf(accent, 0)) - 0.3)).toBeLessThan(0.003);
		expect(Math.abs((await onsetOf(accent, 30)) - 0.27)).toBeLessThan(0.003);
		expect(Math.abs((await onsetOf(plain, 30)) - 0.3)).toBeLessThan(0.003);
	});

	test('the closed hat cuts the open hat off', async () => {
		const dry = (rack: Rack): void => {
			rack.set('drums.reverb', -60, 0);
			rack.set('drums.hatDecay', 300, 0);
		};
		const context = (notes: LoopNote[]): Promise<Rendering> =>
			render(0.8, notes, (rack) => {
				dry(rack);
				for (const { note, time } of notes) rack.voices.drums.play(note, time);
			});
		const hats = (await context([hit(46, 0.1), hit(42, 0.2, 0.01)])).sound;
		const alone = (await context([hit(46, 0.1)])).sound;
		const later = (sound: Stereo): number => peakOf(sound, frames(0.3), frames(0.4));
		expect(later(hats)).toBeLessThan(0.1 * later(alone));
	});
});

describe('the string machine', () => {
	const SECONDS = 18;
	/** G3, the lowest partial that passes whole */
	const HERTZ = 440 * Math.pow(2, (55 - 69) / 12);
	const FAST = 5.8;

	/** Magnitudes of exact frequencies in 16.4 s of one side, or of both summed. */
	async function lines(ensemble: number): Promise<(side: 'left' | 'mono', hz: number) => number> {
		const [first] = houseLoop(['chords'], 1);
		const { sound } = await render(SECONDS, [], (rack) => {
			for (const send of ['delay', 'reverb']) rack.set(`chords.${send}`, -60, 0);
			rack.set('chords.ensemble', ensemble, 0);
			const note = { ...first!.note, pitch: 55, durationSeconds: SECONDS };
			rack.voices.chords.play(note, 0.1);
		});
		const from = frames(1.2);
		const length = 786_432;
		return (side, hz) => {
			let re = 0;
			let im = 0;
			for (let i = 0; i < length; i++) {
				const at = from + i;
				const sample = side === 'left' ? sound.left[at]! : sound.left[at]! + sound.right[at]!;
				const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length);
				re += window * sample * Math.cos((2 * Math.PI * hz * i) / SAMPLE_RATE);
				im += window * sample * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE);
			}
			return Math.hypot(re, im);
		};
	}

	test('shows the quick modulation of its delays as lines beside each partial, and none without the ensemble', async () => {
		const [dry, wet] = [await lines(0), await lines(100)];
		const beside = (line: typeof dry): number => line('left', HERTZ + FAST) / line('left', HERTZ);
		expect(toDecibels(beside(wet))).toBeGreaterThan(-30);
		expect(toDecibels(beside(dry))).toBeLessThan(-60);
	});

	test('spreads the three delays over the cycle: in mono their lines nearly cancel, the partial does not', async () => {
		const wet = await lines(100);
		const gain = (hz: number): number => wet('mono', hz) / wet('left', hz);
		expect(gain(HERTZ)).toBeGreaterThan(1.3);
		expect(gain(HERTZ + FAST)).toBeLessThan(0.8);
	});
});

describe('the voice parameters', () => {
	/** Those of the strip and the choice of the voice have tests of their own below, flam has one above. */
	const ELSEWHERE = ['density', 'channel', 'mute', 'solo', 'flam', 'voice', ...STRIP_PARAMETERS];
	const STEP = 0.6;
	const PITCHES: Record<VoiceTrack, readonly number[]> = {
		drums: [36, 38, 46],
		bass: [36],
		chords: [60, 64],
		lead: [72],
		arp: [67]
	};

	test.each(VOICE_TRACKS)('of the %s each change its sound', async (track) => {
		const own = PARAMETERS.filter(
			({ id, group, voice = 0 }) =>
				group === track &&
				voice === 0 &&
				!(ELSEWHERE as string[]).includes(id.slice(track.length + 1))
		);
		expect(own.length).toBeGreaterThan(1);
		const [pattern] = houseLoop([track], 1);
		const { sound } = await render(0.1 + 2 * own.length * STEP, [], (rack) => {
			rack.set(`${track}.reverb`, -60, 0);
			rack.set(`${track}.delay`, -60, 0);
			own.forEach(({ id, ...parameter }, i) => {
				for (const side of [0, 1]) {
					const time = 0.1 + (2 * i + side) * STEP;
					const [low, high] = parameter.kind === 'number' ? [parameter.min, parameter.max] : [0, 1];
					rack.set(id, side === 0 ? low : high, time);
					rack.voices[track].silence(time);
					for (const accent of [false, true])
						for (const pitch of PITCHES[track]) {
							const note = { ...pattern!.note, pitch, accent, durationSeconds: 0.2 };
							rack.voices[track].play(note, time + (accent ? 0.3 : 0.05));
						}
				}
				rack.set(id, parameter.default, 0.1 + (2 * i + 1.99) * STEP);
			});
		});
		const bands = [30, 60, 120, 500, 2000, 6000, 16_000];
		const profile = (from: number): number[] => {
			const cut = (side: Float32Array): Float32Array =>
				side.slice(frames(from), frames(from + STEP - 0.05));
			const part = { left: cut(sound.left), right: cut(sound.right), sampleRate: SAMPLE_RATE };
			const early = { ...part, left: part.left.slice(0, 4800), right: part.right.slice(0, 4800) };
			return bands
				.slice(1)
				.flatMap((to, band) => [part, early].map((span) => bandLevel(span, bands[band]!, to)));
		};
		own.forEach(({ id }, i) => {
			const low = profile(0.15 + 2 * i * STEP);
			const high = profile(0.15 + (2 * i + 1) * STEP);
			const change = Math.max(...low.map((level, band) => Math.abs(level - high[band]!)));
			expect(change, id).toBeGreaterThan(1.5);
		});
	});
});

describe('a track that changes its voice', () => {
	const BANDS = [30, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 16_000];

	/** Levels of the bands while a track plays a bar with these knobs. */
	async function heard(track: VoiceTrack, knobs: Record<string, number>): Promise<number[]> {
		const { sound } = await render(BAR_SECONDS + 0.3, [], (rack) => {
			for (const [name, value] of Object.entries(knobs)) rack.set(`${track}.${name}`, value, 0);
			playAll(rack, houseLoop([track], 1));
		});
		expect(peakOf(sound)).toBeGreaterThan(0.02);
		return BANDS.slice(1).map((to, band) => bandLevel(sound, BANDS[band]!, to));
	}

	function distance(a: readonly number[], b: readonly number[]): number {
		return Math.max(...a.map((level, band) => Math.abs(level - b[band]!)));
	}

	test.each([
		{ track: 'bass', voice: 1, knob: 'fmIndex', low: 0, high: 100 },
		{ track: 'chords', voice: 1, knob: 'drawbars', low: 0, high: 100 },
		{ track: 'lead', voice: 1, knob: 'pulseCutoff', low: 200, high: 9000 },
		{ track: 'lead', voice: 2, knob: 'bowPressure', low: 0, high: 100 }
	] as const)(
		'sounds otherwise, and its $knob turns it',
		async ({ track, voice, knob, low, high }) => {
			const [first, other] = [await heard(track, {}), await heard(track, { voice })];
			expect(distance(first, other)).toBeGreaterThan(3);
			const [down, up] = [
				await heard(track, { voice, [knob]: low }),
				await heard(track, { voice, [knob]: high })
			];
			expect(distance(down, up)).toBeGreaterThan(1.5);
		}
	);
});

describe('silence', () => {
	test('leaves nothing after 50 ms, with echoes, reverb and planned notes gone', async () => {
		const at = BAR_SECONDS;
		const { sound } = await render(2 * BAR_SECONDS, houseLoop(VOICE_TRACKS, 2), (rack) =>
			rack.silence(at)
		);
		expect(toDecibels(peakOf(sound, frames(at - 0.1), frames(at)))).toBeGreaterThan(-12);
		expect(toDecibels(peakOf(sound, frames(at + 0.05)))).toBeLessThan(-70);
	});

	test('does not keep the next note from sounding', async () => {
		const { sound } = await render(BAR_SECONDS, [], (rack) => {
			playAll(rack, houseLoop(VOICE_TRACKS, 1));
			rack.silence(0.05);
			playAll(rack, houseLoop(VOICE_TRACKS, 1));
		});
		expect(toDecibels(peakOf(sound))).toBeGreaterThan(-6);
	});
});

describe('the strips', () => {
	const part = houseLoop(['bass'], 1);

	test('mute closes a channel within 15 ms and opens it again', async () => {
		const { sound } = await render(BAR_SECONDS, part, (rack) => {
			rack.set('bass.delay', -60, 0);
			rack.set('bass.reverb', -60, 0);
			rack.set('bass.mute', 1, 0.6);
			rack.set('bass.mute', 0, 1.2);
		});
		expect(peakOf(sound, frames(0.1), frames(0.6))).toBeGreaterThan(0.05);
		expect(peakOf(sound, frames(0.62), frames(1.2))).toBeLessThan(1e-3);
		/** the crossovers of the master have rung off */
		expect(peakOf(sound, frames(0.65), frames(1.2))).toBeLessThan(1e-4);
		expect(peakOf(sound, frames(1.22), frames(1.8))).toBeGreaterThan(0.05);
	});

	test('solo leaves only that channel', async () => {
		const { sound } = await render(BAR_SECONDS, part, (rack) => rack.set('lead.solo', 1, 0));
		expect(peakOf(sound)).toBeLessThan(1e-3);
	});

	test('the equaliser changes nothing until it is turned', async () => {
		const kicks = houseLoop(['drums'], 1);
		const { sound } = await render(BAR_SECONDS, kicks);
		const turned = await render(BAR_SECONDS, kicks, (rack) => rack.set('drums.midEq', -26, 0));
		for (const [from, to] of [
			[30, 120],
			[6000, 16_000]
		] as const)
			expect(Math.abs(bandLevel(sound, from, to) - bandLevel(turned.sound, from, to))).toBeLessThan(
				2
			);
		expect(bandLevel(sound, 500, 1200) - bandLevel(turned.sound, 500, 1200)).toBeGreaterThan(8);
	});

	test.each([
		{ band: 'low', from: 30, to: 100 },
		{ band: 'mid', from: 500, to: 1200 },
		{ band: 'high', from: 6000, to: 16_000 }
	])('a kill takes the $band band out and puts it back', async ({ band, from, to }) => {
		const notes = houseLoop(['drums'], 2);
		const { sound } = await render(2 * BAR_SECONDS, notes, (rack) => {
			rack.set('drums.reverb', -60, 0);
			rack.set('transport.volume', -12, 0);
			rack.set(`drums.${band}Kill`, 1, 0.7);
			rack.set(`drums.${band}Kill`, 0, 2);
		});
		const levelIn = (start: number, end: number): number =>
			bandLevel(
				{
					left: sound.left.slice(frames(start), frames(end)),
					right: sound.right.slice(frames(start), frames(end)),
					sampleRate: SAMPLE_RATE
				},
				from,
				to
			);
		const killed = levelIn(0.8, 1.9);
		expect(levelIn(0.1, 0.65) - killed).toBeGreaterThan(14);
		expect(levelIn(2.1, 3) - killed).toBeGreaterThan(14);
	});

	test('pan moves a channel to one side', async () => {
		const { sound } = await render(BAR_SECONDS, part, (rack) => rack.set('bass.pan', -100, 0));
		const { left, right, sampleRate } = sound;
		const level = (side: Float32Array): number => peakOf({ left: side, right: side, sampleRate });
		expect(level(left)).toBeGreaterThan(10 * level(right));
	});

	test('the volume at its bottom is silence', async () => {
		const { sound } = await render(BAR_SECONDS, part, (rack) =>
			rack.set('transport.volume', -60, 0)
		);
		expect(peakOf(sound, frames(0.1))).toBe(0);
	});

	test('the kick lets the chords dip', async () => {
		const chords = houseLoop(['chords'], 2);
		const kicks = houseLoop(['drums'], 2).filter(({ note }) => note.pitch === 36);
		const { sound } = await render(2 * BAR_SECONDS, [...kicks, ...chords], (rack) => {
			rack.set('drums.level', -60, 0);
			rack.set('chords.reverb', -60, 0);
		});
		const [, , kick] = kickTimes(kicks);
		const levelAfter = (seconds: number): number => {
			const from = frames(kick! + seconds);
			const { left, right, sampleRate } = sound;
			const part = { left: left.slice(from, from + 960), right: right.slice(from, from + 960) };
			return bandLevel({ ...part, sampleRate }, 200, 8000);
		};
		expect(levelAfter(0.35) - levelAfter(0.025)).toBeGreaterThan(2);
	});
});

test('whoever listens gets exactly what leaves, block by block', async () => {
	const blocks: AudioBlock[] = [];
	const { sound } = await render(1, houseLoop(['drums'], 1), (rack) => {
		rack.listen((block) => blocks.push(block));
	});
	await expect.poll(() => blocks.length).toBeGreaterThan(10);
	for (const { time, left } of blocks) {
		const from = frames(time);
		for (let i = 0; i < left.length; i += 97)
			expect(Math.abs(left[i]! - sound.left[from + i]!)).toBeLessThan(1e-6);
	}
});

test('a live context sounds, shows it on the meters and falls silent', async () => {
	const context = new AudioContext();
	const rack = await createRack(context);
	const tracks: readonly VoiceTrack[] = VOICE_TRACKS;
	try {
		const notes = houseLoop(tracks, 1);
		for (const { track, note, time } of notes)
			rack.voices[track].play(note, context.currentTime + 0.1 + time);
		for (const channel of [...tracks, 'master'] as const)
			await expect.poll(() => rack.level(channel), { timeout: 4000 }).toBeGreaterThan(0.005);
		await expect.poll(() => rack.loudness().momentary, { timeout: 4000 }).toBeGreaterThan(-30);
		rack.silence(context.currentTime);
		await expect.poll(() => rack.level('master'), { timeout: 4000 }).toBeLessThan(1e-4);
	} finally {
		rack.dispose();
		await context.close();
	}
});
