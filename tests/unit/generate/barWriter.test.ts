import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BarWriter } from '../../../src/lib/generate/barWriter';
import {
	RESTING_BARS,
	controlBias,
	demandChange,
	restingTracks
} from '../../../src/lib/generate/constraints';
import type { GenerationControls, WrittenBar } from '../../../src/lib/generate/protocol';
import { TokenFrame } from '../../../src/lib/model/tokenFrame';
import { encodeBar, parseBars } from '../../../src/lib/music/bars';
import { STATE_NAMES } from '../../../src/lib/music/grammar';
import { inScale } from '../../../src/lib/music/scales';
import { FAMILY_RANGES, TRACKS, VOCABULARY_SIZE, tokenOf } from '../../../src/lib/music/vocabulary';
import { promptOf } from '../../../src/lib/sonify/prompt';
import { DiceDecoder } from '../../fixtures/diceDecoder';
import { freeControls, plainBar, plainOpening } from '../../fixtures/music';
import { scoreOf } from '../instrument/scores';

const goOn = () => Promise.resolve(true);

async function write(writer: BarWriter, controls: GenerationControls, count: number) {
	const bars: WrittenBar[] = [];
	while (bars.length < count) {
		const bar = await writer.writeBar(controls, goOn);
		if (bar) bars.push(bar);
	}
	return bars;
}

describe('writing bars', () => {
	let decoder: DiceDecoder;
	let writer: BarWriter;

	beforeEach(async () => {
		decoder = new DiceDecoder();
		writer = new BarWriter(decoder);
		await writer.begin(plainOpening(2), goOn);
	});

	it('returns the bars of the opening with a frame for each token', async () => {
		const bars = await writer.begin(plainOpening(2), goOn);
		expect(bars.map(({ bar }) => bar)).toEqual([0, 1]);
		expect(bars.flatMap(({ tokens }) => tokens)).toEqual(plainOpening(2));
		expect(bars[1]!.firstFrame).toBe(bars[0]!.tokens.length);
		expect(bars[1]!.frames.count).toBe(bars[1]!.tokens.length);
	});

	it('returns the bars that were read whole when the reading is given up', async () => {
		const opening = plainOpening(8);
		const bars = await writer.begin(opening, () => Promise.resolve(false));
		expect(bars.length).toBeGreaterThan(0);
		expect(bars.length).toBeLessThan(8);
		expect(bars.flatMap(({ tokens }) => tokens)).toEqual(
			opening.slice(0, bars.flatMap(({ tokens }) => tokens).length)
		);
	});

	it('goes on from bars of a piece, the same with the same seed, and on another decoder too', async () => {
		const { tokens } = promptOf(scoreOf(6), { from: 0, to: 6 }, [0, 1]);
		const takes: number[][][] = [];
		for (let take = 0; take < 2; take++) {
			const opening = await writer.begin(tokens, goOn);
			expect(opening.flatMap((bar) => bar.tokens)).toEqual(tokens);
			const bars = await write(writer, freeControls(), 3);
			expect(bars[0]).toMatchObject({ bar: 4, firstFrame: tokens.length });
			takes.push(bars.map((bar) => bar.tokens));
		}
		expect(takes[1]).toEqual(takes[0]);
		await writer.rewind(4);
		const other = new DiceDecoder();
		await writer.adopt(other);
		expect(other.length).toBe(tokens.length);
		expect((await write(writer, freeControls(), 1))[0]).toMatchObject({ bar: 4 });
	});

	it('writes whole bars that follow each other without a gap', async () => {
		const bars = await write(writer, freeControls(), 12);
		let position = plainOpening(2).length;
		bars.forEach((bar, i) => {
			expect(bar.bar).toBe(2 + i);
			expect(bar.firstFrame).toBe(position);
			expect(parseBars(bar.tokens)).toHaveLength(1);
			for (let f = 0; f < bar.frames.count; f++) {
				const frame = new TokenFrame(bar.frames, f);
				expect(frame.index).toBe(position + f);
				expect(frame.token).toBe(bar.tokens[f]);
			}
			position += bar.tokens.length;
		});
	});

	it('goes on for ever with a model of few positions, which reads its last bars again', async () => {
		const longest = 200;
		Object.assign(decoder.capabilities, { longestSequence: longest });
		const generate = decoder.generate.bind(decoder);
		const lengths: number[] = [];
		decoder.generate = (count, ...rest) => {
			lengths.push(decoder.length + count);
			return generate(count, ...rest);
		};
		const bars = await write(writer, freeControls(), 40);
		expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
		let position = plainOpening(2).length;
		for (const bar of bars) {
			expect(bar.firstFrame).toBe(position);
			expect(new TokenFrame(bar.frames, 0).index).toBe(position);
			position += bar.tokens.length;
		}
		expect(position).toBeGreaterThan(2 * longest);
	});

	it('lets every note point at the frames that wrote it', async () => {
		for (const bar of await write(writer, freeControls(), 8)) {
			for (const note of bar.notes) {
				const written = bar.tokens.slice(
					note.frames.first - bar.firstFrame,
					note.frames.last - bar.firstFrame + 1
				);
				const pitchOrHit = written.some((token) =>
					note.track === 'drums'
						? token >= tokenOf('HIT', 0) && token <= tokenOf('HIT', 87)
						: token === tokenOf('PITCH', note.pitch - 21)
				);
				expect(pitchOrHit).toBe(true);
			}
		}
	});

	it('writes the same bars again after it was taken back', async () => {
		const first = await write(writer, freeControls(), 6);
		await writer.rewind(4);
		expect(writer.written).toBe(4);
		const again = await write(writer, freeControls(), 4);
		expect(again.map(({ tokens }) => tokens)).toEqual(first.slice(2).map(({ tokens }) => tokens));
	});

	it('takes back bars of the opening too', async () => {
		await write(writer, freeControls(), 2);
		await writer.rewind(1);
		const [bar] = await write(writer, freeControls({ style: 1 }), 1);
		expect(bar!.bar).toBe(1);
		expect(parseBars(bar!.tokens)[0]!.bar.controls.style).toBe(1);
	});

	it('gives other bars for another seed', async () => {
		const [one] = await write(writer, freeControls({ seed: 1 }), 1);
		await writer.rewind(2);
		const [two] = await write(writer, freeControls({ seed: 2 }), 1);
		expect(two!.tokens).not.toEqual(one!.tokens);
	});

	it('obeys the controls in every bar', async () => {
		const controls = freeControls({ style: 1, section: 3, energy: 5, key: 4, mode: 3, tempo: 138 });
		controls.density = { drums: 0, bass: 7 };
		await writer.rewind(2);
		for (const bar of await write(writer, controls, 8)) {
			const parsed = parseBars(bar.tokens)[0]!.bar;
			expect(parsed.controls).toEqual({
				style: 1,
				section: 3,
				energy: 5,
				key: 4,
				mode: 3,
				tempo: 13
			});
			for (const part of parsed.parts) {
				expect(part.track).not.toBe('guest');
				if (part.track === 'drums') expect(part.hits).toHaveLength(0);
				if (part.track === 'bass') expect(part.density).toBe(7);
			}
		}
	});

	it('keeps the pitches in the scale of the bar itself when the scale is locked', async () => {
		const controls = freeControls({ scaleLock: 1 });
		const keys = new Set<number>();
		for (const bar of await write(writer, controls, 40)) {
			const { key, mode } = parseBars(bar.tokens)[0]!.bar.controls;
			keys.add(key);
			for (const { track, pitch } of bar.notes) {
				// At the very top nothing of the scale may be left above the last pitch; the grammar then wins.
				if (track !== 'drums' && pitch < 106) expect(inScale(pitch, key, mode)).toBe(true);
			}
		}
		expect(keys.size).toBeGreaterThan(3);
	});

	it('is colder where it chooses what sounds than where it chooses a pitch, at the temperature of the person', async () => {
		const asked: [number, ReadonlyMap<string, number>][] = [];
		const generate = decoder.generate.bind(decoder);
		decoder.generate = (count, sampling, constraint) => {
			const byState = STATE_NAMES.map(
				(name, i) => [name, constraint.stateTemperature![i]!] as const
			);
			asked.push([sampling.temperature, new Map(byState)]);
			return generate(count, sampling, constraint);
		};
		await write(writer, { ...freeControls(), temperature: 0.7 }, 2);
		for (const [temperature, byState] of asked) {
			expect(temperature).toBe(0.7);
			const at = (state: string) => byState.get(state)!;
			expect(at('expects STYLE')).toBe(1);
			expect(at('bass: expects position')).toBe(1);
			expect(at('bar body')).toBeLessThan(1);
			for (const track of TRACKS) expect(at(`${track}: expects density`)).toBe(at('bar body'));
			expect(at('drums: after hit')).toBeLessThan(1);
			for (const before of ['expects note', 'after velocity', 'after duration']) {
				for (const track of TRACKS.slice(1)) expect(at(`${track}: ${before}`)).toBeGreaterThan(1);
			}
		}
	});

	it('is colder still for eight bars where it answers a new style or section, and then no more', async () => {
		const drawnAt: Map<string, number>[] = [];
		const generate = decoder.generate.bind(decoder);
		decoder.generate = (count, sampling, constraint) => {
			drawnAt.push(new Map(STATE_NAMES.map((name, i) => [name, constraint.stateTemperature![i]!])));
			return generate(count, sampling, constraint);
		};
		/** by bar: temperatures of form and drums by the end of it */
		const temperatures = async (controls: GenerationControls, count: number) => {
			await writer.rewind(writer.written); // what was begun under other controls
			const seen: [number, number][] = [];
			for (let i = 0; i < count; i++) {
				await write(writer, controls, 1);
				const last = drawnAt.at(-1)!;
				expect(last.get('expects STYLE')).toBe(1);
				seen.push([last.get('bass: expects density')!, last.get('drums: after hit')!]);
			}
			return seen;
		};
		const [opened] = parseBars(plainOpening(1));
		const { style, section } = opened!.bar.controls;
		const begun = await temperatures(freeControls({ style, section }), 10);
		const [answering, settled] = [begun[0]!, begun[9]!];
		// The two bars of the opening are the first of the eight.
		expect(begun).toEqual([...Array(6).fill(answering), ...Array(4).fill(settled)]);
		expect(answering[0]).toBeLessThan(settled[0]);
		expect(answering[1]).toBeLessThan(settled[1]);

		const other = freeControls({ style, section: section === 1 ? 2 : 1 });
		expect(await temperatures(other, 10)).toEqual([...Array(8).fill(answering), settled, settled]);
		await writer.rewind(writer.written - 3);
		expect(await temperatures(other, 3)).toEqual([answering, settled, settled]);
		expect(await temperatures({ ...other, style: style + 1 }, 1)).toEqual([answering]);
		expect(await temperatures({ ...other, style: style + 1, energy: 0 }, 8)).toEqual([
			...Array(7).fill(answering),
			settled
		]);
	});

	it('stops between tokens when it is told to, and goes on later', async () => {
		let calls = 0;
		const interrupted = await writer.writeBar(freeControls(), () => Promise.resolve(++calls < 1));
		expect(interrupted).toBeNull();
		const [bar] = await write(writer, freeControls(), 1);
		expect(bar!.bar).toBe(2);
		expect(bar!.firstFrame).toBe(plainOpening(2).length);
	});

	it('goes on with another decoder at the same place of the set', async () => {
		const before = await write(writer, freeControls(), 10);
		const next = new DiceDecoder();
		await writer.adopt(next);
		expect(next.length).toBeGreaterThan(0);
		expect(next.length).toBeLessThan(decoder.length);
		const [bar] = await write(writer, freeControls(), 1);
		const last = before[before.length - 1]!;
		expect(bar!.bar).toBe(last.bar + 1);
		expect(bar!.firstFrame).toBe(last.firstFrame + last.tokens.length);
		const frame = new TokenFrame(bar!.frames, 0);
		expect(frame.index).toBe(bar!.firstFrame);
		expect(frame.head(0, 0).indices[0]).toBe(bar!.firstFrame - 1);
	});

	it('reads the last bars again when it goes back further than the cache remembers', async () => {
		const before = await write(writer, freeControls({ density: { drums: 7 } }), 62);
		const { truncationLimit } = decoder.capabilities;
		const target = before
			.filter(({ firstFrame }) => decoder.length - firstFrame > truncationLimit)
			.at(-1)!;
		await writer.rewind(target.bar);
		expect(decoder.length).toBeLessThan(target.firstFrame);
		const [bar] = await write(writer, freeControls({ seed: 9 }), 1);
		expect(bar!.firstFrame).toBe(target.firstFrame);
		expect(new TokenFrame(bar!.frames, 0).index).toBe(target.firstFrame);
	});

	it('remembers enough to take bars back after hours', async () => {
		await write(writer, freeControls(), 200);
		await writer.rewind(200);
		const [bar] = await write(writer, freeControls(), 1);
		expect(bar!.bar).toBe(200);
	});
});

describe('the bias of the controls', () => {
	it('never allows the guest track', () => {
		const bias = controlBias(freeControls());
		for (let scope = 0; scope <= TRACKS.length; scope++) {
			expect(bias[scope * VOCABULARY_SIZE + tokenOf('TRACK', 5)]).toBeLessThan(-1e3);
		}
	});

	it('sets density for its own track alone', () => {
		const bias = controlBias(freeControls({ density: { bass: 3 } }));
		const at = (track: number, density: number) =>
			bias[(1 + track) * VOCABULARY_SIZE + tokenOf('DENSITY', density)];
		expect(at(1, 3)).toBe(0);
		expect(at(1, 4)).toBeLessThan(-1e3);
		expect(at(0, 4)).toBe(0);
	});

	it('helps tracks that rest to come back, unless their density is asked for', () => {
		const silence = (bias: Float32Array, track: number) =>
			bias[(1 + track) * VOCABULARY_SIZE + tokenOf('DENSITY', 0)];
		const bias = controlBias(freeControls({ density: { bass: 0 } }), {
			resting: ['drums', 'bass']
		});
		expect(silence(bias, 0)).toBeLessThan(0);
		expect(silence(bias, 1)).toBe(0);
		expect(silence(bias, 2)).toBe(0);
	});

	it('holds the silence of chords, lead and arp back where a bar answers a change, unless it is asked for', () => {
		const bias = controlBias(freeControls({ density: { arp: 0 } }), { answers: true });
		const silences = TRACKS.slice(0, 5).map(
			(_, track) => bias[(1 + track) * VOCABULARY_SIZE + tokenOf('DENSITY', 0)]!
		);
		expect(silences).toEqual([0, 0, Math.fround(-0.35), -0.75, 0]);
	});
});

describe('a bar in which nothing sounds', () => {
	/** Writes a bar with a model that is silent wherever it may be; returns its sounding tracks. */
	async function writtenBySilence(density: GenerationControls['density']): Promise<string[]> {
		const decoder = new DiceDecoder();
		const generate = decoder.generate.bind(decoder);
		vi.spyOn(decoder, 'generate').mockImplementation((count, sampling, constraint) => {
			const bias = constraint.bias!.slice();
			for (let scope = 0; scope <= TRACKS.length; scope++)
				for (let level = 1; level < 8; level++) {
					const silent = scope * VOCABULARY_SIZE + tokenOf('DENSITY', 0);
					if (bias[silent]! > -1e3)
						bias[silent - tokenOf('DENSITY', 0) + tokenOf('DENSITY', level)] = -1e4;
				}
			return generate(count, sampling, { ...constraint, bias });
		});
		const writer = new BarWriter(decoder);
		await writer.begin(plainOpening(2), goOn);
		const bars = await write(writer, freeControls({ density }), 6);
		return bars.flatMap(({ notes }) => [...new Set(notes.map(({ track }) => track))]);
	}

	it('is written once more with a track that played lately', async () => {
		const tracks = await writtenBySilence({});
		expect(tracks.length).toBeGreaterThan(0);
		expect(new Set(tracks)).toEqual(new Set(['drums']));
	});

	it('stays when all core tracks were asked to be silent', async () => {
		expect(await writtenBySilence({ drums: 0, bass: 0, chords: 0 })).toEqual([]);
	});
});

describe('a bar that plays what the four before it played', () => {
	const LAST_KICK = tokenOf('POS', 36);

	/** For each of nine bars, whether it ends otherwise: of a model that says the plain bar again wherever it may. */
	async function changesOfHabit(density: GenerationControls['density']): Promise<boolean[]> {
		const decoder = new DiceDecoder();
		const plain = encodeBar(plainBar());
		const row = (1 + TRACKS.indexOf('drums')) * VOCABULARY_SIZE;
		vi.spyOn(decoder, 'generate').mockImplementation((count, _, { bias }) => {
			const begun = decoder.length - decoder.tokens.lastIndexOf(tokenOf('BAR'));
			const next = Array.from({ length: count }, (_, i) => plain[(begun + i) % plain.length]!);
			const mayKick = bias![row + LAST_KICK]! > -1e3;
			return decoder.prefill(next.map((t) => (t === LAST_KICK && !mayKick ? LAST_KICK + 3 : t)));
		});
		const writer = new BarWriter(decoder);
		await writer.begin(plainOpening(2), goOn);
		const bars = await write(writer, freeControls({ density }), 9);
		expect(bars.map(({ bar }) => bar)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
		return bars.map(({ tokens }) => !tokens.includes(LAST_KICK));
	}

	it('is written once more with another end, and the next four may be alike again', async () => {
		/** two of the opening and two that are written, then the change; four alike again, and another change */
		const expected = [false, false, true, false, false, false, false, true, false];
		expect(await changesOfHabit({})).toEqual(expected);
		expect(await changesOfHabit({ drums: 1, bass: 1 })).toEqual(expected);
	});

	it('is asked to end otherwise in its busiest track', () => {
		const [drums, bass] = plainBar().parts;
		const run = {
			...bass!,
			notes: [0, 3, 6, 9, 12].map((position) => ({ ...bass!.notes[0]!, position }))
		};
		expect(demandChange([drums!, bass!])).toEqual({ track: 'drums', without: LAST_KICK });
		expect(demandChange([drums!, run])).toEqual({ track: 'bass', without: tokenOf('POS', 12) });
		expect(demandChange([])).toBeNull();
	});
});

describe('the scale lock in bars that answer a new key', () => {
	it('is three times as strong for eight bars, and nothing where there is none', async () => {
		const decoder = new DiceDecoder();
		const generate = decoder.generate.bind(decoder);
		let least = 0;
		decoder.generate = (count, sampling, constraint) => {
			const bass = 2 * VOCABULARY_SIZE;
			const { start, size } = FAMILY_RANGES.PITCH;
			least = Math.min(...constraint.bias!.slice(bass + start, bass + start + size));
			return generate(count, sampling, constraint);
		};
		const writer = new BarWriter(decoder);
		await writer.begin(plainOpening(10), goOn);
		const { key, mode } = plainBar().controls;
		const locks = async (controls: Partial<GenerationControls>, count: number) => {
			const seen: number[] = [];
			await writer.rewind(writer.written);
			for (let i = 0; i < count; i++) {
				await write(writer, freeControls({ key, mode, ...controls }), 1);
				seen.push(least);
			}
			return seen;
		};
		expect(await locks({ scaleLock: 0.2 }, 1)).toEqual([Math.fround(-1.2)]);
		const answers = Array<number>(8).fill(Math.fround(-6 * Math.min(1, 3 * 0.2)));
		expect(await locks({ scaleLock: 0.2, key: key + 1 }, 10)).toEqual([
			...answers,
			Math.fround(-1.2),
			Math.fround(-1.2)
		]);
		expect(await locks({ scaleLock: 0.8, key }, 1)).toEqual([-6]);
		expect(await locks({ scaleLock: 0, key: key + 2 }, 2)).toEqual([0, 0]);
	});
});

describe('tracks that rest', () => {
	it('are the core tracks that never sound', () => {
		expect(restingTracks(plainOpening(RESTING_BARS))).toEqual(['chords']);
		const silent = encodeBar({
			...plainBar(),
			parts: [{ track: 'bass', density: 0, hits: [], notes: [] }]
		});
		expect(restingTracks([...silent, ...silent])).toEqual(['drums', 'bass', 'chords']);
	});

	it('come back in a set once they have been silent for long', async () => {
		const silentFor = async (bars: number) => {
			const decoder = new DiceDecoder();
			const spoken = vi.spyOn(decoder, 'generate');
			const writer = new BarWriter(decoder);
			await writer.begin(plainOpening(bars), goOn);
			await write(writer, freeControls(), 1);
			const bias = spoken.mock.calls[1]![2].bias!; // the first call asks for BAR alone
			return [0, 2].map(
				(track) => bias[(1 + track) * VOCABULARY_SIZE + tokenOf('DENSITY', 0)]! < 0
			);
		};
		expect(await silentFor(RESTING_BARS - 1)).toEqual([false, false]);
		expect(await silentFor(RESTING_BARS)).toEqual([false, true]);
	});
});
