/**
 * Golden renders: sounds that are meant to stay. Each voice plays its phrase with every knob at its default, past the
 * master, and is compared with the fingerprint that was kept when it was last listened to. After a change that is wanted,
 * `npm run golden` keeps the new ones.
 */
import { commands } from 'vitest/browser';
import { describe, expect, test } from 'vitest';
import type { PlayedNote } from '../../src/lib/clock/voice';
import type { VoiceTrack } from '../../src/lib/controls/parameters';
import { DRUM_PIECES } from '../../src/lib/music/vocabulary';
import { apart, type Fingerprint, fingerprintOf } from './fingerprint';
import kept from './golden.json';
import { renderRack } from './render';

const SAMPLE_RATE = 48_000;
const START = 0.05;
const KEEP = Boolean(import.meta.env.VITE_KEEP_GOLDEN);
const GOLDEN: Partial<Record<string, Fingerprint>> = kept;
/** Here two renderings are equal to the last bit; another browser or processor may round otherwise. */
const TOLERANCE = { level: 0.3, mean: 0.2, worst: 2 };

/** seconds after the start, pitch, velocity, seconds, and what else the note has */
type Stroke = [
	time: number,
	pitch: number,
	velocity: number,
	seconds: number,
	more?: Partial<PlayedNote>
];

const BASS_LINE: Stroke[] = [
	[0, 33, 0.75, 0.12],
	[0.24, 33, 1, 0.12, { accent: true }],
	[0.48, 33, 0.75, 0.24, { slide: true }],
	[0.72, 45, 0.75, 0.12],
	[0.96, 36, 1, 0.12, { accent: true }]
];
const CHORD: Stroke[] = [57, 60, 64, 67].map((pitch): Stroke => [0, pitch, 0.75, 1]);
const MELODY: Stroke[] = [
	[0, 69, 0.75, 0.4],
	[0.5, 72, 1, 0.3, { accent: true }],
	[0.9, 76, 0.6, 0.4]
];
const ARPEGGIO: Stroke[] = [57, 60, 64, 69, 72, 76].map((pitch, i): Stroke => [
	i * 0.2,
	pitch,
	i % 3 ? 0.6 : 0.9,
	0.15
]);
const PIECES = ['kick', 'snare', 'clap', 'closed hat', 'open hat', 'low tom', 'rim', 'ride'];
const STROKES: Stroke[] = PIECES.map((name, i) => [
	i * 0.35,
	DRUM_PIECES.find((piece) => piece.name === name)!.note,
	0.875,
	0.2
]);

interface Golden {
	name: string;
	track: VoiceTrack;
	knobs: Record<string, number>;
	strokes: Stroke[];
}

const SOUNDS: Golden[] = [
	{ name: '909', track: 'drums', knobs: { kit: 0 }, strokes: STROKES },
	{ name: '808', track: 'drums', knobs: { kit: 1 }, strokes: STROKES },
	{ name: 'acid saw', track: 'bass', knobs: { voice: 0, waveform: 0 }, strokes: BASS_LINE },
	{ name: 'acid square', track: 'bass', knobs: { voice: 0, waveform: 1 }, strokes: BASS_LINE },
	{ name: 'FM bass', track: 'bass', knobs: { voice: 1 }, strokes: BASS_LINE },
	{ name: 'strings', track: 'chords', knobs: { voice: 0 }, strokes: CHORD },
	{ name: 'organ', track: 'chords', knobs: { voice: 1 }, strokes: CHORD },
	{ name: 'FM lead', track: 'lead', knobs: { voice: 0 }, strokes: MELODY },
	{ name: 'pulse lead', track: 'lead', knobs: { voice: 1 }, strokes: MELODY },
	{ name: 'solo string', track: 'lead', knobs: { voice: 2 }, strokes: MELODY },
	{ name: 'pluck', track: 'arp', knobs: {}, strokes: ARPEGGIO }
];

async function heard({ track, knobs, strokes }: Omit<Golden, 'name'>): Promise<Fingerprint> {
	const last = Math.max(...strokes.map(([time, , , seconds]) => time + seconds));
	const { sound } = await renderRack(
		START + last + 0.3,
		SAMPLE_RATE,
		(rack) => {
			const dry = { delay: -60, reverb: -60 };
			for (const [name, value] of Object.entries({ ...dry, ...knobs }))
				rack.set(`${track}.${name}`, value, 0);
			for (const [time, pitch, velocity, durationSeconds, more] of strokes) {
				const plain = { track, beat: 0, duration: 1, accent: false, slide: false };
				const frames = { first: 0, last: 0 };
				const note = { ...plain, frames, pitch, velocity, durationSeconds, ...more };
				rack.voices[track].play(note, START + time);
			}
		},
		{ mastered: false }
	);
	return fingerprintOf(sound);
}

describe.runIf(KEEP)('the golden sounds', () => {
	test('are kept anew', async () => {
		const golden: Record<string, Fingerprint> = {};
		for (const sound of SOUNDS) golden[sound.name] = await heard(sound);
		const rows = Object.entries(golden).map(([name, { level, cells }]) => {
			const lines = cells.map((bands) => `\t\t\t${JSON.stringify(bands).replaceAll(',', ', ')}`);
			return `\t"${name}": {\n\t\t"level": ${level},\n\t\t"cells": [\n${lines.join(',\n')}\n\t\t]\n\t}`;
		});
		await commands.writeFile('tests/audio/golden.json', `{\n${rows.join(',\n')}\n}\n`);
		expect(rows).toHaveLength(SOUNDS.length);
	});
});

describe.skipIf(KEEP)('a golden sound', () => {
	test.each(SOUNDS)('stays what it was: $name', async (sound) => {
		const golden = GOLDEN[sound.name];
		expect(golden, 'is kept; npm run golden keeps it').toBeDefined();
		const { level, mean, worst } = apart(await heard(sound), golden!);
		expect(level).toBeLessThan(TOLERANCE.level);
		expect(mean).toBeLessThan(TOLERANCE.mean);
		expect(worst).toBeLessThan(TOLERANCE.worst);
	});

	test.each([
		{ name: 'acid saw', knob: { cutoff: 800 } },
		{ name: 'acid saw', knob: { resonance: 80 } },
		{ name: '909', knob: { tune: 2 } },
		{ name: 'FM lead', knob: { brightness: 65 } },
		{ name: 'pluck', knob: { decay: 500 } }
	])('would be told from one with other knobs: $name, $knob', async ({ name, knob }) => {
		const sound = SOUNDS.find((each) => each.name === name)!;
		const changed = await heard({ ...sound, knobs: { ...sound.knobs, ...knob } });
		const { level, mean, worst } = apart(changed, GOLDEN[name]!);
		expect(
			level > TOLERANCE.level || mean > TOLERANCE.mean || worst > TOLERANCE.worst,
			`level ${level.toFixed(2)}, mean ${mean.toFixed(2)}, worst ${worst.toFixed(2)}`
		).toBe(true);
	});
});
