/**
 * Knobs that follow the form of a piece: in each of its moves a knob goes on a straight line from where the form wants it to
 * where it wants it next, and numbers of the weights bend it on its way, by their ranks among one another.
 */
import { between, ranksOf } from './ranks';
import type { Source } from './readings';
import type { Automation } from './score';

export interface KnobMove {
	/** where it begins, and how long it takes */
	readonly bar: number;
	readonly bars: number;
	/** one after the other, each for an equal part of the move; at least one */
	readonly readings: readonly Source[];
	/** 0..1 over the knob's way, at the beginning of the move and at its end */
	readonly from: number;
	readonly to: number;
	/** how far the greatest of the readings lifts the knob and the least lowers it, 0..1; below 0 the other way round */
	readonly bend: number;
}

/** A point at every bar of the moves, and one at the beginning of the piece: until the first move the knob waits there. */
export function knobLine(parameter: string, moves: readonly KnobMove[]): Automation {
	const points = moves.flatMap(({ bar, bars, readings, from, to, bend }) => {
		const ranks = ranksOf(readings);
		return Array.from({ length: bars }, (_, i) => {
			const at = Math.floor((i * readings.length) / bars);
			const value = between(from, to, i / bars) + 2 * bend * (ranks[at]! - 0.5);
			const rounded = Math.round(1000 * Math.max(0, Math.min(1, value))) / 1000;
			return { beat: 4 * (bar + i), value: rounded, source: readings[at]! };
		});
	});
	const [first] = points;
	const waiting = first && first.beat > 0 ? [{ ...first, beat: 0 }] : [];
	return { parameter, points: [...waiting, ...points] };
}
