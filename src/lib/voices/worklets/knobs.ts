/**
 * The knobs of a worklet voice: named, bounded, smoothed over about 10 ms so that a turn never clicks. All memory is taken
 * at construction.
 */
import { bounded, followerRate } from './noteMachine';

const SMOOTHING_SECONDS = 0.01;

export interface KnobRange {
	min: number;
	max: number;
	standard: number;
}

export class Knobs<Name extends string> {
	readonly names: readonly Name[];
	private readonly ranges: readonly KnobRange[];
	private readonly targets: Float64Array;
	private readonly values: Float64Array;
	private readonly rate: number;

	constructor(sampleRate: number, ranges: Readonly<Record<Name, KnobRange>>) {
		this.names = Object.keys(ranges) as Name[];
		this.ranges = this.names.map((name) => ranges[name]);
		this.targets = Float64Array.from(this.ranges, ({ standard }) => standard);
		this.values = this.targets.slice();
		this.rate = followerRate(SMOOTHING_SECONDS, sampleRate);
	}

	/** The place of a knob for `set` and `at`, or -1 when there is none of this name. */
	indexOf(name: string): number {
		return (this.names as readonly string[]).indexOf(name);
	}

	/** Where a knob stands on its way. */
	at(index: number): number {
		return this.values[index]!;
	}

	/** Turns a knob; what is not a number is ignored. */
	set(index: number, value: number): void {
		const range = this.ranges[index];
		if (!range) return;
		this.targets[index] = bounded(value, range.min, range.max, this.targets[index]!);
	}

	/** One sample on the way to where the knobs stand. */
	advance(): void {
		const { targets, values, rate } = this;
		for (let i = 0; i < values.length; i++) {
			const distance = targets[i]! - values[i]!;
			if (distance !== 0)
				values[i] = Math.abs(distance) < 1e-7 ? targets[i]! : values[i]! + distance * rate;
		}
	}

	/** Arrives at once: for a voice at rest. */
	arrive(): void {
		this.values.set(this.targets);
	}
}
