import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlayedNote } from '../../../src/lib/clock/voice';
import { MidiAccess } from '../../../src/lib/midi/midiAccess';
import { MidiVoice } from '../../../src/lib/midi/midiVoice';
import { TRACKS, type Track } from '../../../src/lib/music/vocabulary';
import { installMidiLoopback, type MidiLoopback } from '../../fixtures/midiLoopback';

/** Audio time 0 is heard 5000 ms after the page began. */
let clockShift = 0;
const toPerformance = (audioTime: number) => 5000 + clockShift + audioTime * 1000;

const CHANNELS: Record<Track, number> = {
	drums: 9,
	bass: 0,
	chords: 1,
	lead: 2,
	arp: 3,
	guest: 4
};

function note(changes: Partial<PlayedNote> = {}): PlayedNote {
	return {
		track: 'bass',
		beat: 0,
		duration: 1,
		durationSeconds: 0.5,
		pitch: 40,
		velocity: 0.75,
		accent: false,
		slide: false,
		frames: { first: 0, last: 0 },
		...changes
	};
}

let loopback: MidiLoopback;
let access: MidiAccess;
let voice: MidiVoice;
let channels: Record<Track, number>;

beforeEach(async () => {
	vi.stubGlobal('window', globalThis);
	loopback = installMidiLoopback();
	access = new MidiAccess({
		surroundings: { supported: true, secure: true, userAgent: '' },
		storage: null,
		onChange: () => undefined
	});
	await access.request();
	access.choose('loopback-1');
	channels = { ...CHANNELS };
	clockShift = 0;
	voice = new MidiVoice({
		output: access.output!,
		toPerformance,
		channelOf: (track) => channels[track]
	});
});

afterEach(async () => {
	await access.dispose();
	vi.unstubAllGlobals();
});

interface Wire {
	kind: 'on' | 'off' | 'control';
	channel: number;
	data: number[];
	timestamp: number;
}

/** Everything that was sent, as the wire sees it: by timestamp, then in the order of sending. */
function wire(): Wire[] {
	return loopback.messages
		.map(({ data: [status = 0, ...data], timestamp }) => ({
			kind: (['off', 'on', 'control', 'control'] as const)[(status >> 4) - 8]!,
			channel: status & 15,
			data,
			timestamp
		}))
		.sort((a, b) => a.timestamp - b.timestamp);
}

/** Fails unless every note-on is followed by its note-off before the same key is struck again; returns on-off pairs. */
function pairs(): { channel: number; pitch: number; on: number; off: number }[] {
	const sounding = new Map<string, number>();
	const list = [];
	for (const { kind, channel, data, timestamp } of wire()) {
		if (kind === 'control') continue;
		const key = `${channel}:${data[0]}`;
		if (kind === 'on') {
			expect(sounding.has(key), `key ${key} struck again while it sounds`).toBe(false);
			sounding.set(key, timestamp);
		} else {
			expect(sounding.has(key), `note-off of ${key} without a note-on`).toBe(true);
			list.push({ channel, pitch: data[0]!, on: sounding.get(key)!, off: timestamp });
			sounding.delete(key);
		}
	}
	expect([...sounding.keys()], 'keys that never end').toEqual([]);
	return list;
}

describe('a note', () => {
	it('goes out at once with the moment at which it is heard, and its end with its own', () => {
		voice.play(note(), 2);
		voice.advance(2.6);
		expect(wire()).toEqual([
			{ kind: 'on', channel: 0, data: [40, 95], timestamp: 7000 },
			{ kind: 'off', channel: 0, data: [40, 0], timestamp: 7498 }
		]);
	});

	it('keeps its note-off until the end lies within the horizon', () => {
		voice.play(note({ durationSeconds: 3 }), 2);
		voice.advance(4.9);
		expect(loopback.messages).toHaveLength(1);
		voice.advance(5);
		expect(loopback.messages).toHaveLength(2);
	});

	it('is played on the channel of its track, and ends there though the channel was changed', () => {
		voice.play(note({ track: 'drums', pitch: 36 }), 1);
		voice.play(note({ track: 'arp', pitch: 60 }), 1);
		channels.arp = 12;
		voice.advance(10);
		expect(pairs().map(({ channel, pitch }) => [channel, pitch])).toEqual([
			[9, 36],
			[3, 60]
		]);
	});

	it('has a velocity of 1 to 127: even the softest is struck', () => {
		voice.play(note({ velocity: 0 }), 1);
		voice.play(note({ velocity: 1, pitch: 41 }), 1);
		voice.play(note({ velocity: 1.5, pitch: 42 }), 1);
		expect(loopback.messages.map(({ data }) => data[2])).toEqual([1, 127, 127]);
	});

	it('ends after 20 seconds however long it is written', () => {
		voice.play(note({ durationSeconds: 500 }), 0);
		voice.advance(21);
		expect(pairs()).toEqual([{ channel: 0, pitch: 40, on: 5000, off: 25_000 }]);
	});

	it('that is struck again while it sounds ends first', () => {
		voice.play(note({ durationSeconds: 4 }), 1);
		voice.play(note({ durationSeconds: 1 }), 2);
		voice.advance(10);
		expect(pairs()).toEqual([
			{ channel: 0, pitch: 40, on: 6000, off: 6998 },
			{ channel: 0, pitch: 40, on: 7000, off: 7998 }
		]);
	});

	it('that is struck again at its very end still ends before', () => {
		voice.play(note({ durationSeconds: 1 }), 1);
		voice.play(note({ durationSeconds: 1 }), 2);
		voice.advance(10);
		expect(pairs()[0]!.off).toBeLessThan(7000);
	});
});

describe('a slide', () => {
	it('holds the note until shortly after the next one of its track begins', () => {
		voice.play(note({ slide: true, durationSeconds: 0.2 }), 1);
		voice.advance(1.3);
		voice.play(note({ pitch: 43 }), 1.4);
		voice.advance(10);
		const [slid, next] = pairs();
		expect(slid!.off).toBeCloseTo(6420);
		expect(next!.on).toBeCloseTo(6400);
	});

	it('is shortened to the next note when the written note is longer', () => {
		voice.play(note({ slide: true, durationSeconds: 4 }), 1);
		voice.play(note({ pitch: 43 }), 2);
		voice.advance(10);
		expect(pairs()[0]!.off).toBeCloseTo(7020);
	});

	it('is not ended by another track or by a note of the same moment', () => {
		voice.play(note({ slide: true, durationSeconds: 1 }), 1);
		voice.play(note({ pitch: 47 }), 1);
		voice.play(note({ track: 'lead', pitch: 70 }), 1.2);
		voice.advance(10);
		expect(pairs().find(({ pitch }) => pitch === 40)!.off).toBeCloseTo(7498);
	});

	it('into nothing ends half a second after its written end', () => {
		voice.play(note({ slide: true, durationSeconds: 0.2 }), 1);
		voice.advance(10);
		expect(pairs()[0]!.off).toBeCloseTo(6698);
	});
});

describe('silence', () => {
	it('ends what sounds with note-offs, all notes off and all sound off, on the channels played on', () => {
		voice.play(note({ durationSeconds: 8 }), 1);
		voice.play(note({ track: 'drums', pitch: 36 }), 1);
		voice.silence(2);
		expect(pairs().map(({ off }) => off)).toEqual([7000, 7000]);
		const controls = wire().filter(({ kind }) => kind === 'control');
		expect(controls.map(({ channel, data }) => [channel, ...data])).toEqual([
			[0, 123, 0],
			[0, 120, 0],
			[9, 123, 0],
			[9, 120, 0]
		]);
		expect(controls.every(({ timestamp }) => timestamp === 7000)).toBe(true);
	});

	it('ends a note that was sent for later as soon as it begins', () => {
		voice.play(note(), 2.08);
		voice.silence(2);
		const [pair] = pairs();
		expect(pair!.off).toBe(pair!.on + 1);
		expect(wire().at(-1)).toMatchObject({ kind: 'control', data: [120, 0], timestamp: 7081 });
	});

	it('ends it after its beginning though the clocks have been mapped anew since', () => {
		voice.play(note(), 2.08);
		clockShift = -3;
		voice.silence(2.08);
		const [pair] = pairs();
		expect(pair!.off).toBeGreaterThan(pair!.on);
		expect(wire().at(-1)!.timestamp).toBeGreaterThan(pair!.on);
	});

	it('at 0 goes out at once: the page is going away', () => {
		voice.play(note(), 1);
		loopback.messages.length = 0;
		voice.silence(-10);
		expect(loopback.messages.filter(({ data }) => data[0]! >> 4 === 11)[0]!.timestamp).toBe(0);
	});

	it('leaves nothing to end later, and the voice can be played again', () => {
		voice.play(note(), 1);
		voice.silence(1.1);
		const sent = loopback.messages.length;
		voice.advance(10);
		expect(loopback.messages).toHaveLength(sent);
		voice.play(note(), 11);
		voice.dispose();
		pairs();
	});

	it('says nothing on a port that never played', () => {
		voice.silence(1);
		expect(loopback.messages).toEqual([]);
	});
});

describe('a port that is pulled out', () => {
	it('takes notes without complaint, and plays again when it is back', () => {
		voice.play(note(), 1);
		loopback.disconnect('loopback-1');
		expect(() => {
			voice.play(note({ pitch: 50 }), 2);
			voice.advance(3);
			voice.silence(3);
		}).not.toThrow();
		loopback.messages.length = 0;
		loopback.connect({
			id: 'loopback-1',
			name: 'Loopback Synth',
			manufacturer: 'Key Query Voice',
			type: 'output'
		});
		voice.play(note({ pitch: 51 }), 4);
		voice.advance(10);
		expect(pairs().map(({ pitch }) => pitch)).toEqual([51]);
	});
});

describe('any music', () => {
	const anyNote = fc.record({
		track: fc.constantFrom(...TRACKS),
		pitch: fc.integer({ min: 36, max: 40 }),
		velocity: fc.double({ min: 0, max: 1, noNaN: true }),
		durationSeconds: fc.double({ min: 0, max: 3, noNaN: true }),
		slide: fc.boolean(),
		gapSeconds: fc.constantFrom(0, 0.01, 0.125, 0.5)
	});

	it('ends every note that begins, before the same key is struck again, and sends only valid messages', () => {
		fc.assert(
			fc.property(
				fc.array(anyNote, { maxLength: 40, size: 'max' }),
				fc.boolean(),
				fc.boolean(),
				(notes, oneChannel, stopped) => {
					loopback.messages.length = 0;
					if (oneChannel) for (const track of TRACKS) channels[track] = 0;
					let time = 1;
					for (const { gapSeconds, ...changes } of notes) {
						time += gapSeconds;
						voice.advance(time);
						voice.play(note(changes), time);
					}
					if (stopped) voice.silence(time - 0.05);
					else voice.advance(time + 30);
					expect(pairs()).toHaveLength(notes.length);
				}
			),
			{ numRuns: 200 }
		);
	});
});
