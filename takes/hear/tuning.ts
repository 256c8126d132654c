/**
 * Hears whether notes sound as high as they were written: around the harmonics of the written pitches, how many cents away
 * is the most energy?
 *
 *     energy(c) = Σ over notes p, harmonics h of log(ε + |DFT of the window at h · f(p) · 2^(c / 1200)|²)
 *
 * The logarithm keeps one loud harmonic from deciding alone.
 */

/** Notes that begin together, and how long they are undisturbed. */
export interface SoundingChord {
	/** seconds */
	readonly from: number;
	readonly to: number;
	/** MIDI pitches */
	readonly pitches: readonly number[];
}

const SEARCHED_CENTS = 150;
const CENTS_STEP = 15;
const HARMONICS = 12;
const HIGHEST_HZ = 3000;
const LONGEST_WINDOW_SECONDS = 0.3;

/** Cents by which a chord sounds higher than written, within ±SEARCHED_CENTS. NaN where nothing sounds. */
export function centsHigh(
	samples: Float32Array,
	sampleRate: number,
	{ from, to, pitches }: SoundingChord
): number {
	const begin = Math.round(from * sampleRate);
	const length = Math.round(Math.min(to - from, LONGEST_WINDOW_SECONDS) * sampleRate);
	const window = Float64Array.from({ length }, (_, i) => {
		const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length);
		return hann * (samples[begin + i] ?? 0);
	});
	const loudness = window.reduce((sum, sample) => sum + sample * sample, 0) / length;
	if (!(loudness > 1e-9)) return NaN;
	const energies: number[] = [];
	for (let cents = -SEARCHED_CENTS; cents <= SEARCHED_CENTS; cents += CENTS_STEP) {
		let energy = 0;
		for (const pitch of pitches) {
			const frequency = 440 * Math.pow(2, (pitch - 69 + cents / 100) / 12);
			for (let harmonic = 1; harmonic <= HARMONICS; harmonic++) {
				const hz = harmonic * frequency;
				if (hz > HIGHEST_HZ) break;
				const power = powerAt(window, hz / sampleRate) / length ** 2;
				energy += Math.log(1e-4 * loudness + power);
			}
		}
		energies.push(energy);
	}
	const best = energies.indexOf(Math.max(...energies));
	return -SEARCHED_CENTS + CENTS_STEP * (best + vertexOffset(energies, best));
}

/** Goertzel's recurrence: |Σ x[n] e^(-2πi · cycles · n)|². */
function powerAt(window: Float64Array, cycles: number): number {
	const coefficient = 2 * Math.cos(2 * Math.PI * cycles);
	let before = 0;
	let last = 0;
	for (const sample of window) {
		const now = sample + coefficient * last - before;
		before = last;
		last = now;
	}
	return last * last + before * before - coefficient * last * before;
}

/** Where the parabola through a greatest value and its neighbours has its vertex, in places from it. */
function vertexOffset(values: readonly number[], best: number): number {
	const left = values[best - 1];
	const right = values[best + 1];
	const middle = values[best]!;
	if (left === undefined || right === undefined) return 0;
	const curvature = left - 2 * middle + right;
	return curvature < 0 ? (left - right) / (2 * curvature) : 0;
}

export interface TuningFigures {
	/** chords or notes that were listened to */
	readonly count: number;
	/** of their deviations, absolute */
	readonly medianCents: number;
	/** share within 35 cents, a third of a semitone */
	readonly inTune: number;
}

export const IN_TUNE_CENTS = 35;

/** Deviations of NaN, of chords that were not heard, count as out of tune. Shares of nothing are 1. */
export function tuningOf(deviations: readonly number[]): TuningFigures {
	const sizes = deviations
		.map((cents) => (Number.isNaN(cents) ? Infinity : Math.abs(cents)))
		.sort((a, b) => a - b);
	const within = sizes.filter((cents) => cents <= IN_TUNE_CENTS).length;
	return {
		count: sizes.length,
		medianCents: Math.min(SEARCHED_CENTS, sizes[sizes.length >> 1] ?? 0),
		inTune: sizes.length === 0 ? 1 : within / sizes.length
	};
}
