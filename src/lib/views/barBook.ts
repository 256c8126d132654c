/** What is known of each bar in sight: whether the model wrote it, whether it repeats, which section it says it is. */
import { barOfBeat } from '../music/notes';
import { SECTIONS, TOKEN_NAMES, familyOf } from '../music/vocabulary';

export interface BarFacts {
	generated: boolean;
	repeated: boolean;
	/** empty when the bar does not say */
	section: string;
}

const BARS_KEPT = 64;

export class BarBook {
	readonly #facts = new Map<number, BarFacts>();

	/** Notes a bar by the beat where it stands; a bar that is written again replaces the one before. */
	write(
		startBeat: number,
		bar: { tokens: readonly number[]; generated: boolean; repeated: boolean }
	): void {
		const { generated, repeated } = bar;
		const index = barOfBeat(startBeat);
		this.#facts.set(index, { generated, repeated, section: sectionOf(bar.tokens) });
		this.#facts.delete(index - BARS_KEPT);
	}

	/** Facts of the bar at an index counted from 0 through the set. */
	at(index: number): BarFacts | undefined {
		return this.#facts.get(index);
	}

	clear(): void {
		this.#facts.clear();
	}
}

function sectionOf(tokens: readonly number[]): string {
	for (const token of tokens) {
		if (TOKEN_NAMES[token] === undefined) continue;
		const { family, value } = familyOf(token);
		if (family === 'SECTION') return SECTIONS[value] ?? '';
	}
	return '';
}
