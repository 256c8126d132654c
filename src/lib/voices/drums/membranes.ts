/**
 * Toms, congas and bongo: a drum skin as a falling sine with its second mode (ratio 1.59 of a circular membrane) and the
 * noise of the stroke.
 */
import { createFilter, createNoise, decay, type DrumSettings, normalised, render } from './sound';

interface Membrane {
	frequencyHz: number;
	/** time constant of the fundamental, seconds */
	ring: number;
	/** how far the pitch falls, as a share of the fundamental */
	bend: number;
	/** noise of the stroke, 0..1 */
	stroke: number;
	/** strength of the second mode, 0..1 */
	overtone: number;
}

const MEMBRANES = {
	'floor tom': { frequencyHz: 74, ring: 0.17, bend: 0.75, stroke: 0.2, overtone: 0.15 },
	'low tom': { frequencyHz: 98, ring: 0.15, bend: 0.7, stroke: 0.2, overtone: 0.15 },
	'mid tom': { frequencyHz: 138, ring: 0.13, bend: 0.65, stroke: 0.2, overtone: 0.15 },
	'high tom': { frequencyHz: 190, ring: 0.11, bend: 0.6, stroke: 0.2, overtone: 0.15 },
	'low conga': { frequencyHz: 168, ring: 0.12, bend: 0.08, stroke: 0.3, overtone: 0.3 },
	'open conga': { frequencyHz: 226, ring: 0.11, bend: 0.08, stroke: 0.3, overtone: 0.3 },
	'mute conga': { frequencyHz: 262, ring: 0.028, bend: 0.1, stroke: 0.5, overtone: 0.35 },
	bongo: { frequencyHz: 415, ring: 0.06, bend: 0.1, stroke: 0.4, overtone: 0.35 }
} as const satisfies Record<string, Membrane>;

export type MembraneName = keyof typeof MEMBRANES;

export function renderMembrane(
	name: MembraneName,
	{ sampleRate, velocity }: DrumSettings
): Float32Array<ArrayBuffer> {
	const { frequencyHz, ring, bend, stroke, overtone }: Membrane = MEMBRANES[name];
	const noise = createNoise(frequencyHz);
	const skin = createFilter('lowpass', 1200 + 4500 * velocity, 0.7, sampleRate);
	let phase = 0;
	const samples = render(sampleRate, Math.min(1.2, 0.03 + 6.5 * ring), (time) => {
		const fall = 1 + bend * (0.5 + 0.5 * velocity) * decay(time, 0.028);
		phase += (frequencyHz * fall) / sampleRate;
		const fundamental = Math.sin(2 * Math.PI * phase) * decay(time, ring);
		const second =
			overtone * velocity * Math.sin(2 * Math.PI * 1.59 * phase) * decay(time, 0.4 * ring);
		const hit = stroke * velocity * skin(noise()) * decay(time, 0.009);
		return Math.tanh(1.25 * (fundamental + second + 1.4 * hit));
	});
	return normalised(samples, 0.9);
}
