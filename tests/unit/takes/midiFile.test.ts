/** A take written as a MIDI file and read back by the package that reads MIDI files. */
import MidiPackage from '@tonejs/midi';
import { describe, expect, test } from 'vitest';
import { VOICE_TRACKS } from '../../../src/lib/controls/parameters';
import { openingOf } from '../../../src/lib/generate/openings';
import { encodeBar, parseBars, type Bar, type GridNote } from '../../../src/lib/music/bars';
import { STYLES } from '../../../src/lib/music/vocabulary';
import { midiNotes } from '../../../src/lib/session/midiFile';
import { encodeMidi } from '../../../takes/midiFile';
import { takeBars, type TakeBar } from '../../../takes/take';
import { plainBar } from '../../fixtures/music';

const TICKS_PER_BEAT = 480;

function barsOf(tokens: readonly number[]): TakeBar[] {
	return takeBars(parseBars(tokens).map(({ span }) => tokens.slice(span.first, span.last + 1)));
}

function readBack(bars: readonly TakeBar[], tempo = 124) {
	return new MidiPackage.Midi(encodeMidi({ name: 'a take', tempo, bars }));
}

describe('a MIDI file of a take', () => {
	test.each(STYLES.slice(0, 6))('has every note of the opening of %s, and no other', (style) => {
		const bars = barsOf(openingOf(style).tokens);
		const midi = readBack(bars);
		const notes = bars.flatMap((bar) => bar.notes);
		const parts = VOICE_TRACKS.filter((part) => notes.some(({ track }) => track === part));
		expect(midi.tracks).toHaveLength(parts.length);
		parts.forEach((part, index) => {
			const written = notes.filter(({ track }) => track === part);
			const read = midi.tracks[index]!.notes.map(({ ticks, midi: pitch, velocity }) => [
				ticks / TICKS_PER_BEAT,
				pitch,
				Math.round(velocity * 127)
			]);
			expect(sorted(read)).toEqual(
				sorted(
					written.map(({ beat, pitch, velocity }) => [
						Math.round(beat * 12) / 12,
						pitch,
						Math.round(velocity * 127)
					])
				)
			);
			const lengths = midi.tracks[index]!.notes.map(({ durationTicks }) => durationTicks);
			expect(lengths.sort()).toEqual(
				midiNotes(written)
					.map(({ durationTicks }) => durationTicks)
					.sort()
			);
		});
	});

	test('has tempo, metre, name, names of the parts, and drums on channel 10', () => {
		const midi = readBack(barsOf(openingOf('acid').tokens), 132);
		expect(midi.header.tempos[0]!.bpm).toBeCloseTo(132, 2);
		expect(midi.header.timeSignatures[0]!.timeSignature).toEqual([4, 4]);
		expect(midi.name).toBe('a take');
		expect(midi.tracks[0]!.name).toBe('Drums');
		expect(midi.tracks.map(({ channel }) => channel)).toEqual(
			[9, 0, 1, 2, 3].slice(0, midi.tracks.length)
		);
	});

	test('has a marker where a section begins', () => {
		const withSection = (section: number): number[] => {
			const bar = plainBar();
			return encodeBar({ ...bar, controls: { ...bar.controls, section } });
		};
		const midi = readBack(takeBars([0, 0, 1, 2, 2].map(withSection)));
		expect(midi.header.meta).toMatchObject([
			{ type: 'marker', text: 'intro', ticks: 0 },
			{ type: 'marker', text: 'build', ticks: 8 * TICKS_PER_BEAT },
			{ type: 'marker', text: 'drop', ticks: 12 * TICKS_PER_BEAT }
		]);
	});
});

describe('notes in ticks', () => {
	const bassBar = (notes: readonly Partial<GridNote>[]): Bar => ({
		controls: plainBar().controls,
		parts: [
			{
				track: 'bass',
				density: 1,
				hits: [],
				notes: notes.map((note) => ({
					position: 0,
					pitch: 33,
					velocity: 5,
					duration: 2,
					slide: false,
					...note
				}))
			}
		]
	});
	const ticksOf = (bar: Bar) =>
		midiNotes(takeBars([encodeBar(bar)])[0]!.notes).map(({ ticks, durationTicks }) => [
			ticks,
			durationTicks
		]);

	test('a slid note reaches into the next', () => {
		const notes = [{ slide: true }, { position: 6, pitch: 45 }];
		expect(ticksOf(bassBar(notes))).toEqual([
			[0, 260],
			[240, 120]
		]);
	});

	test('a pitch that is struck again ends first', () => {
		const long = 9; // 18 steps, index of DURATIONS
		expect(ticksOf(bassBar([{ duration: long }, { position: 12 }]))).toEqual([
			[0, 480],
			[480, 120]
		]);
	});
});

function sorted(rows: readonly (readonly number[])[]): (readonly number[])[] {
	return [...rows].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}
