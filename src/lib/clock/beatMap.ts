/**
 * Beats ↔ audio-context seconds, with tempo changes. Piecewise linear: each anchor holds a moment, the beat that it
 * falls on, and the tempo from there on. A tempo change never moves the beat, only how fast it goes.
 */

interface Anchor {
	timeSeconds: number;
	beat: number;
	bpm: number;
}

/** Anchors that are kept; older ones only say when a beat long gone was heard. A knob in motion makes 40 a second. */
const ANCHORS_KEPT = 256;

export class BeatMap {
	readonly #anchors: Anchor[];

	/** Beat `beat` falls on `timeSeconds`, at `bpm` from there on and before. Throws a RangeError for a tempo ≤ 0. */
	constructor(bpm: number, timeSeconds: number, beat = 0) {
		this.#anchors = [{ timeSeconds, beat, bpm: checkedTempo(bpm) }];
	}

	/**
	 * Takes the tempo to `bpm` from `atSeconds` on. Changes that were set for later are forgotten. Throws a RangeError
	 * for a tempo that is not above 0.
	 */
	setTempo(bpm: number, atSeconds: number): void {
		checkedTempo(bpm);
		if (bpm === this.bpmAt(atSeconds) && atSeconds >= this.#last.timeSeconds) return;
		const beat = this.beatAt(atSeconds);
		while (this.#anchors.length && this.#last.timeSeconds >= atSeconds) this.#anchors.pop();
		this.#anchors.push({ timeSeconds: atSeconds, beat, bpm });
		if (this.#anchors.length > ANCHORS_KEPT) this.#anchors.shift();
	}

	/** Audio-context seconds of a beat. */
	timeAt(beat: number): number {
		const anchor = this.#anchorOf('beat', beat);
		return anchor.timeSeconds + ((beat - anchor.beat) * 60) / anchor.bpm;
	}

	/** The beat at a moment; negative before the first. */
	beatAt(timeSeconds: number): number {
		const anchor = this.#anchorOf('timeSeconds', timeSeconds);
		return anchor.beat + ((timeSeconds - anchor.timeSeconds) * anchor.bpm) / 60;
	}

	bpmAt(timeSeconds: number): number {
		return this.#anchorOf('timeSeconds', timeSeconds).bpm;
	}

	/** How many anchors are held. */
	get size(): number {
		return this.#anchors.length;
	}

	get #last(): Anchor {
		return this.#anchors[this.#anchors.length - 1]!;
	}

	/** The last anchor at or before `value`, or the first of all. */
	#anchorOf(quantity: 'beat' | 'timeSeconds', value: number): Anchor {
		let low = 0;
		let high = this.#anchors.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (this.#anchors[middle]![quantity] <= value) low = middle;
			else high = middle - 1;
		}
		return this.#anchors[low]!;
	}
}

function checkedTempo(bpm: number): number {
	if (!(bpm > 0 && Number.isFinite(bpm))) {
		throw new RangeError(`A tempo is a number of beats a minute above 0, not ${bpm}.`);
	}
	return bpm;
}
