/**
 * The knobs and tempi that a score brings along: at every sixteenth that is about to be scheduled, what its lines say there.
 * A knob that a hand has turned stays with that hand. Of the tempo the person's change is kept as a ratio, so that a slow
 * movement stays slow beside a fast one.
 */
import { clampParameter, fromTravel, parameterOf } from '../controls/parameters';
import type { Automation, Score } from '../sonify/score';

const SIXTEENTH = 0.25;

export interface ScoreKnobsOptions {
	/** The beat of the score at a beat of the set; null where there is none. */
	scoreBeat(beat: number): number | null;
	/** Audio-context seconds of a beat of the set. */
	timeAt(beat: number): number;
	/** Sets a parameter at a moment, without moving its knob. */
	turn(id: string, value: number, audioTime: number): void;
	/** Puts a knob's own value back. */
	putBack(id: string, audioTime: number): void;
	/** Sets the tempo of the transport. */
	setTempo(bpm: number): void;
}

export class ScoreKnobs {
	readonly #score: Score;
	readonly #options: ScoreKnobsOptions;
	/** lines of parameters that this instrument has, and hands have not taken over */
	#lines: readonly Automation[] = [];
	readonly #turned = new Map<string, number>();
	#cursor = 0;
	/** what the score asks for, before the person's ratio */
	#bpm = 0;
	#ratio = 1;

	constructor(score: Score, options: ScoreKnobsOptions) {
		this.#score = score;
		this.#options = options;
	}

	/** The person's tempo over that of the score. */
	get tempoRatio(): number {
		return this.#ratio;
	}

	/** Begins a set at a beat of the score. */
	begin(scoreBeat: number): void {
		this.#lines = this.#score.automation.filter(
			({ parameter, points }) => points.length > 0 && parameterOf(parameter).kind === 'number'
		);
		this.#turned.clear();
		this.#cursor = 0;
		this.#bpm = 0;
		this.#followTempo(scoreBeat);
	}

	/** Turns what is to be turned before `untilBeat` of the set; call it at every tick before notes are handed over. */
	advance(untilBeat: number): void {
		for (; this.#cursor < untilBeat; this.#cursor += SIXTEENTH) {
			const beat = this.#options.scoreBeat(this.#cursor);
			if (beat === null) continue;
			this.#followTempo(beat);
			this.#turnKnobs(beat, this.#options.timeAt(this.#cursor));
		}
	}

	/** A hand turned a knob: the score lets go of it. Of the tempo it keeps what the hand made of it. */
	takeOver(id: string, value: number): void {
		if (id === 'transport.tempo') {
			this.#ratio = value / (this.#bpm || bpmAt(this.#score, 0));
			return;
		}
		this.#lines = this.#lines.filter(({ parameter }) => parameter !== id);
		this.#turned.delete(id);
	}

	/** Puts every knob back to where it stands. */
	release(audioTime: number): void {
		for (const id of this.#turned.keys()) this.#options.putBack(id, audioTime);
		this.#turned.clear();
	}

	#turnKnobs(beat: number, audioTime: number): void {
		for (const { parameter, points } of this.#lines) {
			const knob = parameterOf(parameter);
			if (knob.kind !== 'number') continue;
			const value = fromTravel(knob, valueAt(points, beat));
			if (this.#turned.get(parameter) === value) continue;
			this.#turned.set(parameter, value);
			this.#options.turn(parameter, value, audioTime);
		}
	}

	#followTempo(beat: number): void {
		const bpm = bpmAt(this.#score, beat);
		if (bpm === this.#bpm) return;
		this.#bpm = bpm;
		this.#options.setTempo(transportTempo(bpm, this.#ratio));
	}
}

/** A tempo of the score as the transport can take it, with the person's ratio. */
export function transportTempo(bpm: number, ratio: number): number {
	return clampParameter(parameterOf('transport.tempo'), bpm * ratio);
}

/** What a line of automation says at a beat, 0..1: straight between its points, held before the first and after the last. */
export function valueAt(points: Automation['points'], beat: number): number {
	const next = points.findIndex((point) => point.beat > beat);
	const after = points[next];
	const before = next < 0 ? points.at(-1) : points[next - 1];
	if (!before) return after?.value ?? 0;
	if (!after) return before.value;
	const share = (beat - before.beat) / (after.beat - before.beat);
	return before.value + share * (after.value - before.value);
}

/** The tempo that a score asks for at a beat, BPM. */
export function bpmAt({ tempos }: Score, beat: number): number {
	return tempos.findLast((tempo) => tempo.beat <= beat)?.bpm ?? tempos[0]!.bpm;
}
