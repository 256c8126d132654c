/** Sections of a score by bars. Pure. */
import { BEATS_PER_BAR } from '../../music/vocabulary';
import type { BarRange } from '../../sonify/promptBars';
import type { Score, Section } from '../../sonify/score';

export function firstBarOf({ beat }: Section): number {
	return Math.round(beat / BEATS_PER_BAR);
}

/** The bars of a section, `to` exclusive. */
export function barsOf(section: Section): { from: number; to: number } {
	const from = firstBarOf(section);
	return { from, to: from + section.bars };
}

/** The section that a beat falls in; behind the end the last. */
export function sectionAt({ sections }: Score, beat: number): Section | null {
	return sections.findLast((section) => section.beat <= beat) ?? sections[0] ?? null;
}

/** Stretches of a score that can be handed to the jam, by what they are called; of each the last bars are. */
export function handRanges(
	score: Score,
	beat: number,
	loop: BarRange | null
): { name: string; range: BarRange }[] {
	const section = sectionAt(score, beat);
	const bar = Math.min(score.bars - 1, Math.floor(beat / BEATS_PER_BAR));
	return [
		...(loop ? [{ name: 'The loop', range: loop }] : []),
		...(section && !loop ? [{ name: `End of ${section.name}`, range: barsOf(section) }] : []),
		{ name: 'Up to the playhead', range: { from: 0, to: bar + 1 } },
		{ name: 'End of the piece', range: { from: 0, to: score.bars } }
	];
}
