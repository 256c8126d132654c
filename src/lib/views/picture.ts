/** Everything that one painting of the score shows; the painters read it and keep nothing. */
import type { VoiceTrack } from '../controls/parameters';
import type { NoteEvent } from '../music/notes';
import type { BarFacts } from './barBook';
import type { Palette } from './palette';
import type { ArcPhase, Landing, LitArc } from './scene';
import type { ScoreLayout } from './scoreLayout';

export interface Picture {
	layout: ScoreLayout;
	palette: Palette;
	/** the beat that is heard */
	now: number;
	/** notes in sight, sorted by beat */
	notes: readonly NoteEvent[];
	/** tracks that are not heard */
	silent: ReadonlySet<VoiceTrack>;
	/** faintest first */
	alight: readonly { arc: LitArc; phase: ArcPhase }[];
	/** notes that arcs have reached, by the first of their frames */
	landed: ReadonlyMap<number, Landing>;
	/** the note under the pointer */
	inspected: NoteEvent | null;
	barAt(index: number): BarFacts | undefined;
	/** changes on their way: the beat at which they are heard, and what changes */
	pending: readonly { beat: number; label: string }[];
	playing: boolean;
	/** how plainly notes are painted that are not heard yet, 0..1; 0.46 where nothing is said */
	ahead?: number;
}

export type Canvas = CanvasRenderingContext2D;
