import { describe, expect, test } from 'vitest';
import { DiodeLadder } from '../../../src/lib/voices/worklets/diodeLadder';

const RATE = 96_000;

function impulseResponse(cutoffHz: number, feedback: number, length: number): Float64Array {
	const ladder = new DiodeLadder(RATE);
	ladder.tune(cutoffHz);
	return Float64Array.from(
		{ length },
		(_, i) => ladder.process(i === 0 ? 1e-4 : 0, feedback) * 1e4
	);
}

/** Gain of a response at a frequency, dB. */
function gainAt(response: Float64Array, hz: number): number {
	let re = 0;
	let im = 0;
	response.forEach((sample, i) => {
		re += sample * Math.cos((2 * Math.PI * hz * i) / RATE);
		im -= sample * Math.sin((2 * Math.PI * hz * i) / RATE);
	});
	return 10 * Math.log10(re * re + im * im);
}

/**
 * The circuit: open loop 2 / (s^4 + 8 s^3 + 20 s^2 + 16 s + 2) with s in units of the circuit rate a, where the peak lies at
 * sqrt(2) a; closed through the gain k and a first-order high-pass at 150 Hz.
 */
function circuitGain(cutoffHz: number, feedback: number, hz: number): number {
	const w = (Math.SQRT2 * hz) / cutoffHz;
	const re = w ** 4 - 20 * w ** 2 + 2;
	const im = -8 * w ** 3 + 16 * w;
	const norm = re * re + im * im;
	const h: [number, number] = [(2 * re) / norm, (-2 * im) / norm];
	const x = hz / 150;
	const high: [number, number] = [(x * x) / (1 + x * x), x / (1 + x * x)];
	const loop: [number, number] = [
		1 + feedback * (h[0] * high[0] - h[1] * high[1]),
		feedback * (h[0] * high[1] + h[1] * high[0])
	];
	return 10 * Math.log10((h[0] ** 2 + h[1] ** 2) / (loop[0] ** 2 + loop[1] ** 2));
}

describe('the diode ladder', () => {
	test.each([0, 6, 12])('follows the transfer function of the circuit at loop gain %i', (k) => {
		const response = impulseResponse(1000, k, 32_768);
		for (const hz of [60, 150, 400, 800, 1000, 1200, 2000, 4000])
			expect(Math.abs(gainAt(response, hz) - circuitGain(1000, k, hz))).toBeLessThan(0.3);
	});

	test('falls by 18 dB an octave just above the cutoff, and towards 24 far above', () => {
		const response = impulseResponse(500, 0, 32_768);
		const near = gainAt(response, 800) - gainAt(response, 1600);
		const far = gainAt(response, 6000) - gainAt(response, 12_000);
		expect(near).toBeGreaterThan(13);
		expect(near).toBeLessThan(20);
		expect(far).toBeGreaterThan(20);
		expect(far).toBeLessThan(26);
	});

	test.each([60, 200, 520, 1500, 5000, 16_000])(
		'never whistles: at %i Hz and full resonance a pulse dies away',
		(cutoff) => {
			const ladder = new DiodeLadder(RATE);
			ladder.tune(cutoff);
			let early = 0;
			let late = 0;
			for (let i = 0; i < 2 * RATE; i++) {
				const y = Math.abs(ladder.process(i < 100 ? 1 : 0, 16.5));
				if (i < RATE / 4) early = Math.max(early, y);
				if (i > 1.75 * RATE) late = Math.max(late, y);
			}
			expect(late).toBeLessThan(early * 1e-5);
		}
	);
});
