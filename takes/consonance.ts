/**
 * How well bass and chords go together, by the intervals of their notes weighted by time. That they sound as they were
 * written is what `hear/` finds.
 *
 * A *clash* is a chord note a semitone or a minor ninth above the bass, octaves aside (interval 1 of 12). A major seventh
 * (11) is a colour of house chords, and a tritone (6) the tension of a dominant, so that one is counted apart.
 */
import { inScale } from '../src/lib/music/scales';
import { STEPS_PER_BEAT } from '../src/lib/music/vocabulary';
import type { NoteEvent } from '../src/lib/music/notes';
import type { TakeBar } from './take';

export interface ConsonanceFigures {
	/** share of the take in which bass and chords sound together */
	readonly together: number;
	/** of that time, the share in which a chord note clashes with the bass */
	readonly clash: number;
	/** of that time, the share in which a chord note is a tritone from the bass */
	readonly tritone: number;
	/** share of the time of bass and chord notes that belongs to the key and mode of their bar */
	readonly inScale: number;
	/** the clash that this bass would have at a random other height: the mean over its eleven transpositions */
	readonly clashByChance: number;
}

const STEPS_PER_BAR = 4 * STEPS_PER_BEAT;

export function consonanceOf(bars: readonly TakeBar[]): ConsonanceFigures {
	const steps = bars.length * STEPS_PER_BAR;
	const bass = soundingAt(bars, 'bass', steps);
	const chords = soundingAt(bars, 'chords', steps);
	const shared: [low: number[], high: number[]][] = [];
	for (let step = 0; step < steps; step++) {
		const low = bass[step]!;
		const high = chords[step]!;
		if (low.length && high.length) shared.push([low, high]);
	}
	const shareWith = (isSuch: (interval: number) => boolean, moved = 0): number =>
		shared.length === 0
			? 0
			: shared.filter(([low, high]) =>
					low.some((root) => high.some((pitch) => isSuch(semitonesAbove(root + moved, pitch))))
				).length / shared.length;
	const clashes = (interval: number): boolean => interval === 1;
	const transposed = Array.from({ length: 11 }, (_, i) => shareWith(clashes, i + 1));
	return {
		together: shared.length / Math.max(1, steps),
		clash: shareWith(clashes),
		tritone: shareWith((interval) => interval === 6),
		inScale: scaleShare(bars),
		clashByChance: transposed.reduce((sum, share) => sum + share, 0) / transposed.length
	};
}

/** 0-11: how far a pitch class lies above another. */
function semitonesAbove(root: number, pitch: number): number {
	return (((pitch - root) % 12) + 12) % 12;
}

/** Pitches of a track that sound in each step. The bass has one voice: a new note ends the one before. */
function soundingAt(bars: readonly TakeBar[], track: 'bass' | 'chords', steps: number): number[][] {
	const notes = bars.flatMap((bar) => bar.notes).filter((note) => note.track === track);
	const sounding: number[][] = Array.from({ length: steps }, () => []);
	for (const note of notes) {
		const first = stepOf(note.beat);
		const last = Math.min(steps, first + Math.max(1, stepOf(note.duration)));
		for (let step = first; step < last; step++) {
			if (track === 'bass') sounding[step] = [note.pitch];
			else if (!sounding[step]!.includes(note.pitch)) sounding[step]!.push(note.pitch);
		}
	}
	return sounding;
}

function scaleShare(bars: readonly TakeBar[]): number {
	let inside = 0;
	let all = 0;
	for (const { notes, controls } of bars) {
		for (const { track, pitch, duration } of notes) {
			if (track !== 'bass' && track !== 'chords') continue;
			all += duration;
			if (inScale(pitch, controls.key, controls.mode)) inside += duration;
		}
	}
	return all === 0 ? 1 : inside / all;
}

function stepOf(beats: number): number {
	return Math.round(beats * STEPS_PER_BEAT);
}

/** Pitches that a track may use: what its voice and a listener can make something of. */
export const RANGES: Readonly<Record<string, readonly [number, number]>> = {
	bass: [24, 60],
	chords: [40, 91],
	lead: [48, 103],
	arp: [40, 108]
};

/** Notes outside of their track's range. */
export function strayNotes(bars: readonly TakeBar[]): NoteEvent[] {
	return pitchedNotes(bars).filter(({ track, pitch }) => {
		const [lowest, highest] = RANGES[track]!;
		return pitch < lowest || pitch > highest;
	});
}

/** Notes of the tracks that have a range: all but drums. */
export function pitchedNotes(bars: readonly TakeBar[]): NoteEvent[] {
	return bars.flatMap((bar) => bar.notes).filter(({ track }) => RANGES[track] !== undefined);
}
