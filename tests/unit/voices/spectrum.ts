/** Spectra for the tests of the voices: a radix-2 transform and what is read from it. */

/** Power of each bin up to half the sample rate; `length` a power of two, four-term Blackman-Harris window. */
export function powerSpectrum(
	samples: Float32Array,
	start: number,
	length: number,
	windowed = true
): Float64Array {
	const re = new Float64Array(length);
	const im = new Float64Array(length);
	for (let i = 0; i < length; i++)
		re[i] = (samples[start + i] ?? 0) * (windowed ? blackmanHarris(i / length) : 1);
	transform(re, im);
	return Float64Array.from({ length: length / 2 }, (_, bin) => re[bin]! ** 2 + im[bin]! ** 2);
}

/** Mean frequency in Hz, weighted by magnitude; without a window for a sound that begins and ends inside. */
export function spectralCentroid(
	samples: Float32Array,
	start: number,
	length: number,
	sampleRate: number,
	windowed = true
): number {
	let weighted = 0;
	let total = 0;
	powerSpectrum(samples, start, length, windowed).forEach((power, bin) => {
		weighted += Math.sqrt(power) * ((bin * sampleRate) / length);
		total += Math.sqrt(power);
	});
	return weighted / total;
}

/**
 * The frequency near `expectedHz`, from how far the phase of that component turns between two windows: exact to a small
 * part of a cent for a steady tone.
 */
export function frequencyNear(
	samples: Float32Array,
	start: number,
	length: number,
	expectedHz: number,
	sampleRate: number
): number {
	const hop = Math.round(length / 4);
	const phaseAt = (from: number): number => {
		let re = 0;
		let im = 0;
		for (let i = 0; i < length; i++) {
			const angle = (2 * Math.PI * expectedHz * (from + i)) / sampleRate;
			const sample = samples[from + i]! * blackmanHarris(i / length);
			re += sample * Math.cos(angle);
			im -= sample * Math.sin(angle);
		}
		return Math.atan2(im, re);
	};
	let turn = phaseAt(start + hop) - phaseAt(start);
	turn -= 2 * Math.PI * Math.round(turn / (2 * Math.PI));
	return expectedHz + (turn * sampleRate) / (2 * Math.PI * hop);
}

export function cents(frequencyHz: number, referenceHz: number): number {
	return 1200 * Math.log2(frequencyHz / referenceHz);
}

export function rms(samples: Float32Array, from: number, to: number): number {
	let sum = 0;
	for (let i = from; i < to; i++) sum += samples[i]! ** 2;
	return Math.sqrt(sum / (to - from));
}

export function peak(samples: Float32Array, from = 0, to = samples.length): number {
	let highest = 0;
	for (let i = from; i < to; i++) highest = Math.max(highest, Math.abs(samples[i]!));
	return highest;
}

function blackmanHarris(x: number): number {
	const turn = 2 * Math.PI * x;
	return (
		0.35875 - 0.48829 * Math.cos(turn) + 0.14128 * Math.cos(2 * turn) - 0.01168 * Math.cos(3 * turn)
	);
}

/** In-place decimation-in-time FFT. */
function transform(re: Float64Array, im: Float64Array): void {
	const n = re.length;
	for (let i = 1, j = 0; i < n; i++) {
		let bit = n >> 1;
		for (; j & bit; bit >>= 1) j ^= bit;
		j ^= bit;
		if (i < j) [re[i], re[j]] = [re[j]!, re[i]!];
	}
	for (let span = 2; span <= n; span *= 2) {
		for (let k = 0; k < span / 2; k++) {
			const cos = Math.cos((-2 * Math.PI * k) / span);
			const sin = Math.sin((-2 * Math.PI * k) / span);
			for (let i = k; i < n; i += span) {
				const j = i + span / 2;
				const real = re[j]! * cos - im[j]! * sin;
				const imaginary = re[j]! * sin + im[j]! * cos;
				re[j] = re[i]! - real;
				im[j] = im[i]! - imaginary;
				re[i]! += real;
				im[i]! += imaginary;
			}
		}
	}
}
