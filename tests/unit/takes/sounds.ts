/** Sounds and bars that are known, for ears to be tried on. */
import { encodeBar } from '../../../src/lib/music/bars';
import { takeBars, type TakeBar } from '../../../takes/take';

export const RATE = 24_000;

export interface SawNote {
	/** seconds */
	from: number;
	seconds: number;
	hz: number;
	/** seconds until a third is left; default 0.06, a plucked sound */
	decay?: number;
}

/** Decaying sawtooth notes with an attack of half a millisecond, on a floor of faint noise. */
export function sawtooth(seconds: number, notes: readonly SawNote[]): Float32Array {
	const samples = new Float32Array(Math.round(seconds * RATE));
	let noise = 1;
	for (let i = 0; i < samples.length; i++) {
		noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
		samples[i] = 1e-5 * (noise / 2 ** 31 - 1);
	}
	for (const { from, seconds: length, hz, decay = 0.06 } of notes) {
		const first = Math.round(from * RATE);
		for (let i = 0; i < length * RATE && first + i < samples.length; i++) {
			const time = i / RATE;
			const gain = 0.25 * Math.min(1, time / 0.0005) * Math.exp(-time / decay);
			const release = Math.min(1, (length - time) / 0.005);
			samples[first + i]! += gain * release * (2 * ((time * hz) % 1) - 1);
		}
	}
	return samples;
}

/** A bar in A minor whose second half has a bass note and a chord; the bass may be any pitch. */
export function barOf(bass: number, chord: readonly number[]): TakeBar {
	const half = 10; // 24 steps, index of DURATIONS
	const note = (pitch: number) => ({
		position: 24,
		pitch,
		velocity: 6,
		duration: half,
		slide: false
	});
	const tokens = encodeBar({
		controls: { style: 0, section: 2, energy: 5, tempo: 11, key: 9, mode: 1 },
		parts: [
			{ track: 'bass', density: 1, hits: [], notes: [note(bass)] },
			{ track: 'chords', density: 1, hits: [], notes: chord.map(note) }
		]
	});
	return takeBars([tokens])[0]!;
}
