/** Eight bars of house written by hand, for all five voices: what the audio tests render. */
import type { PlayedNote } from '../../src/lib/clock/voice';
import type { VoiceTrack } from '../../src/lib/controls/parameters';
import { DRUM_PIECES } from '../../src/lib/music/vocabulary';
import type { Rack } from '../../src/lib/voices/rack';

export const BPM = 124;
export const BEAT_SECONDS = 60 / BPM;
export const LOOP_BARS = 8;
/** Silence before the first beat, so that nothing is asked of a rack before it runs. */
export const LOOP_START = 0.1;
export const LOOP_SECONDS = LOOP_BARS * 4 * BEAT_SECONDS;

/** beat, piece or pitch, velocity, beats, and for the bass: slide */
type Written = [beat: number, pitch: number, velocity: number, duration: number, slide?: boolean];

function piece(name: (typeof DRUM_PIECES)[number]['name']): number {
	return DRUM_PIECES.find((drum) => drum.name === name)!.note;
}

const BASS_PITCHES = [33, 33, 45, 33, 36, 33, 31, 43, 33, 33, 45, 40, 33, 36, 31, 33];
const BASS_RESTS = [1, 5, 11];
const CHORDS = [
	[57, 60, 64, 67],
	[53, 57, 60, 64],
	[60, 64, 67, 71],
	[55, 59, 62, 65]
];
const MELODY: Written[] = [
	[0, 76, 0.75, 0.75],
	[1, 74, 0.625, 0.5],
	[1.75, 72, 0.75, 1],
	[3.5, 69, 0.625, 0.5],
	[4, 72, 0.875, 1.5],
	[6, 74, 0.75, 0.5],
	[6.5, 76, 0.75, 1, true],
	[7.5, 79, 0.75, 0.5]
];

function drumsOfBar(bar: number): Written[] {
	const notes: Written[] = [];
	for (let beat = 0; beat < 4; beat++) {
		notes.push([beat, piece('kick'), 1, 0.25]);
		notes.push([beat + 0.5, piece('open hat'), 0.75, 0.25]);
		for (const step of [0, 0.25, 0.75])
			notes.push([beat + step, piece('closed hat'), step === 0 ? 0.5 : 0.25, 0.25]);
		if (beat % 2 === 1) notes.push([beat, piece('clap'), 0.75, 0.25]);
	}
	for (const step of [0.75, 2.25, 3.5]) notes.push([step, piece('shaker'), 0.5, 0.25]);
	if (bar % 4 === 0) notes.push([0, piece('crash'), 0.5, 1]);
	if (bar % 4 === 3)
		for (const step of [3.25, 3.5, 3.75]) notes.push([step, piece('snare'), 0.5, 0.25]);
	return notes;
}

function bassOfBar(bar: number): Written[] {
	return BASS_PITCHES.flatMap((pitch, step): Written[] => {
		if (BASS_RESTS.includes(step)) return [];
		const velocity = (step + bar) % 5 === 3 ? 1 : 0.75;
		return [[step / 4, pitch, velocity, 0.17, step === 6 || step === 10]];
	});
}

function chordsOfBar(bar: number): Written[] {
	return CHORDS[bar % 4]!.map((pitch): Written => [0, pitch, 0.75, 3.75]);
}

function arpOfBar(bar: number): Written[] {
	const chord = CHORDS[bar % 4]!;
	return Array.from({ length: 16 }, (_, step): Written => {
		const pitch = chord[step % 4]! + (step % 8 >= 4 ? 24 : 12);
		return [step / 4, pitch, step % 4 === 0 ? 0.875 : 0.625, 0.25];
	});
}

function leadOfBar(bar: number): Written[] {
	const from = (bar % 2) * 4;
	return MELODY.filter(([beat]) => beat >= from && beat < from + 4).map(
		([beat, ...rest]): Written => [beat - from, ...rest]
	);
}

const WRITERS: Record<VoiceTrack, (bar: number) => Written[]> = {
	drums: drumsOfBar,
	bass: bassOfBar,
	chords: chordsOfBar,
	lead: leadOfBar,
	arp: arpOfBar
};

export interface LoopNote {
	track: VoiceTrack;
	time: number;
	note: PlayedNote;
}

/** The notes of the loop in order of time. */
export function houseLoop(tracks: readonly VoiceTrack[], bars = LOOP_BARS): LoopNote[] {
	const notes: LoopNote[] = [];
	for (const track of tracks)
		for (let bar = 0; bar < bars; bar++)
			for (const [beat, pitch, velocity, duration, slide] of WRITERS[track](bar)) {
				const absolute = bar * 4 + beat;
				notes.push({
					track,
					time: LOOP_START + absolute * BEAT_SECONDS,
					note: {
						track,
						beat: absolute,
						duration,
						durationSeconds: duration * BEAT_SECONDS,
						pitch,
						velocity,
						accent: velocity === 1,
						slide: slide ?? false,
						frames: { first: 0, last: 0 }
					}
				});
			}
	return notes.sort((a, b) => a.time - b.time);
}

export function playAll(rack: Rack, notes: readonly LoopNote[]): void {
	for (const { track, note, time } of notes) rack.voices[track].play(note, time);
}

/** The times of the kicks. */
export function kickTimes(notes: readonly LoopNote[]): number[] {
	return notes
		.filter(({ track, note }) => track === 'drums' && note.pitch === piece('kick'))
		.map(({ time }) => time);
}
