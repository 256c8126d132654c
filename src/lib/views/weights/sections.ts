/** Sections of a score by bars. Pure. */
import { BEATS_PER_BAR } from '../../music/vocabulary';
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
