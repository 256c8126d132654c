/** A take as a Standard MIDI File, with a marker where a section begins. */
import { encodeMidi as encodeSong } from '../src/lib/session/midiFile';
import { BEATS_PER_BAR, SECTIONS } from '../src/lib/music/vocabulary';
import type { TakeBar } from './take';

export interface MidiTake {
	readonly name: string;
	/** BPM */
	readonly tempo: number;
	readonly bars: readonly TakeBar[];
}

export function encodeMidi({ name, tempo, bars }: MidiTake): Uint8Array {
	return encodeSong({
		name,
		notes: bars.flatMap((bar) => bar.notes),
		tempos: [{ beat: 0, bpm: tempo }],
		markers: bars.flatMap(({ controls: { section } }, index) =>
			section === bars[index - 1]?.controls.section
				? []
				: [{ beat: index * BEATS_PER_BAR, text: SECTIONS[section]! }]
		)
	});
}
