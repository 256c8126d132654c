/**
 * The knobs of the acid bass: named, bounded, and smoothed over about 10 ms so that a turn never clicks.
 */
import { bounded, followerRate } from './noteMachine';

export const ACID_PARAMETERS = [
	'waveform',
	'tuning',
	'cutoff',
	'resonance',
	'envMod',
	'decay',
	'accent',
	'drive'
] as const;
export type AcidParameter = (typeof ACID_PARAMETERS)[number];

const SMOOTHING_SECONDS = 0.01;

/** Bounds and default of each knob in the unit of the parameter table, and how it is kept inside. */
const RANGES: Record<
	AcidParameter,
	{ min: number; max: number; standard: number; keep: (v: number) => number }
> = {
	waveform: { min: 0, max: 1, standard: 0, keep: identity },
	tuning: { min: -12, max: 12, standard: 0, keep: identity },
	cutoff: { min: 60, max: 8000, standard: 520, keep: Math.log },
	resonance: { min: 0, max: 100, standard: 62, keep: resonanceTaper },
	envMod: { min: 0, max: 100, standard: 45, keep: share },
	decay: { min: 30, max: 5000, standard: 420, keep: identity },
	accent: { min: 0, max: 100, standard: 60, keep: share },
	drive: { min: 0, max: 100, standard: 25, keep: share }
};

export function isAcidParameter(name: string): name is AcidParameter {
	return Object.hasOwn(RANGES, name);
}

export class AcidControls {
	/** 0 saw .. 1 square */
	waveform = 0;
	/** semitones */
	tuning = 0;
	/** Hz */
	cutoff = 0;
	/** 0..1, as a share of the loop gain */
	resonance = 0;
	envMod = 0;
	decayMs = 0;
	accent = 0;
	drive = 0;

	private readonly targets = new Float64Array(ACID_PARAMETERS.length);
	private readonly values = new Float64Array(ACID_PARAMETERS.length);
	private readonly rate: number;

	constructor(sampleRate: number) {
		this.rate = followerRate(SMOOTHING_SECONDS, sampleRate);
		ACID_PARAMETERS.forEach((name, i) => this.set(i, RANGES[name].standard, true));
		this.publish();
	}

	/** The place of a knob for `set`, or -1 when there is none of this name. */
	static indexOf(name: string): number {
		return (ACID_PARAMETERS as readonly string[]).indexOf(name);
	}

	/** Turns a knob; with `atOnce` without smoothing. What is not a number is ignored. */
	set(index: number, value: number, atOnce: boolean): void {
		const name = ACID_PARAMETERS[index];
		if (name === undefined || !Number.isFinite(value)) return;
		const { min, max, standard, keep } = RANGES[name];
		this.targets[index] = keep(bounded(value, min, max, standard));
		if (!atOnce) return;
		this.values[index] = this.targets[index]!;
		this.publish();
	}

	/** One sample on the way to where the knobs stand. */
	advance(): void {
		const { targets, values, rate } = this;
		for (let i = 0; i < values.length; i++) {
			const distance = targets[i]! - values[i]!;
			values[i] = Math.abs(distance) < 1e-7 ? targets[i]! : values[i]! + distance * rate;
		}
		this.publish();
	}

	private publish(): void {
		const { values } = this;
		this.waveform = values[0]!;
		this.tuning = values[1]!;
		this.cutoff = Math.exp(values[2]!);
		this.resonance = values[3]!;
		this.envMod = values[4]!;
		this.decayMs = values[5]!;
		this.accent = values[6]!;
		this.drive = values[7]!;
	}
}

/** The knob's travel against loop gain: (1 - e^-3r) / (1 - e^-3), as Open303 measured it. */
function resonanceTaper(percent: number): number {
	return (1 - Math.exp((-3 * percent) / 100)) / (1 - Math.exp(-3));
}

function share(percent: number): number {
	return percent / 100;
}

function identity(value: number): number {
	return value;
}
