import { describe, expect, test } from 'vitest';
import type { PlayedNote } from '../../../src/lib/clock/voice';
import { type Slot, SlotPool } from '../../../src/lib/voices/slotPool';

interface Call {
	slot: number;
	what: 'attack' | 'glide' | 'silence';
	time: number;
	end: number;
}

function poolOf(size: number): { pool: SlotPool; calls: Call[] } {
	const calls: Call[] = [];
	const slots = Array.from({ length: size }, (_, slot): Slot => ({
		attack: (_frequency, _velocity, time, end) => calls.push({ slot, what: 'attack', time, end }),
		glide: (_frequency, _velocity, time, end) => calls.push({ slot, what: 'glide', time, end }),
		silence: (time) => calls.push({ slot, what: 'silence', time, end: time }),
		dispose() {}
	}));
	return { pool: new SlotPool(slots), calls };
}

function note(pitch: number, durationSeconds: number, slide = false): PlayedNote {
	return {
		track: 'lead',
		beat: 0,
		duration: 1,
		durationSeconds,
		pitch,
		velocity: 0.8,
		accent: false,
		slide,
		frames: { first: 0, last: 0 }
	};
}

describe('the slots of a polyphonic voice', () => {
	test('a chord takes a slot for each note', () => {
		const { pool, calls } = poolOf(4);
		for (const pitch of [60, 64, 67]) pool.play(note(pitch, 1), 0, 0.5);
		expect(new Set(calls.map(({ slot }) => slot)).size).toBe(3);
	});

	test('the same key is struck again where it still sounds', () => {
		const { pool, calls } = poolOf(4);
		pool.play(note(60, 1), 0, 0.5);
		pool.play(note(60, 1), 0.5, 0.5);
		expect(calls[1]!.slot).toBe(calls[0]!.slot);
	});

	test('the note that ends first gives way when all slots sound', () => {
		const { pool, calls } = poolOf(2);
		pool.play(note(60, 2), 0, 0.1);
		pool.play(note(64, 1), 0, 0.1);
		pool.play(note(67, 1), 0.5, 0.1);
		expect(calls[2]!.slot).toBe(calls[1]!.slot);
	});

	test('a slide glides in its own slot, and holds until the next note', () => {
		const { pool, calls } = poolOf(4);
		pool.play(note(60, 0.25, true), 0, 0.1);
		pool.play(note(67, 0.25), 0.25, 0.1);
		expect(calls.map(({ what }) => what)).toEqual(['attack', 'glide']);
		expect(calls[0]!.end).toBeGreaterThan(0.25);
		expect(calls[1]!.slot).toBe(calls[0]!.slot);
	});

	test('a slide that waited too long begins anew', () => {
		const { pool, calls } = poolOf(4);
		pool.play(note(60, 0.25, true), 0, 0.1);
		pool.play(note(67, 0.25), 1, 0.1);
		expect(calls[1]!.what).toBe('attack');
	});

	test('silence reaches every slot and forgets the slide', () => {
		const { pool, calls } = poolOf(2);
		pool.play(note(60, 0.25, true), 0, 0.1);
		pool.silence(0.1);
		pool.play(note(67, 0.25), 0.25, 0.1);
		expect(calls.filter(({ what }) => what === 'silence')).toHaveLength(2);
		expect(calls.at(-1)!.what).toBe('attack');
	});
});
