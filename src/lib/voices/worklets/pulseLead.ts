/**
 * A pulse lead: two band-limited pulses, slightly apart in pitch and slowly changing their width, through a resonant low-pass
 * whose cutoff an envelope opens. The filter is the trapezoidal state-variable filter (A. Simper, "Solving the continuous SVF
 * equations", 2013), stable at every setting. Knobs: pulseCutoff (Hz), pulseResonance (%), pulseWidth (%), pulseDetune
 * (cents), pulseRelease (ms).
 */
import { BlepOscillator } from './blepOscillator';
import { Envelope } from './envelope';
import { Knobs } from './knobs';
import { followerRate } from './noteMachine';
import { PolyVoice, type Speaker } from './polyVoice';

const SPEAKERS = 4;
const WIDTH_HZ = 0.37;
const SWEEP_OCTAVES = 2.2;
const GLIDE_TIME_CONSTANT = 0.013;

const RANGES = {
	pulseCutoff: { min: 100, max: 12_000, standard: 1800 },
	pulseResonance: { min: 0, max: 100, standard: 30 },
	pulseWidth: { min: 5, max: 50, standard: 32 },
	pulseDetune: { min: 0, max: 50, standard: 9 },
	pulseRelease: { min: 20, max: 2000, standard: 160 }
};
const [CUTOFF, RESONANCE, WIDTH, DETUNE, RELEASE] = [0, 1, 2, 3, 4] as const;

class PulseSpeaker implements Speaker {
	private readonly sampleRate: number;
	private readonly knobs: Knobs<keyof typeof RANGES>;
	private readonly oscillators = [new BlepOscillator(), new BlepOscillator()] as const;
	private readonly amp: Envelope;
	private readonly sweep: Envelope;
	private readonly glideRate: number;
	private frequencyHz = 440;
	private targetHz = 440;
	private widthPhase = 0;
	private gain = 0;
	private openness = 0;
	private first = 0;
	private second = 0;

	constructor(sampleRate: number, knobs: Knobs<keyof typeof RANGES>, index: number) {
		this.sampleRate = sampleRate;
		this.knobs = knobs;
		this.amp = new Envelope(sampleRate);
		this.sweep = new Envelope(sampleRate);
		this.glideRate = followerRate(GLIDE_TIME_CONSTANT, sampleRate);
		this.widthPhase = index / SPEAKERS;
	}

	get level(): number {
		return this.amp.value;
	}

	start(frequencyHz: number, velocity: number, accent: boolean): void {
		if (this.level === 0) this.rest();
		this.frequencyHz = this.targetHz = frequencyHz;
		this.gain = 0.44 * (0.4 + 0.6 * velocity) * (accent ? 1.2 : 1);
		this.openness = (0.4 + 0.6 * velocity) * (accent ? 1.3 : 1);
		this.amp.attack(0.004, 0.5, 0.7);
		this.sweep.attack(0.004, 0.28, 0.25);
	}

	glide(frequencyHz: number): void {
		this.targetHz = frequencyHz;
	}

	release(): void {
		this.amp.release(this.knobs.at(RELEASE) / 1000);
	}

	stop(): void {
		this.amp.stop();
		this.sweep.stop();
		this.rest();
	}

	next(): number {
		const { knobs, sampleRate } = this;
		this.frequencyHz += (this.targetHz - this.frequencyHz) * this.glideRate;
		this.widthPhase = (this.widthPhase + WIDTH_HZ / sampleRate) % 1;
		const width = knobs.at(WIDTH) / 100;
		const duty = Math.max(0.05, width + 0.12 * width * Math.sin(2 * Math.PI * this.widthPhase));
		const apart = Math.pow(2, knobs.at(DETUNE) / 2400);
		const low = Math.min(0.24, this.frequencyHz / apart / sampleRate);
		const high = Math.min(0.24, (this.frequencyHz * apart) / sampleRate);
		this.oscillators[0].advance(low);
		this.oscillators[1].advance(high);
		// A pulse of width d has the mean 2d - 1: taken off, or a change of width would thump.
		const wave =
			0.5 * (this.oscillators[0].pulse(low, duty) + this.oscillators[1].pulse(high, duty)) -
			(2 * duty - 1);
		const octaves = SWEEP_OCTAVES * this.openness * this.sweep.next();
		const cutoffHz = Math.min(0.45 * sampleRate, knobs.at(CUTOFF) * Math.pow(2, octaves - 1));
		return this.gain * this.amp.next() * this.filtered(wave, cutoffHz);
	}

	private filtered(input: number, cutoffHz: number): number {
		const g = Math.tan((Math.PI * cutoffHz) / this.sampleRate);
		const damping = 2 - 1.85 * (this.knobs.at(RESONANCE) / 100);
		const a = 1 / (1 + g * (g + damping));
		const difference = input - this.second;
		const band = a * this.first + g * a * difference;
		const low = this.second + g * band;
		this.first = 2 * band - this.first;
		this.second = 2 * low - this.second;
		return low;
	}

	private rest(): void {
		this.first = this.second = 0;
		this.oscillators[0].reset(0);
		this.oscillators[1].reset(0.31);
	}
}

/** The pulse lead at a sample rate, four notes at once. */
export function createPulseLead(sampleRate: number): PolyVoice {
	const knobs = new Knobs(sampleRate, RANGES);
	const speakers = Array.from(
		{ length: SPEAKERS },
		(_, i) => new PulseSpeaker(sampleRate, knobs, i)
	);
	return new PolyVoice(sampleRate, speakers, knobs);
}
