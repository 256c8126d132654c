/**
 * A score as a Standard MIDI File of type 1: a track a part with its program, drums on channel 10, tempi, the key, a marker where
 * a section begins, and knobs as the controllers that stand for them: 74 how far a filter is open, 71 how much it rings, 75 how
 * long a note dies away, 91 how much goes into the reverb.
 */
import MidiPackage from '@tonejs/midi';
import { BEATS_PER_BAR, KEYS } from '../music/vocabulary';
import type { Automation, PartTrack, Score } from '../sonify/score';
import { TICKS_PER_BEAT, midiNotes, ticksOf } from './midiFile';

/** Controllers by the last part of a parameter's id. */
const CONTROLLERS: Readonly<Record<string, number>> = {
	cutoff: 74,
	brightness: 74,
	resonance: 71,
	decay: 75,
	reverb: 91
};

export function encodeScore(score: Score): Uint8Array<ArrayBuffer> {
	const { piece, model, key, tempos, sections, parts, notes, automation } = score;
	const midi = new MidiPackage.Midi();
	const signature = KEYS[key.mode === 'major' ? key.tonic : (key.tonic + 3) % 12]!;
	midi.header.fromJSON({
		name: `${piece}: ${model}`,
		ppq: TICKS_PER_BEAT,
		tempos: tempos.map(({ beat, bpm }) => ({ ticks: ticksOf(beat), bpm })),
		timeSignatures: [{ ticks: 0, timeSignature: [BEATS_PER_BAR, 4] }],
		/** the format counts sharps, so a minor key goes by its relative major */
		keySignatures: [{ ticks: 0, key: signature, scale: key.mode }],
		meta: sections.map(({ beat, name }) => ({ type: 'marker', text: name, ticks: ticksOf(beat) }))
	});
	const turned = new Set<PartTrack>();
	for (const part of parts) {
		const own = midiNotes(notes.filter((note) => note.part === part.id));
		if (own.length === 0) continue;
		const track = midi.addTrack();
		track.name = part.name;
		track.channel = part.channel;
		track.instrument.number = part.program;
		for (const { ticks, durationTicks, pitch, velocity } of own) {
			/** the package rounds velocities down */
			track.addNote({ midi: pitch, ticks, durationTicks, velocity: (velocity + 0.5) / 127 });
		}
		/** a knob turns one part's sound, the first that plays on its track */
		if (turned.has(part.track)) continue;
		turned.add(part.track);
		for (const { number, points } of controllersOf(part.track, automation)) {
			for (const { beat, value } of points) {
				track.addCC({ number, ticks: ticksOf(beat), value });
			}
		}
	}
	return new Uint8Array(midi.toArray());
}

function controllersOf(
	track: PartTrack,
	automation: readonly Automation[]
): { number: number; points: Automation['points'] }[] {
	return automation.flatMap(({ parameter, points }) => {
		const [owner, knob = ''] = parameter.split('.');
		const number = CONTROLLERS[knob];
		return owner === track && number !== undefined ? [{ number, points }] : [];
	});
}
