/**
 * Music as a Standard MIDI File of type 1: a track for each part, drums on channel 10, tempo and its changes, and markers. A
 * slid bass note lasts into the next one, as sequencers of the TB-303 kind expect it.
 */
import MidiPackage from '@tonejs/midi';
import { TRACK_LABELS, VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import type { NoteEvent } from '../music/notes';
import { BEATS_PER_BAR, STEPS_PER_BEAT } from '../music/vocabulary';

/** General MIDI channels and programs (both from 0): the fingered bass, string ensemble, lead and pluck of any synth. */
const PARTS: Readonly<Record<VoiceTrack, { channel: number; program: number }>> = {
	drums: { channel: 9, program: 0 },
	bass: { channel: 0, program: 38 },
	chords: { channel: 1, program: 50 },
	lead: { channel: 2, program: 80 },
	arp: { channel: 3, program: 45 }
};

/** 40 ticks to a step of the language. */
export const TICKS_PER_BEAT = 480;
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

/** Music by beats from its beginning. */
export interface Song {
	readonly name: string;
	readonly notes: readonly NoteEvent[];
	/** tempo changes; the first at beat 0 */
	readonly tempos: readonly { readonly beat: number; readonly bpm: number }[];
	readonly markers: readonly { readonly beat: number; readonly text: string }[];
}

export function encodeMidi({ name, notes, tempos, markers }: Song): Uint8Array<ArrayBuffer> {
	const midi = new MidiPackage.Midi();
	midi.header.fromJSON({
		name,
		ppq: TICKS_PER_BEAT,
		tempos: tempos.map(({ beat, bpm }) => ({ ticks: ticksOf(beat), bpm })),
		timeSignatures: [{ ticks: 0, timeSignature: [BEATS_PER_BAR, 4] }],
		keySignatures: [],
		meta: markers.map(({ beat, text }) => ({ type: 'marker', text, ticks: ticksOf(beat) }))
	});
	for (const part of VOICE_TRACKS) {
		const own = midiNotes(notes.filter(({ track }) => track === part));
		if (own.length === 0) continue;
		const track = midi.addTrack();
		track.name = TRACK_LABELS[part];
		track.channel = PARTS[part].channel;
		track.instrument.number = PARTS[part].program;
		for (const { ticks, durationTicks, pitch, velocity } of own) {
			/** the package rounds velocities down */
			track.addNote({ midi: pitch, ticks, durationTicks, velocity: (velocity + 0.5) / 127 });
		}
	}
	return new Uint8Array(midi.toArray());
}

/** The notes of one part in ticks. A pitch that is struck again ends first: a MIDI channel has each pitch once. */
export function midiNotes(notes: readonly Omit<NoteEvent, 'frames'>[]): MidiNote[] {
	const sorted = [...notes].sort((a, b) => a.beat - b.beat || a.pitch - b.pitch);
	const nextOfPitch = new Map<number, (typeof notes)[number]>();
	const result: MidiNote[] = [];
	/** the first note that begins later than those seen so far */
	let next: (typeof notes)[number] | undefined;
	let later: typeof next;
	for (let index = sorted.length - 1; index >= 0; index--) {
		const note = sorted[index]!;
		if (later && later.beat > note.beat) next = later;
		const again = nextOfPitch.get(note.pitch);
		const ticks = ticksOf(note.beat);
		let end = ticks + ticksOf(note.duration);
		if (note.slide && next) end = Math.max(end, ticksOf(next.beat) + LEGATO_TICKS);
		if (again) end = Math.min(end, ticksOf(again.beat));
		result.push({
			ticks,
			durationTicks: end - ticks,
			pitch: note.pitch,
			velocity: Math.max(1, Math.round(note.velocity * 127))
		});
		nextOfPitch.set(note.pitch, note);
		later = note;
	}
	return result.reverse();
}

export function ticksOf(beats: number): number {
	return Math.round(beats * STEPS_PER_BEAT) * TICKS_PER_STEP;
}
