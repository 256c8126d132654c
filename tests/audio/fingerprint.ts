/**
 * What a sound is known by: the level in bands of two thirds of an octave, moment by moment, in dB below its loudest cell.
 * The cells are wide, so that rounding and the beating of partials hardly move them, while a turned knob does.
 */
import { powerSpectrum } from '../unit/voices/spectrum';
import type { Stereo } from './measure';

const LOWEST_HZ = 32;
const BANDS = 14;
const BAND_RATIO = Math.pow(2, 2 / 3);
/** 85 ms at 48 kHz */
const MOMENT_FRAMES = 4096;
/** What lies further below the loudest cell is not heard beside it. */
export const FLOOR_DB = -50;

export interface Fingerprint {
	/** RMS of the whole, dBFS */
	level: number;
	/** [moment][band] dB, 0 for the loudest cell, not below FLOOR_DB */
	cells: number[][];
}

/** The fingerprint of both sides summed. */
export function fingerprintOf({ left, right, sampleRate }: Stereo): Fingerprint {
	const mono = left.map((sample, i) => (sample + right[i]!) / 2);
	const powers: number[][] = [];
	for (let start = 0; start + MOMENT_FRAMES <= mono.length; start += MOMENT_FRAMES) {
		const bands = new Array<number>(BANDS).fill(0);
		powerSpectrum(mono, start, MOMENT_FRAMES).forEach((power, bin) => {
			const hz = (bin * sampleRate) / MOMENT_FRAMES;
			const band = Math.floor(Math.log(hz / LOWEST_HZ) / Math.log(BAND_RATIO));
			if (band >= 0 && band < BANDS) bands[band]! += power;
		});
		powers.push(bands);
	}
	const loudest = Math.max(...powers.flat(), 1e-20);
	const square = mono.reduce((sum, sample) => sum + sample * sample, 0) / mono.length;
	return {
		level: rounded(10 * Math.log10(square + 1e-20)),
		cells: powers.map((bands) =>
			bands.map((power) => rounded(Math.max(FLOOR_DB, 10 * Math.log10(power / loudest + 1e-20))))
		)
	};
}

/** How far two sounds lie apart, dB: their level, the mean over the cells that are heard in either, and the worst of them. */
export function apart(
	a: Fingerprint,
	b: Fingerprint
): { level: number; mean: number; worst: number } {
	const differences = a.cells.flatMap((bands, moment) =>
		bands.flatMap((cell, band) => {
			const other = b.cells[moment]?.[band] ?? FLOOR_DB;
			return Math.max(cell, other) > FLOOR_DB ? Math.abs(cell - other) : [];
		})
	);
	return {
		level: Math.abs(a.level - b.level),
		mean: differences.reduce((sum, each) => sum + each, 0) / differences.length,
		worst: Math.max(...differences)
	};
}

function rounded(decibels: number): number {
	return Math.round(decibels * 10) / 10;
}
