/**
 * A take as a Standard MIDI File of type 1: a track for each part, drums on channel 10, tempo, and a marker where a
 * section begins. A slid bass note lasts into the next one, as sequencers of the TB-303 kind expect it.
 */
import MidiPackage from '@tonejs/midi';
import { TRACK_LABELS, VOICE_TRACKS, type VoiceTrack } from '../src/lib/controls/parameters';
import type { NoteEvent } from '../src/lib/music/notes';
import { BEATS_PER_BAR, SECTIONS, STEPS_PER_BEAT } from '../src/lib/music/vocabulary';
import type { TakeBar } from './take';

/** General MIDI channels and programs (both from 0): the fingered bass, string ensemble, lead and pluck of any synth. */
const PARTS: Readonly<Record<VoiceTrack, { channel: number; program: number }>> = {
	drums: { channel: 9, program: 0 },
	bass: { channel: 0, program: 38 },
	chords: { channel: 1, program: 50 },
	lead: { channel: 2, program: 80 },
	arp: { channel: 3, program: 45 }
};

/** 40 ticks to a step of the language. */
const TICKS_PER_BEAT = 480;
const TICKS_PER_STEP = TICKS_PER_BEAT / STEPS_PER_BEAT;

/** How far a slid note reaches into the next. */
const LEGATO_TICKS = TICKS_PER_STEP / 2;

/** A note in ticks and MIDI units. */
export interface MidiNote {
	readonly ticks: number;
	readonly durationTicks: number;
	readonly pitch: number;
	/** 1-127 */
	readonly velocity: number;
}

export interface MidiTake {
	readonly name: string;
	/** BPM */
	readonly tempo: number;
	readonly bars: readonly TakeBar[];
}

export function encodeMidi({ name, tempo, bars }: MidiTake): Uint8Array {
	const midi = new MidiPackage.Midi();
	midi.header.fromJSON({
		name,
		ppq: TICKS_PER_BEAT,
		tempos: [{ ticks: 0, bpm: tempo }],
		timeSignatures: [{ ticks: 0, timeSignature: [BEATS_PER_BAR, 4] }],
		keySignatures: [],
		meta: sectionMarkers(bars)
	});
	for (const part of VOICE_TRACKS) {
		const notes = midiNotes(bars.flatMap((bar) => bar.notes).filter(({ track }) => track === part));
		if (notes.length === 0) continue;
		const track = midi.addTrack();
		track.name = TRACK_LABELS[part];
		track.channel = PARTS[part].channel;
		track.instrument.number = PARTS[part].program;
		for (const { ticks, durationTicks, pitch, velocity } of notes) {
			/** the package rounds velocities down */
			track.addNote({ midi: pitch, ticks, durationTicks, velocity: (velocity + 0.5) / 127 });
		}
	}
	return midi.toArray();
}

/** The notes of one part in ticks. A pitch that is struck again ends first: a MIDI channel has each pitch once. */
export function midiNotes(notes: readonly NoteEvent[]): MidiNote[] {
	const sorted = [...notes].sort((a, b) => a.beat - b.beat || a.pitch - b.pitch);
	return sorted.map((note, index) => {
		const later = sorted.slice(index + 1);
		const next = later.find(({ beat }) => beat > note.beat);
		const again = later.find(({ pitch }) => pitch === note.pitch);
		const ticks = ticksOf(note.beat);
		let end = ticks + ticksOf(note.duration);
		if (note.slide && next) end = Math.max(end, ticksOf(next.beat) + LEGATO_TICKS);
		if (again) end = Math.min(end, ticksOf(again.beat));
		return {
			ticks,
			durationTicks: end - ticks,
			pitch: note.pitch,
			velocity: Math.max(1, Math.round(note.velocity * 127))
		};
	});
}

function ticksOf(beats: number): number {
	return Math.round(beats * STEPS_PER_BEAT) * TICKS_PER_STEP;
}

function sectionMarkers(bars: readonly TakeBar[]) {
	return bars.flatMap(({ controls: { section } }, index) =>
		section === bars[index - 1]?.controls.section
			? []
			: [
					{
						type: 'marker',
						text: SECTIONS[section]!,
						ticks: index * BEATS_PER_BAR * TICKS_PER_BEAT
					}
				]
	);
}
