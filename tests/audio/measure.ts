/** What the audio tests measure of a rendered buffer: loudness, peaks, bands of the spectrum, onsets. */

export interface Stereo {
	left: Float32Array;
	right: Float32Array;
	sampleRate: number;
}

export function stereoOf(buffer: AudioBuffer): Stereo {
	return {
		left: buffer.getChannelData(0),
		right: buffer.getChannelData(buffer.numberOfChannels - 1),
		sampleRate: buffer.sampleRate
	};
}

export function peakOf({ left, right }: Stereo, from = 0, to = left.length): number {
	let peak = 0;
	for (let i = from; i < to; i++) peak = Math.max(peak, Math.abs(left[i]!), Math.abs(right[i]!));
	return peak;
}

export function toDecibels(gain: number): number {
	return 20 * Math.log10(Math.max(gain, 1e-12));
}

/**
 * Integrated loudness in LUFS: ITU-R BS.1770-4, K-weighting as two biquads whose analogue prototypes are tuned to the
 * sample rate, blocks of 400 ms every 100 ms, gates at -70 LUFS and 10 LU below the ungated mean.
 */
export function integratedLoudness({ left, right, sampleRate }: Stereo): number {
	const energies = [left, right].map((channel) => energyCurve(weighted(channel, sampleRate)));
	const block = Math.round(0.4 * sampleRate);
	const hop = Math.round(0.1 * sampleRate);
	const powers: number[] = [];
	for (let start = 0; start + block <= left.length; start += hop) {
		let power = 0;
		for (const energy of energies) power += (energy[start + block]! - energy[start]!) / block;
		powers.push(power);
	}
	const loudness = (power: number): number => -0.691 + 10 * Math.log10(power + 1e-20);
	const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
	const audible = powers.filter((power) => loudness(power) > -70);
	if (audible.length === 0) return -Infinity;
	const gate = loudness(mean(audible)) - 10;
	return loudness(mean(audible.filter((power) => loudness(power) > gate)));
}

function weighted(channel: Float32Array, sampleRate: number): Float64Array {
	const shelf = biquad(channel, headShelf(sampleRate));
	return biquad(shelf, lowCut(sampleRate));
}

type Coefficients = [b0: number, b1: number, b2: number, a1: number, a2: number];

/** +4 dB above 1.7 kHz, the head. */
function headShelf(sampleRate: number): Coefficients {
	const k = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
	const q = 0.7071752369554196;
	const high = Math.pow(10, 3.999843853973347 / 20);
	const band = Math.pow(high, 0.4996667741545416);
	const a0 = 1 + k / q + k * k;
	return [
		(high + (band * k) / q + k * k) / a0,
		(2 * (k * k - high)) / a0,
		(high - (band * k) / q + k * k) / a0,
		(2 * (k * k - 1)) / a0,
		(1 - k / q + k * k) / a0
	];
}

/** High-pass at 38 Hz. */
function lowCut(sampleRate: number): Coefficients {
	const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
	const q = 0.5003270373238773;
	const a0 = 1 + k / q + k * k;
	return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
}

function biquad(input: ArrayLike<number>, [b0, b1, b2, a1, a2]: Coefficients): Float64Array {
	const out = new Float64Array(input.length);
	let z1 = 0;
	let z2 = 0;
	for (let i = 0; i < input.length; i++) {
		const x = input[i]!;
		const y = b0 * x + z1;
		z1 = b1 * x - a1 * y + z2;
		z2 = b2 * x - a2 * y;
		out[i] = y;
	}
	return out;
}

/** Running sum of squares, one longer than the input. */
function energyCurve(samples: Float64Array): Float64Array {
	const curve = new Float64Array(samples.length + 1);
	for (let i = 0; i < samples.length; i++) curve[i + 1] = curve[i]! + samples[i]! ** 2;
	return curve;
}

/** RMS in dB of the mono sum between two frequencies, by two fourth-order filters. */
export function bandLevel(
	{ left, right, sampleRate }: Stereo,
	fromHz: number,
	toHz: number
): number {
	let band: Float64Array = Float64Array.from(left, (sample, i) => (sample + right[i]!) / 2);
	for (let pass = 0; pass < 2; pass++) {
		if (fromHz > 0) band = biquad(band, passFilter('high', fromHz, sampleRate));
		if (toHz < sampleRate / 2) band = biquad(band, passFilter('low', toHz, sampleRate));
	}
	const power = band.reduce((sum, sample) => sum + sample * sample, 0) / band.length;
	return 10 * Math.log10(power + 1e-20);
}

function passFilter(kind: 'high' | 'low', hz: number, sampleRate: number): Coefficients {
	const k = Math.tan((Math.PI * hz) / sampleRate);
	const a0 = 1 + Math.SQRT2 * k + k * k;
	const a1 = (2 * (k * k - 1)) / a0;
	const a2 = (1 - Math.SQRT2 * k + k * k) / a0;
	if (kind === 'low') return [(k * k) / a0, (2 * k * k) / a0, (k * k) / a0, a1, a2];
	return [1 / a0, -2 / a0, 1 / a0, a1, a2];
}

/** When the signal first exceeds `threshold` at or after `from` (seconds), or NaN. */
export function onsetAfter(
	{ left, right, sampleRate }: Stereo,
	from: number,
	threshold: number
): number {
	for (let i = Math.max(0, Math.floor(from * sampleRate)); i < left.length; i++)
		if (Math.abs(left[i]!) > threshold || Math.abs(right[i]!) > threshold) return i / sampleRate;
	return NaN;
}

/** How alike the sides are: +1 mono, 0 unrelated, -1 opposite. */
export function correlation({ left, right }: Stereo): number {
	let both = 0;
	let first = 0;
	let second = 0;
	for (let i = 0; i < left.length; i++) {
		both += left[i]! * right[i]!;
		first += left[i]! ** 2;
		second += right[i]! ** 2;
	}
	return both / Math.sqrt(first * second + 1e-20);
}
