/**
 * An additive organ: nine drawbars as sine partials, a click of the contacts, percussion on the third partial, and a tremulant.
 * The standing registration is the drawbar table of the weight-DNA piece (1, .5, .3, .15, .08, .04, .02 for partials 1 to
 * 7); the drawbars knob closes the upper ones or opens them up. Knobs: drawbars (%), percussion (%), tremulant (%).
 */
import { Envelope } from './envelope';
import { Knobs } from './knobs';
import { followerRate } from './noteMachine';
import { PolyVoice, type Speaker } from './polyVoice';

const SPEAKERS = 8;
const PARTIALS = [1, 2, 3, 4, 5, 6, 7, 8];
const REGISTRATION = [1, 0.5, 0.3, 0.15, 0.08, 0.04, 0.02, 0.01];
const TREMULANT_HZ = 6.2;
const ATTACK_SECONDS = 0.012;
const RELEASE_SECONDS = 0.05;
const PERCUSSION_SECONDS = 0.3;
const GLIDE_TIME_CONSTANT = 0.02;

const RANGES = {
	drawbars: { min: 0, max: 100, standard: 50 },
	percussion: { min: 0, max: 100, standard: 25 },
	tremulant: { min: 0, max: 100, standard: 30 }
};
const [DRAWBARS, PERCUSSION, TREMULANT] = [0, 1, 2] as const;

class Pipes implements Speaker {
	private readonly sampleRate: number;
	private readonly knobs: Knobs<keyof typeof RANGES>;
	private readonly amp: Envelope;
	private readonly strike: Envelope;
	private readonly glideRate: number;
	private frequencyHz = 220;
	private targetHz = 220;
	private phase = 0;
	private tremulant = 0;
	private gain = 0;

	constructor(sampleRate: number, knobs: Knobs<keyof typeof RANGES>) {
		this.sampleRate = sampleRate;
		this.knobs = knobs;
		this.amp = new Envelope(sampleRate);
		this.strike = new Envelope(sampleRate);
		this.glideRate = followerRate(GLIDE_TIME_CONSTANT, sampleRate);
	}

	get level(): number {
		return this.amp.value;
	}

	start(frequencyHz: number, velocity: number, accent: boolean): void {
		if (this.level === 0) this.phase = 0;
		this.frequencyHz = this.targetHz = frequencyHz;
		this.gain = 0.12 * (0.7 + 0.3 * velocity) * (accent ? 1.15 : 1);
		this.amp.attack(ATTACK_SECONDS, 1, 1);
		this.strike.attack(0.002, PERCUSSION_SECONDS, 0);
	}

	glide(frequencyHz: number): void {
		this.targetHz = frequencyHz;
	}

	release(): void {
		this.amp.release(RELEASE_SECONDS);
	}

	stop(): void {
		this.amp.stop();
		this.strike.stop();
	}

	next(): number {
		const { knobs, sampleRate } = this;
		this.frequencyHz += (this.targetHz - this.frequencyHz) * this.glideRate;
		this.tremulant = (this.tremulant + TREMULANT_HZ / sampleRate) % 1;
		const sway = Math.sin(2 * Math.PI * this.tremulant) * 0.01 * knobs.at(TREMULANT);
		const increment = (this.frequencyHz * (1 + 0.006 * sway)) / sampleRate;
		this.phase = (this.phase + increment) % 1;
		// A knob at half leaves the table; turned down each partial falls by 2^-n more, up it rises.
		const tilt = Math.pow(2, (knobs.at(DRAWBARS) - 50) / 25);
		const struck = this.strike.next() * 0.01 * knobs.at(PERCUSSION);
		let sum = 0;
		let openness = 1;
		for (let i = 0; i < PARTIALS.length; i++) {
			const partial = PARTIALS[i]!;
			if (partial * increment > 0.45) break;
			let weight = Math.min(1, REGISTRATION[i]! * openness);
			if (partial === 3) weight += struck;
			sum += weight * Math.sin(2 * Math.PI * partial * this.phase);
			openness *= tilt;
		}
		return this.gain * this.amp.next() * (1 + 0.18 * sway) * sum;
	}
}

/** The organ at a sample rate, eight keys at once. */
export function createOrgan(sampleRate: number): PolyVoice {
	const knobs = new Knobs(sampleRate, RANGES);
	const speakers = Array.from({ length: SPEAKERS }, () => new Pipes(sampleRate, knobs));
	return new PolyVoice(sampleRate, speakers, knobs);
}
