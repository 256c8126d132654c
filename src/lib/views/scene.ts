/**
 * What is alight in the score: arcs in flight and the notes they land on, as functions of time. Pure; time is
 * `performance.now()` milliseconds, given by the caller.
 */
import type { NoteEvent } from '../music/notes';
import type { Arc, Depth } from './arcs';

/** How many arcs may be alight at once: more reads as hair, not as light. */
export const ARCS_ALIGHT = 44;

const FLIGHT_MS = 260;
const HOLD_MS = 240;
const FADE_MS = 1100;
const LIFE_MS = FLIGHT_MS + HOLD_MS + FADE_MS;

export interface LitArc extends Arc {
	/** milliseconds of the moment when its source is heard */
	born: number;
}

/** The stretch of an arc that is seen, in shares of its length from the source, and its brightness 0..1. */
export interface ArcPhase {
	tail: number;
	tip: number;
	brightness: number;
}

/** How an arc stands `age` ms after its note was heard; null before and after its life. `still` leaves out the flight. */
export function arcPhase(age: number, still: boolean): ArcPhase | null {
	if (age < 0 || age >= LIFE_MS) return null;
	const fading = Math.max(0, (age - FLIGHT_MS - HOLD_MS) / FADE_MS);
	const brightness = (1 - fading) ** 1.6;
	if (still) return { tail: 0, tip: 1, brightness };
	return {
		tail: 0.86 * smooth(fading),
		tip: smooth(Math.min(1, age / FLIGHT_MS)),
		brightness
	};
}

export class Scene {
	#arcs: LitArc[] = [];

	/** Lights arcs that begin at `born`. Past the limit the faintest go first. */
	light(arcs: readonly Arc[], born: number): void {
		this.#arcs.push(...arcs.map((arc) => ({ ...arc, born })));
	}

	clear(): void {
		this.#arcs = [];
	}

	/** The arcs alight at `time`, faintest first, so that the strongest are drawn on top. Forgets those that are over. */
	alight(time: number, still: boolean): { arc: LitArc; phase: ArcPhase }[] {
		this.#arcs = this.#arcs.filter(({ born }) => time - born < LIFE_MS);
		const seen: { arc: LitArc; phase: ArcPhase }[] = [];
		for (const arc of this.#arcs) {
			const phase = arcPhase(time - arc.born, still);
			if (phase) seen.push({ arc, phase });
		}
		seen.sort((a, b) => strength(a) - strength(b));
		return seen.slice(-ARCS_ALIGHT);
	}
}

/** A note that arcs have reached: how bright it is, 0..1, and the depth of the strongest of them. */
export interface Landing {
	note: NoteEvent;
	light: number;
	depth: Depth;
}

/** The notes that arcs have reached, by the first of their frames. */
export function landings(
	alight: readonly { arc: LitArc; phase: ArcPhase }[]
): Map<number, Landing> {
	const lit = new Map<number, Landing & { weight: number }>();
	for (const { arc, phase } of alight) {
		if (phase.tip < 0.98) continue;
		const key = arc.target.frames.first;
		const before = lit.get(key);
		const light = Math.min(1, (before?.light ?? 0) + Math.sqrt(arc.weight) * phase.brightness);
		const strongest = before && before.weight > arc.weight ? before : arc;
		const { depth, weight } = strongest;
		lit.set(key, { note: arc.target, light, depth, weight });
	}
	return lit;
}

/** The landing on this very note: a repeated bar has notes with the same frames at other beats. */
export function landingOn(lit: ReadonlyMap<number, Landing>, note: NoteEvent): Landing | undefined {
	const landing = lit.get(note.frames.first);
	return landing?.note.beat === note.beat ? landing : undefined;
}

function strength({ arc, phase }: { arc: LitArc; phase: ArcPhase }): number {
	return arc.weight * phase.brightness;
}

function smooth(share: number): number {
	return share * share * (3 - 2 * share);
}
